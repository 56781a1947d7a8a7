"""What an advisory says, in both languages: typed, complete before it may be read by a second person, hashed.

The questions are those that readers ask: what is going on, who is affected, what to do now, what if one cannot patch,
how to notice an attack (domain.md 2.3).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cvss import CVSS3
from cvss.exceptions import CVSS3Error

from cert_portal.core.i18n import Language
from cert_portal.core.text import clean

TITLE, PART, ROWS = 200, 10_000, 200
CVE = re.compile(r"CVE-\d{4}-\d{4,}")


@dataclass(frozen=True)
class Words:
    """The words of one language; paragraphs and lists in Markdown, never HTML."""

    title: str = ""
    summary: str = ""
    going_on: str = ""
    affected: str = ""
    to_do: str = ""
    workaround: str = ""
    signs: str = ""
    changed: str = ""


NEEDED = ("title", "summary", "going_on", "affected", "to_do")
"""Parts that no language may lack; `changed` is needed from the second version on."""


@dataclass(frozen=True)
class Product:
    """One line of the table of what is affected and what is not any more."""

    vendor: str
    name: str
    affected: str
    fixed: str = ""

    @property
    def called(self) -> str:
        """Vendor and product; the vendor once only where the name of the product begins with it."""
        return self.name if f"{self.name} ".startswith(f"{self.vendor} ") else f"{self.vendor} {self.name}"


@dataclass(frozen=True)
class Vulnerability:
    """A CVE number and, where known, its CVSS 3.x vector."""

    cve: str
    vector: str = ""

    @property
    def score(self) -> float | None:
        """Base score of the vector."""
        return float(CVSS3(self.vector).scores()[0]) if self.vector else None


@dataclass(frozen=True)
class Content:
    """All that one version says."""

    level: int = 2
    exploited: bool = False
    proof_of_concept: bool = False
    products: tuple[Product, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()
    references: tuple[str, ...] = ()
    words: dict[str, Words] = field(default_factory=lambda: {language.value: Words() for language in Language})

    def __getitem__(self, language: Language) -> Words:
        return self.words[language.value]

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Content:
        """As it was stored."""
        return cls(
            **{name: told[name] for name in ("level", "exploited", "proof_of_concept")},
            products=tuple(Product(**each) for each in told["products"]),
            vulnerabilities=tuple(Vulnerability(**each) for each in told["vulnerabilities"]),
            references=tuple(told["references"]),
            words={language.value: Words(**told["words"][language.value]) for language in Language},
        )


class ContentRefused(Exception):
    """Something that was typed cannot stand; `field` says where, `reason` is a code, `line` counts from 1."""

    def __init__(self, name: str, reason: str, line: int = 0) -> None:
        super().__init__(f"{name}: {reason}")
        self.field, self.reason, self.line = name, reason, line


def digest(content: Content) -> str:
    """What the second reader approves: a change of one character gives another."""
    return hashlib.sha256(json.dumps(content.as_json(), sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()


def missing(content: Content, version: int) -> list[tuple[str, str]]:
    """What still lacks before anybody else may read it: language and part ("" for what has no language)."""
    needed = (*NEEDED, "changed") if version > 1 else NEEDED
    found = [(language.value, name) for language in Language for name in needed if not getattr(content[language], name)]
    found += [("", "references")] if not content.references else []
    return found + ([("", "products")] if content.vulnerabilities and not content.products else [])


def read_words(told: dict[str, str]) -> Words:
    """The words of one language as typed. Raises ContentRefused: too_long."""
    plain = {name: clean(told.get(name, "")).strip() for name in Words.__dataclass_fields__}
    for name, value in plain.items():
        if len(value) > (TITLE if name == "title" else PART):
            raise ContentRefused(name, "too_long")
    return Words(**{**plain, "title": " ".join(plain["title"].split())})


def read_products(text: str) -> tuple[Product, ...]:
    """Lines of the form `vendor; product; affected versions; fixed version`; affected `*` means all versions.

    Raises ContentRefused: bad_line.
    """
    return tuple(_product(number, line) for number, line in _lines("products", text))


def _product(number: int, line: str) -> Product:
    parts = [part.strip() for part in line.replace("；", ";").split(";")]
    if len(parts) not in (3, 4) or not all(parts[:3]) or max(map(len, parts)) > TITLE:
        raise ContentRefused("products", "bad_line", number)
    return Product(*parts)


def read_vulnerabilities(text: str) -> tuple[Vulnerability, ...]:
    """Lines of the form `CVE-2026-12345; CVSS:3.1/…`, the vector optional. Raises ContentRefused: bad_line, twice."""
    found = [_vulnerability(number, line) for number, line in _lines("vulnerabilities", text)]
    if len({each.cve for each in found}) < len(found):
        raise ContentRefused("vulnerabilities", "twice")
    return tuple(found)


def _vulnerability(number: int, line: str) -> Vulnerability:
    cve, _semicolon, vector = (part.strip() for part in line.replace("；", ";").partition(";"))
    if not CVE.fullmatch(cve.upper()):
        raise ContentRefused("vulnerabilities", "bad_line", number)
    try:
        return Vulnerability(cve.upper(), CVSS3(vector).clean_vector() if vector else "")
    except CVSS3Error as error:
        raise ContentRefused("vulnerabilities", "bad_line", number) from error


def read_references(text: str) -> tuple[str, ...]:
    """One address on each line; only http and https. Raises ContentRefused: bad_line."""
    return tuple(dict.fromkeys(_reference(number, line) for number, line in _lines("references", text)))


def _reference(number: int, line: str) -> str:
    try:
        url = urlsplit(line)
        is_good = url.scheme in ("http", "https") and bool(url.hostname) and " " not in line and len(line) < 2000
    except ValueError:
        is_good = False
    if not is_good:
        raise ContentRefused("references", "bad_line", number)
    return line


def _lines(name: str, text: str) -> list[tuple[int, str]]:
    found = [(number, line.strip()) for number, line in enumerate(clean(text).splitlines(), start=1) if line.strip()]
    if len(found) > ROWS:
        raise ContentRefused(name, "too_many")
    return found
