"""An advisory as plain text: the same words for the clear-signed file and for the mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters
from cert_portal.core.tlp import TLP
from cert_portal.publishing.content import Content
from cert_portal.publishing.models import RiskLevel

LEVELS: Mapping[Language, Mapping[int, str]] = {
    Language.EN: {
        RiskLevel.LOW: "Low",
        RiskLevel.MEDIUM: "Medium",
        RiskLevel.HIGH: "High",
        RiskLevel.EXTREME: "Extremely high",
    },
    Language.ZH_HANT: {
        RiskLevel.LOW: "低度",
        RiskLevel.MEDIUM: "中度",
        RiskLevel.HIGH: "高度",
        RiskLevel.EXTREME: "極高度",
    },
}
"""Words that are signed, so they stand here and not in the catalogue: a later translation must not change them."""

CHANGES: Mapping[Language, Mapping[str, str]] = {
    Language.EN: {"new": "new", "update": "updated", "withdrawal": "withdrawn"},
    Language.ZH_HANT: {"new": "新公告", "update": "更新", "withdrawal": "撤回"},
}


def moment(at: datetime, language: Language) -> str:
    """A time in the portal's time zone, with its name: `4 May 2026 10:00 (HKT)`."""
    local = at.astimezone(current().zone)
    if language is Language.ZH_HANT:
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（{local.tzname()}）"
    return f"{local.day} {local:%B %Y %H:%M} ({local.tzname()})"


def day(at: datetime, language: Language) -> str:
    """The date of a moment in the portal's time zone."""
    local = at.astimezone(current().zone)
    return (
        f"{local.year}年{local.month}月{local.day}日" if language is Language.ZH_HANT else f"{local.day} {local:%B %Y}"
    )


def render(
    public_id: str, version: int, change: str, content: Content, language: Language, issued: datetime, first: datetime
) -> tuple[str, str]:
    """Subject and text of a version in one language."""
    words = content[language]
    facts = {
        **{name: getattr(words, name) for name in words.__dataclass_fields__},
        "public_id": public_id,
        "version": version,
        "withdrawal": change == "withdrawal",
        "exploited": content.exploited,
        "proof_of_concept": content.proof_of_concept,
        "products": content.products,
        "vulnerabilities": content.vulnerabilities,
        "references": content.references,
        "change_word": CHANGES[language][change],
        "level": LEVELS[language][content.level],
        "issued": moment(issued, language),
        "first_issued": moment(first, language),
        "tlp": TLP.CLEAR,
    }
    subject, text = letters.render("advisory", language, facts)
    return subject, re.sub(r"(?<![ \t])[ \t]+\n", "\n", re.sub(r"\n{3,}", "\n\n", text))
