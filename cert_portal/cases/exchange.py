"""What the centre set, as one file: holidays, clocks, words of kinds, reasons of refusal and tags, shared searches,
letter templates, addresses for exercises, and the roles of people.

A file adds and changes; what it does not name stays. It is looked at as a whole first: one wrong line, or one that is
not understood, and nothing is taken. Words stand in it as a page shows them, the shipped ones too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from cert_portal.cases import exchange_people, exchange_views, tags, templates, triage
from cert_portal.cases.exchange_file import (
    FORMAT,
    VERSION,
    ExchangeRefused,
    Row,
    check_fields,
    count,
    flag,
    line,
    named,
    share,
    text,
    whole,
    wrong,
)
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.query import QueryRefused
from cert_portal.cases.saved import SearchRefused
from cert_portal.cases.templates import TemplateRefused
from cert_portal.cases.wording import PREPARED
from cert_portal.core import clock
from cert_portal.core.events import declare, record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise
from cert_portal.directory import accounts, calendar
from cert_portal.directory.accounts import AccountRefused
from cert_portal.directory.calendar import HolidayLine
from cert_portal.directory.models import ClockUnit, User
from cert_portal.directory.permissions import Role
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word

IMPORTED = declare("desk.settings_imported", "Settings were taken from a file", "changes")
SHELVES = {"kinds": Shelf.KIND, "refusals": Shelf.REFUSAL, "tags": Shelf.TAG}
SECTIONS = ("holidays", "clocks", *SHELVES, "views", "templates", "exercise_addresses", "people")
HOLIDAY = ("name_en", "name_zh_hant")
CLOCK = ("amount", "unit", "warn_fraction", "enabled")
ENTRIES = {
    "holidays": ("day", *HOLIDAY),
    "clocks": ("code", *CLOCK),
    **dict.fromkeys(SHELVES, ("code", *HOLIDAY, "position", "retired")),
    "views": ("name", *exchange_views.FIELDS),
    "templates": ("code", *(each.value for each in Language), "retired"),
    "exercise_addresses": ("address", "note"),
    "people": ("address", *exchange_people.CHANGED, *exchange_people.UNCHANGED),
}
"""The fields of an entry of each section; the first names it."""
Fields = Mapping[str, Any]
Shipped = Mapping[str, Mapping[str, Sequence[str]]]
"""By section and code, what the codes of the lists of words are called in both languages if nobody chose otherwise."""
NONE_SHIPPED: Shipped = MappingProxyType({})


@dataclass(frozen=True)
class Change:
    """One thing that a file changes: in which section, what, its fields as they are now (none for new) and then."""

    section: str
    what: str
    before: Fields
    after: Fields
    do: Callable[[str], Any]

    @property
    def differs(self) -> list[str]:
        """The names of the fields that change; of what is new those that say something."""
        return [name for name, value in self.after.items() if (value != self.before[name] if self.before else value)]


def export(shipped: Shipped = NONE_SHIPPED) -> str:
    """Everything, as JSON that `read` takes with the same `shipped`."""
    told: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    told["holidays"] = [{"day": each.day.isoformat(), **_fields(each, HOLIDAY)} for each in calendar.listed()]
    told["clocks"] = [{"code": each.code, **_fields(each, CLOCK)} for each in calendar.rules()]
    for section, shelf in SHELVES.items():
        names = shipped.get(section, {})
        told[section] = [_told(shelf, code, names.get(code)) for code in sorted({*wordbook.entries(shelf), *names})]
    told["views"] = exchange_views.told()
    told["templates"] = [templates.told(each) for each in templates.everything()]
    told["exercise_addresses"] = [{"address": each.address, "note": each.note} for each in exercise.listed()]
    told["people"] = exchange_people.told()
    return json.dumps(told, ensure_ascii=False, indent=2)


def _told(shelf: Shelf, code: str, names: Sequence[str] | None) -> dict[str, Any]:
    """A word as a page shows it."""
    word = wordbook.of(shelf, code)
    shown = {field: word.name(of) or name for field, of, name in zip(HOLIDAY, Language, names or ("", ""), strict=True)}
    return {"code": code, **asdict(word), **shown, "retired": word.retired and _may_retire(shelf, code)}


def read(told: str, user: User, shipped: Shipped = NONE_SHIPPED) -> list[Change]:
    """What a file would change. A word that is the shipped one is no own word. Raises ExchangeRefused."""
    found = whole(told, SECTIONS)
    changes = [change for section in SECTIONS for change in _section(section, found.get(section, []), user, shipped)]
    for section in ("kinds", "refusals"):
        _check_names(section, {each.what: each.after for each in changes if each.section == section}, shipped)
    exchange_people.check({each.what: each.after["roles"] for each in changes if each.section == "people"})
    return changes


def left_out(told: str) -> list[str]:
    """The addresses of people whom a file names and who have no account here. For a file that `read` takes."""
    return exchange_people.unknown(whole(told, SECTIONS).get("people", []))


def adopted(told: str) -> list[str]:
    """The addresses of people without an account here whose shared searches become those of who takes the file."""
    owners = {str(each["owner"]) for each in whole(told, SECTIONS).get("views", []) if "owner" in each}
    return sorted(each for each in owners if accounts.by_email(each) is None)


def version(changes: Sequence[Change]) -> str:
    """A short mark of what would be changed, and from what: other changes bear another one."""
    told = [(each.section, each.what, each.before, each.after) for each in changes]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def take(changes: Sequence[Change], user: User) -> int:
    """Make the changes that `read` found; answers how many. Raises ExchangeRefused."""
    for each in sorted(changes, key=_loses_admin):
        try:
            each.do(user.actor)
        except (SearchRefused, TemplateRefused, AccountRefused) as error:
            raise ExchangeRefused(each.section) from error
    if changes:
        record(IMPORTED, user.actor, user.actor, changes=len(changes))
    return len(changes)


def _loses_admin(change: Change) -> bool:
    """Who becomes an administrator goes first, so that there is always one."""
    return change.section == "people" and Role.ADMIN not in change.after["roles"]


def _section(section: str, rows: list[Any], user: User, shipped: Shipped) -> Iterator[Change]:
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, start=1):
        place = f"{section} {number}"
        try:
            _check_entry(section, row, user, seen)
            if section in SHELVES:
                yield from _word(section, row, shipped.get(section, {}))
            else:
                yield from _READERS[section](section, row, user)
        except ExchangeRefused as error:
            raise ExchangeRefused(place, error.reason, error.told) from error
        except _WRONG as error:
            raise ExchangeRefused(place) from error


def _check_entry(section: str, row: Any, user: User, seen: set[tuple[str, str]]) -> None:
    """Nothing that nobody reads, and nothing twice: one of them would be lost without a word."""
    fields = ENTRIES[section]
    check_fields(row, fields)
    name = named(section, row, fields[0])
    whose = exchange_views.owner_of(row, user).email if section == "views" else ""
    if (whose, name) in seen:
        raise ExchangeRefused("", "twice", name[:80])
    seen.add((whose, name))


def _check_names(section: str, changed: Mapping[str, Fields], shipped: Shipped) -> None:
    """Two kinds, or two reasons of refusal, may not bear the same word in one language."""
    names = {code: ["", ""] for code in (*triage.refusals(retired=True), *changed)} | dict(shipped.get(section, {}))
    if section == "kinds":
        names = {kind.code: [kind.names[each] for each in Language] for kind in kinds.load()}
    for code, ships in names.items():
        word = changed.get(code) or asdict(wordbook.of(SHELVES[section], code))
        names[code] = [word[field] or ship or code for field, ship in zip(HOLIDAY, ships, strict=True)]
    if twice := sorted(wordbook.borne_twice(names) & set(changed)):
        raise ExchangeRefused(section, "same_word", twice[0])


def _holiday(section: str, row: Row, user: User) -> Iterator[Change]:
    day, names = date.fromisoformat(row["day"]), [line(row, each, 120) for each in HOLIDAY]
    if not clock.is_plausible(day):
        raise ValueError(day)
    now = next((each for each in calendar.listed() if each.day == day), None)
    before, after = _fields(now, HOLIDAY), dict(zip(HOLIDAY, names, strict=True))
    if before != after:
        yield Change(section, day.isoformat(), before, after, partial(calendar.put_holiday, HolidayLine(day, *names)))


def _clock(section: str, row: Row, user: User) -> Iterator[Change]:
    code, amount, unit = text(row, "code"), count(row, "amount", 1, calendar.MOST), ClockUnit(row["unit"])
    warn, enabled = share(row, "warn_fraction"), flag(row, "enabled")
    now = {each.code: each for each in calendar.rules()}[code]
    before, after = _fields(now, CLOCK), dict(zip(CLOCK, (amount, unit, warn, enabled), strict=True))
    if before != after:
        change = partial(calendar.change_rule, code, amount, unit, warn, enabled)
        yield Change(section, code, before, after, change)


def _word(section: str, row: Row, names: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    shelf, code = SHELVES[section], text(row, "code")
    if shelf is Shelf.KIND:
        kinds.by_code(code)
    english, chinese = (line(row, each, wordbook.LONGEST, "") for each in HOLIDAY)
    place = None if row.get("position") is None else count(row, "position", 0, wordbook.MOST_PLACES)
    word = Word(english, chinese, place, flag(row, "retired", False))
    own = shelf is Shelf.REFUSAL and code not in triage.REFUSALS
    if not code or len(code) > 40 or (own and not (word.name_en and word.name_zh_hant)):
        raise ValueError(code)
    if word.retired and not _may_retire(shelf, code):
        raise wrong("retired")
    code = tags.spelled(code) if shelf is Shelf.TAG else code
    word = _own(word, names.get(code, ("", "")))
    known = code in wordbook.entries(shelf)
    if own and not known and not wordbook.OWN_CODE.fullmatch(code):
        raise wrong("code")
    if wordbook.of(shelf, code) != word:
        before = asdict(wordbook.of(shelf, code)) if known or (not own and shelf is not Shelf.TAG) else {}
        yield Change(section, code, before, asdict(word), partial(wordbook.put, shelf, code, word))


def _may_retire(shelf: Shelf, code: str) -> bool:
    """Two kinds are always offered."""
    return shelf is not Shelf.KIND or code not in kinds.NEEDED


def _own(word: Word, names: Sequence[str]) -> Word:
    """A word without the names that are shipped anyway."""
    own = ["" if word.name(of) == name else word.name(of) for of, name in zip(Language, names, strict=True)]
    return Word(own[0], own[1], word.position, word.retired)


def _view(section: str, row: Row, user: User) -> Iterator[Change]:
    if found := exchange_views.wanted(row, user):
        name, before, after = found
        yield Change(section, name, before, after, lambda _actor: exchange_views.put(name, after, user))


def _template(section: str, row: Row, user: User) -> Iterator[Change]:
    code = text(row, "code")
    templates.check_code(code)
    for side in Language:
        _check_side(row, side)
    words = _both_sides(row, code)
    now = next((each for each in templates.everything() if each.row.code == code), None)
    before = _spread(templates.told(now)) if now else {}
    retired = flag(row, "retired", before.get("retired", False)) and code not in PREPARED
    after = _spread({**words, "retired": retired})
    if before != after:
        told = {"code": code, **words, "retired": retired}
        yield Change(section, code, before, after, lambda actor: templates.put(told, user))


def _both_sides(row: Row, code: str) -> dict[str, dict[str, str]]:
    """The words of a template as they will be kept. Raises ExchangeRefused."""
    try:
        return templates.check(row, code)
    except TemplateRefused as error:
        is_field = error.reason in ("missing", "too_long")
        raise (wrong(error.told) if is_field else ExchangeRefused("", error.reason, error.told)) from error


def _check_side(row: Row, side: str) -> None:
    """The words of a template in one language."""
    if not isinstance(row.get(side), dict):
        raise wrong(side)
    check_fields(row[side], templates.PARTS)
    for part in templates.PARTS:
        text(row[side], part)


def _spread(told: Mapping[str, Any]) -> Fields:
    """The words of a template as fields: name-en, name-zh-hant, subject-en and so on."""
    spread = {f"{part}-{side}": told[side.value][part] for part in templates.PARTS for side in Language}
    return {**spread, "retired": told["retired"]}


def _address(section: str, row: Row, user: User) -> Iterator[Change]:
    address, note = exercise.spelled(text(row, "address")), line(row, "note", exercise.LONGEST_NOTE, "")
    if not exercise.is_entry(address):
        raise ValueError(address)
    now = next((each for each in exercise.listed() if each.address == address), None)
    if now is None or now.note != note:
        before = {"note": now.note} if now else {}
        yield Change(section, address, before, {"note": note}, partial(exercise.put, address, note))


def _person(section: str, row: Row, user: User) -> Iterator[Change]:
    if found := exchange_people.wanted(row, user):
        person, before, after = found
        yield Change(section, person.email, before, after, partial(exchange_people.put, person, after))


def _fields(row: Any, names: Sequence[str]) -> Fields:
    """Those fields of a row, none where there is no row."""
    return {name: getattr(row, name) for name in names} if row else {}


_READERS: dict[str, Callable[[str, Any, User], Iterator[Change]]] = {
    "holidays": _holiday,
    "clocks": _clock,
    "views": _view,
    "templates": _template,
    "exercise_addresses": _address,
    "people": _person,
}
_WRONG = (LookupError, TypeError, ValueError, QueryRefused, HandlingRefused, TemplateRefused)
