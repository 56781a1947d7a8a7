"""What to do now and whom else to tell, before any long question is asked (000-14 to 000-29, 000-63 to 000-66).

The words are data in ``advisories/guides``: a deployment edits them there, in both languages.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cert_portal.core.i18n import Language
from cert_portal.core.prose import closed_up, to_html
from cert_portal.guidance.kinds import GUIDES, by_code

MARKUP = re.compile(r"^#+ |\*\*", re.MULTILINE)


class UnknownBody(LookupError):
    """A body was named that ``who_to_tell.toml`` does not hold."""


@dataclass(frozen=True)
class Telephone:
    """A number to call, and what answers there."""

    number: str
    label: str


@dataclass(frozen=True)
class Body:
    """Somebody to tell, in the reader's language. ``link`` is empty where each reader's own differs (bank, ISP)."""

    code: str
    name: str
    when: str
    link: str
    telephones: tuple[Telephone, ...]


@cache
def advice(kind_code: str, language: Language) -> str:
    """The advice for one kind of incident, as Markdown; `UnknownKind` for a code that is not in the list."""
    file = GUIDES / "advice" / f"{by_code(kind_code).code}.{language}.md"
    return file.read_text(encoding="utf-8")


@cache
def advice_html(kind_code: str, language: Language) -> str:
    """The advice as HTML that is safe to print unescaped."""
    return to_html(advice(kind_code, language))


@cache
def advice_text(kind_code: str, language: Language) -> str:
    """The advice for a letter: numbers and dashes stay, markup goes."""
    return closed_up(MARKUP.sub("", advice(kind_code, language)).strip())


def who_to_tell(codes: Iterable[str], language: Language) -> tuple[Body, ...]:
    """The bodies of these codes, in the order asked; `UnknownBody` for a code that is not in the file."""
    return tuple(_body(code, language) for code in codes)


@cache
def _bodies() -> dict[str, Any]:
    return tomllib.loads((GUIDES / "who_to_tell.toml").read_text(encoding="utf-8"))


def _body(code: str, language: Language) -> Body:
    if code not in _bodies():
        raise UnknownBody(code)
    row = _bodies()[code]
    return Body(
        code=code,
        name=row["name"][language],
        when=row["when"][language],
        link=row["link"][language],
        telephones=tuple(Telephone(each["number"], each["label"][language]) for each in row["telephones"]),
    )
