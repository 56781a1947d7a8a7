"""The file of settings as it is read: which sections and fields it may have, and what a field may hold.

Nothing in it is rounded, guessed, cut or lost without a word. Signs that no text has are left out of all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from cert_portal.cases import tags
from cert_portal.core.mail import exercise
from cert_portal.core.text import clean, is_blank, one_line

FORMAT, VERSION = "cert-portal-settings", 1
LONGEST = 2_000_000
MOST = 5000
Row = Mapping[str, Any]


class ExchangeRefused(Exception):
    """The file cannot be taken; `place` names the section and the number of the entry, such as holidays 3, or is "".

    `reason` is a code, "" where the entry says nothing that can be: unknown_section, unknown_version,
    version_no_number, unknown_field, field (it holds what it cannot hold), twice, no_admin, account, sole_keeper (of
    so many restricted cases), same_word (another one is called so), unknown_fact, open_blank or
    label (of a template). `told` is the name or value that is meant.
    """

    def __init__(self, place: str = "", reason: str = "", told: str = "") -> None:
        super().__init__(place, reason)
        self.place, self.reason, self.told = place, reason, told


def whole(told: str, sections: Collection[str]) -> dict[str, list[Any]]:
    """The sections of a file, each with its entries. Raises ExchangeRefused."""
    try:
        found = json.loads(told[:LONGEST], object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ExchangeRefused from error
    if not isinstance(found, dict) or found.pop("format", "") != FORMAT or len(told) > LONGEST:
        raise ExchangeRefused
    if isinstance(found.get("version", 0), bool | str | list | dict | None):
        raise ExchangeRefused("", "version_no_number")
    if (version := found.pop("version", "–")) != VERSION:
        raise ExchangeRefused("", "unknown_version", str(version)[:40])
    for section, rows in found.items():
        if section not in sections:
            raise ExchangeRefused("", "unknown_section", section[:80])
        if not isinstance(rows, list) or len(rows) > MOST:
            raise ExchangeRefused(section)
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A section or field that stands there twice: the first would be lost without a word."""
    found: dict[str, Any] = {}
    for told, value in pairs:
        name = clean(told)
        if name in found:
            raise ExchangeRefused("", "twice", name[:80])
        found[name] = _cleaned(value)
    return found


def _cleaned(told: Any) -> Any:
    if isinstance(told, list):
        return [_cleaned(each) for each in told]
    return clean(told) if isinstance(told, str) else told


def check_fields(row: Any, fields: Collection[str]) -> None:
    """Whether an entry has no field that nobody reads. Raises ExchangeRefused."""
    if not isinstance(row, dict):
        raise ExchangeRefused
    if unknown := [each for each in row if each not in fields]:
        raise ExchangeRefused("", "unknown_field", unknown[0][:80])


def named(section: str, row: Row, field: str) -> str:
    """What an entry is about, in its one spelling: no two of a section are about the same.

    Raises ExchangeRefused, and ValueError and HandlingRefused for what is no name.
    """
    return _SPELLED.get(section, _plain)(text(row, field))


def _plain(told: str) -> str:
    return one_line(told).casefold()


_SPELLED: Mapping[str, Callable[[str], str]] = {
    "holidays": lambda told: date.fromisoformat(told).isoformat(),
    "tags": tags.spelled,
    "exercise_addresses": exercise.spelled,
    "views": one_line,
}


def text(row: Row, field: str, default: str | None = None) -> str:
    """The text of a field; what is not there is `default`. Null and numbers are no text. Raises ExchangeRefused."""
    told = row.get(field, default)
    if not isinstance(told, str):
        raise wrong(field)
    return told


def line(row: Row, field: str, most: int, default: str | None = None) -> str:
    """A text on one line, of at most so many signs, and not empty where it must be there: signs that show nothing are
    nothing, as in a form. Raises ExchangeRefused.
    """
    told = one_line(text(row, field, default))
    told = "" if is_blank(told) else told
    if len(told) > most or (not told and default is None):
        raise wrong(field)
    return told


def count(row: Row, field: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number, written as one. Raises ExchangeRefused."""
    told = row.get(field, default)
    if type(told) is not int or not least <= told <= most:
        raise wrong(field)
    return told


def share(row: Row, field: str) -> float:
    """A number from nothing to just below one, in whole per cent. Raises ExchangeRefused."""
    told: Any = row.get(field)
    if type(told) not in (int, float) or not 0 <= told < 1 or told != round(told, 2):
        raise wrong(field)
    return float(told)


def flag(row: Row, field: str, default: bool | None = None) -> bool:
    """True or false as JSON writes them; "false" in quotes is neither. Raises ExchangeRefused."""
    told = row.get(field, default)
    if not isinstance(told, bool):
        raise wrong(field)
    return told


def wrong(field: str) -> ExchangeRefused:
    """A field holds what it cannot hold; whoever reads the entry knows its place."""
    return ExchangeRefused("", "field", field)
