"""Forms of the editors: both languages side by side; what was typed is kept whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cert_portal.core.i18n import Language
from cert_portal.publishing import content as reading
from cert_portal.publishing.content import Content, ContentRefused, Words
from cert_portal.publishing.models import RiskLevel

TEXTS = tuple(Words.__dataclass_fields__)
LINES = ("products", "vulnerabilities", "references")


@dataclass
class AdvisoryForm:
    """What stands in the boxes, by name: `title_en`, `title_zh-hant`, …, `products`, `level`, `exploited`."""

    boxes: dict[str, str]
    wrong: list[ContentRefused] = field(default_factory=list)

    @classmethod
    def of(cls, content: Content) -> AdvisoryForm:
        """The boxes of stored content."""
        boxes = {
            f"{name}_{language.value}": getattr(content[language], name) for name in TEXTS for language in Language
        }
        products = ("; ".join(filter(None, (p.vendor, p.name, p.affected, p.fixed))) for p in content.products)
        found = ("; ".join(filter(None, (v.cve, v.vector))) for v in content.vulnerabilities)
        boxes |= {
            "products": "\n".join(products),
            "vulnerabilities": "\n".join(found),
            "references": "\n".join(content.references),
            "level": str(content.level),
            "exploited": "y" if content.exploited else "",
            "proof_of_concept": "y" if content.proof_of_concept else "",
        }
        return cls(boxes)

    @classmethod
    def posted(cls, told: Mapping[str, str]) -> AdvisoryForm:
        """The boxes as a browser sent them."""
        names = [f"{name}_{language.value}" for name in TEXTS for language in Language]
        return cls({name: told.get(name, "") for name in (*names, *LINES, "level", "exploited", "proof_of_concept")})

    def content(self) -> Content | None:
        """What the boxes say; None when something cannot stand, then `wrong` names all of it."""
        words = {language.value: self._words(language) for language in Language}
        level = self.boxes["level"]
        lines = {name: self._lines(name) for name in LINES}
        if self.wrong:
            return None
        return Content(
            level=int(level) if level in {str(each.value) for each in RiskLevel} else RiskLevel.MEDIUM,
            exploited=bool(self.boxes["exploited"]),
            proof_of_concept=bool(self.boxes["proof_of_concept"]),
            words=words,
            **lines,  # type: ignore[arg-type]  # each reader answers its own kind
        )

    def _words(self, language: Language) -> Words:
        told = {name: self.boxes[f"{name}_{language.value}"] for name in TEXTS}
        try:
            return reading.read_words(told)
        except ContentRefused as error:
            self.wrong.append(ContentRefused(f"{error.field}_{language.value}", error.reason))
            return Words()

    def _lines(self, name: str) -> object:
        try:
            return getattr(reading, f"read_{name}")(self.boxes[name])
        except ContentRefused as error:
            self.wrong.append(error)
            return ()
