"""The one list of kinds of incident, read from ``advisories/guides/kinds.toml``.

Public words stand beside four other axes, so that a report is asked about once and counted everywhere:
the form of 000-50, the seven classes of 003-01, the origins of 004-18 and the RSIT of ENISA and TF-CSIRT.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from cert_portal.core.i18n import Language
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf

UNSETTLED = "not_sure"
"""What is no kind yet: nobody could name it."""
NEEDED = ("other", UNSETTLED)
"""Kinds that are always offered: whoever finds no other must be able to go on."""
GUIDES = Path(__file__).parents[2] / "advisories" / "guides"


class UnknownKind(LookupError):
    """A kind was named that is not in the list."""


class Category(StrEnum):
    """The seven categories of the incident form (000-50)."""

    DDOS = "ddos"
    NETWORK_INTRUSION = "network_intrusion"
    MALWARE = "malware"
    PHISHING = "phishing"
    RANSOMWARE = "ransomware"
    WEB_DEFACEMENT = "web_defacement"
    OTHER = "other"


class EventClass(IntEnum):
    """The seven classes of event (003-01)."""

    HARMFUL_PROGRAM = 1
    NETWORK_ATTACK = 2
    INFORMATION_DAMAGE = 3
    HARMFUL_CONTENT = 4
    EQUIPMENT_FAULT = 5
    DISASTER = 6
    OTHER = 7


class Origin(StrEnum):
    """Where the trouble came from (004-18); ``none`` where the procedure has no class for it."""

    INTERNAL = "internal"
    EXTERNAL_VIRUS = "external_virus"
    EXTERNAL_HACKER = "external_hacker"
    EXTERNAL_INTRUSION = "external_intrusion"
    DISASTER = "disaster"
    NONE = "none"


@dataclass(frozen=True)
class Kind:
    """One kind of incident. The mappings are first guesses that an analyst may correct on the case.

    ``rsit`` holds ``class/type`` strings, the likeliest first. ``trackable`` marks the kinds whose cure can be
    watched from outside, which have their own service target. ``tell`` holds codes for `advice.who_to_tell`.
    """

    code: str
    names: Mapping[Language, str]
    hints: Mapping[Language, str]
    category_000: Category
    class_003: EventClass
    origin_004: Origin
    rsit: tuple[str, ...]
    trackable: bool
    tell: tuple[str, ...]

    def name(self, language: Language) -> str:
        """What the kind is called on a page or in a letter."""
        return wordbook.of(Shelf.KIND, self.code).name(language) or self.names[language]

    def hint(self, language: Language) -> str:
        """What it looks like to somebody who has just met it."""
        return self.hints[language]


@cache
def load(folder: Path = GUIDES) -> tuple[Kind, ...]:
    """All kinds, in the order in which the public is asked. A missing word or wrong mapping is an error."""
    rows = tomllib.loads((folder / "kinds.toml").read_text(encoding="utf-8"))["kind"]
    return tuple(_kind(row) for row in rows)


def ordered() -> list[Kind]:
    """All kinds in the order that the centre chose, each place that it left open as it is shipped."""
    words = wordbook.entries(Shelf.KIND)
    places = {kind.code: place for place, kind in enumerate(load(), start=1)}
    chosen = {code: word.position for code, word in words.items() if word.position is not None}
    return sorted(load(), key=lambda kind: (chosen.get(kind.code, places[kind.code]), places[kind.code]))


def offered() -> list[Kind]:
    """The kinds that a new report may choose, in order. Hidden ones stay valid where they stand already."""
    words = wordbook.entries(Shelf.KIND)
    return [kind for kind in ordered() if kind.code in NEEDED or not words.get(kind.code, wordbook.SHIPPED).retired]


def by_code(code: str) -> Kind:
    """The kind of that code, or `UnknownKind`."""
    for kind in load():
        if kind.code == code:
            return kind
    raise UnknownKind(code)


def named(code: str, language: Language) -> str:
    """What a letter calls this kind; "" while it is not settled."""
    return "" if code == UNSETTLED else by_code(code).name(language)


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(
        code=row["code"],
        names={language: row["name"][language] for language in Language},
        hints={language: row["hint"][language] for language in Language},
        category_000=Category(row["category_000"]),
        class_003=EventClass(row["class_003"]),
        origin_004=Origin(row["origin_004"]),
        rsit=tuple(row["rsit"]),
        trackable=row["trackable"],
        tell=tuple(row["tell"]),
    )
