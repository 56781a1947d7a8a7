"""What the centre set, as one file: holidays, clocks, words of kinds, reasons of refusal and tags, shared searches,
letter templates, addresses for exercises, and the roles of people.

A file adds and changes; what it does not name stays. It is looked at as a whole first: one wrong line, or one that is
not understood, and nothing is taken. Words stand in it as a page shows them, the shipped ones too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from cert_portal.cases import conditions, exchange_people, saved, tags, templates
from cert_portal.cases.exchange_people import text
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.queue import Sort, View, holds_reports
from cert_portal.cases.saved import SearchRefused
from cert_portal.cases.templates import TemplateRefused
from cert_portal.cases.triage import REFUSALS
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

FORMAT, VERSION = "cert-portal-settings", 1
LONGEST = 2_000_000
MOST = 5000
IMPORTED = declare("desk.settings_imported", "Settings were taken from a file", "changes")
SHELVES = {"kinds": Shelf.KIND, "refusals": Shelf.REFUSAL, "tags": Shelf.TAG}
SECTIONS = ("holidays", "clocks", *SHELVES, "views", "templates", "exercise_addresses", "people")
HOLIDAY = ("name_en", "name_zh_hant")
CLOCK = ("amount", "unit", "warn_fraction", "enabled")
VIEW = ("query", "sort", "position", "view")
ENTRIES = {
    "holidays": ("day", *HOLIDAY),
    "clocks": ("code", *CLOCK),
    **dict.fromkeys(SHELVES, ("code", *HOLIDAY, "position", "retired")),
    "views": ("name", *VIEW),
    "templates": ("code", *(each.value for each in Language), "retired"),
    "exercise_addresses": ("address", "note"),
    "people": ("address", *exchange_people.CHANGED, *exchange_people.UNCHANGED),
}
"""The fields of an entry of each section; the first names it."""
Fields = Mapping[str, Any]
Shipped = Mapping[str, Mapping[str, Sequence[str]]]
"""By section and code, what the codes of the lists of words are called in both languages if nobody chose otherwise."""
NONE_SHIPPED: Shipped = MappingProxyType({})


class ExchangeRefused(Exception):
    """The file cannot be taken; `place` names the section and the number of the entry, such as holidays 3, or is "".

    `reason` is a code, "" where the entry says nothing that can be: unknown_section, unknown_version,
    version_no_number, unknown_field, twice, no_admin, account. `told` is the name or value that is meant.
    """

    def __init__(self, place: str = "", reason: str = "", told: str = "") -> None:
        super().__init__(place, reason)
        self.place, self.reason, self.told = place, reason, told


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
    told["views"] = [{"name": each.name, **_fields(each, VIEW)} for each in saved.shared()]
    told["templates"] = [templates.told(each) for each in templates.everything()]
    told["exercise_addresses"] = [{"address": each.address, "note": each.note} for each in exercise.listed()]
    told["people"] = exchange_people.told()
    return json.dumps(told, ensure_ascii=False, indent=2)


def _told(shelf: Shelf, code: str, names: Sequence[str] | None) -> dict[str, Any]:
    """A word as a page shows it."""
    word = wordbook.of(shelf, code)
    shown = {field: word.name(of) or name for field, of, name in zip(HOLIDAY, Language, names or ("", ""), strict=True)}
    return {"code": code, **asdict(word), **shown}


def read(told: str, user: User, shipped: Shipped = NONE_SHIPPED) -> list[Change]:
    """What a file would change. A word that is the shipped one is no own word. Raises ExchangeRefused."""
    whole = _whole(told)
    changes = [change for section in SECTIONS for change in _section(section, whole.get(section, []), user, shipped)]
    _check_kinds({each.what: each.after for each in changes if each.section == "kinds"})
    _check_admins({each.what: each.after["roles"] for each in changes if each.section == "people"})
    return changes


def left_out(told: str) -> list[str]:
    """The addresses of people whom a file names and who have no account here. For a file that `read` takes."""
    return exchange_people.unknown(_whole(told).get("people", []))


def _whole(told: str) -> dict[str, Any]:
    try:
        whole = json.loads(told[:LONGEST], object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ExchangeRefused from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or len(told) > LONGEST:
        raise ExchangeRefused
    if isinstance(whole.get("version", 0), bool | str | list | dict | None):
        raise ExchangeRefused("", "version_no_number")
    if whole.get("version") != VERSION:
        raise ExchangeRefused("", "unknown_version", str(whole.get("version", "–"))[:40])
    if unknown := [each for each in whole if each not in (*SECTIONS, "format", "version")]:
        raise ExchangeRefused("", "unknown_section", unknown[0][:80])
    return whole


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A section or field that stands there twice: the first would be lost without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ExchangeRefused("", "twice", next(name for name in names if names.count(name) > 1)[:80])
    return found


def take(told: str, user: User, shipped: Shipped = NONE_SHIPPED) -> int:
    """Change it; answers how many things. Raises ExchangeRefused."""
    changes = read(told, user, shipped)
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


def _section(section: str, rows: Any, user: User, shipped: Shipped) -> Iterator[Change]:
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ExchangeRefused(section)
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        place = f"{section} {number}"
        try:
            _check_entry(place, row, ENTRIES[section], seen)
            if section in SHELVES:
                yield from _word(section, row, shipped.get(section, {}))
            else:
                yield from _READERS[section](section, row, user)
        except exchange_people.AccountUntouched as error:
            raise ExchangeRefused(place, "account", str(error)) from error
        except _WRONG as error:
            raise ExchangeRefused(place) from error


def _check_entry(place: str, row: Any, fields: Sequence[str], seen: set[str]) -> None:
    """Nothing that nobody reads, and nothing twice: one of them would be lost without a word."""
    if unknown := [each for each in row if each not in fields]:
        raise ExchangeRefused(place, "unknown_field", str(unknown[0])[:80])
    name = " ".join(text(row, fields[0]).split()).casefold()
    if name in seen:
        raise ExchangeRefused(place, "twice", name[:80])
    seen.add(name)


def _check_admins(changed: Mapping[str, Sequence[str]]) -> None:
    """Somebody stays who may manage people."""
    admins = accounts.with_role(Role.ADMIN)
    gained = any(Role.ADMIN in changed.get(each.email, ()) for each in accounts.everybody() if each.active)
    if admins and not gained and not any(each.email not in changed for each in admins):
        raise ExchangeRefused("people", "no_admin")


def _check_kinds(changed: Mapping[str, Fields]) -> None:
    """Two kinds may not bear the same word in one language."""
    names: dict[str, list[str]] = {}
    for kind in kinds.load():
        now, then = (kind.name(each) for each in Language), changed.get(kind.code)
        own = [then[each] or kind.names[of] for each, of in zip(HOLIDAY, Language, strict=True)] if then else now
        names[kind.code] = list(own)
    if wordbook.borne_twice(names) & set(changed):
        raise ExchangeRefused("kinds")


def _holiday(section: str, row: Any, user: User) -> Iterator[Change]:
    day, names = date.fromisoformat(row["day"]), [_name(row, each) for each in HOLIDAY]
    if not clock.is_plausible(day):
        raise ValueError(day)
    now = next((each for each in calendar.listed() if each.day == day), None)
    before, after = _fields(now, HOLIDAY), dict(zip(HOLIDAY, names, strict=True))
    if before != after:
        yield Change(section, day.isoformat(), before, after, partial(calendar.put_holiday, HolidayLine(day, *names)))


def _clock(section: str, row: Any, user: User) -> Iterator[Change]:
    code, amount, unit = text(row, "code"), int(row["amount"]), ClockUnit(row["unit"])
    share, enabled = float(row["warn_fraction"]), _flag(row["enabled"])
    now = next((each for each in calendar.rules() if each.code == code), None)
    if now is None or not calendar.is_possible(amount, unit, share):
        raise ValueError(code)
    before, after = _fields(now, CLOCK), dict(zip(CLOCK, (amount, unit, share, enabled), strict=True))
    if before != after:
        yield Change(
            section, code, before, after, lambda actor: calendar.change_rule(code, amount, unit, share, enabled, actor)
        )


def _flag(told: Any) -> bool:
    """True or false as JSON writes them; "false" in quotes is neither."""
    if not isinstance(told, bool):
        raise TypeError(told)
    return told


def _word(section: str, row: Any, names: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    shelf, code = SHELVES[section], text(row, "code")
    if shelf is Shelf.KIND:
        kinds.by_code(code)
    place = row.get("position")
    word = wordbook.cleaned(
        Word(
            text(row, "name_en", ""),
            text(row, "name_zh_hant", ""),
            None if place is None else int(place),
            _flag(row.get("retired", False)),
        )
    )
    own = shelf is Shelf.REFUSAL and code not in REFUSALS
    if not code or len(code) > 40 or (own and not (word.name_en and word.name_zh_hant)):
        raise ValueError(code)
    code = tags.spelled(code) if shelf is Shelf.TAG else code
    word = _own(word, names.get(code, ("", "")))
    known = code in wordbook.entries(shelf)
    if wordbook.of(shelf, code) != word:
        before = asdict(wordbook.of(shelf, code)) if known or (not own and shelf is not Shelf.TAG) else {}
        yield Change(section, code, before, asdict(word), partial(wordbook.put, shelf, code, word))


def _own(word: Word, names: Sequence[str]) -> Word:
    """A word without the names that are shipped anyway."""
    own = ["" if word.name(of) == name else word.name(of) for of, name in zip(Language, names, strict=True)]
    return Word(own[0], own[1], word.position, word.retired)


def _view(section: str, row: Any, user: User) -> Iterator[Change]:
    name, told, sort = _name(row, "name"), text(row, "query"), Sort(row["sort"])
    now = next((each for each in saved.shared() if each.name == name), None)
    query, place = parse(told, whole=True), int(row.get("position", 0))
    of_reports = text(row, "view", now.view if now else "")
    view = View(of_reports) if of_reports else None
    conditions.check(query, of_reports=view is not None)
    is_list = view is None or holds_reports(view)
    if name != " ".join(name.split())[:60] or not 0 <= place <= wordbook.MOST_PLACES or not is_list:
        raise ValueError(name)
    before, after = _fields(now, VIEW), dict(zip(VIEW, (str(query), sort, place, of_reports), strict=True))
    if before != after:
        keep = partial(saved.keep_shared, name, told, sort, place, user, view=view)
        yield Change(section, name, before, after, lambda _actor: keep())


def _template(section: str, row: Any, user: User) -> Iterator[Change]:
    if not templates.is_template(row):
        raise ValueError
    code = row["code"]
    templates.check_code(code)
    words = templates.check(row, code)
    now = next((each for each in templates.everything() if each.row.code == code), None)
    before = _spread(templates.told(now)) if now else {}
    retired = row.get("retired", before.get("retired", False)) is True and code not in PREPARED
    after = _spread({**words, "retired": retired})
    if before != after:
        told = {"code": code, **words, "retired": retired}
        yield Change(section, code, before, after, lambda actor: templates.put(told, user))


def _spread(told: Mapping[str, Any]) -> Fields:
    """The words of a template as fields: name-en, name-zh-hant, subject-en and so on."""
    spread = {f"{part}-{side}": told[side.value][part] for part in templates.PARTS for side in Language}
    return {**spread, "retired": told["retired"]}


def _address(section: str, row: Any, user: User) -> Iterator[Change]:
    address, note = exercise.spelled(text(row, "address")), " ".join(text(row, "note", "").split())[:200]
    if not exercise.is_entry(address):
        raise ValueError(address)
    now = next((each for each in exercise.listed() if each.address == address), None)
    if now is None or now.note != note:
        before = {"note": now.note} if now else {}
        yield Change(section, address, before, {"note": note}, partial(exercise.put, address, note))


def _person(section: str, row: Any, user: User) -> Iterator[Change]:
    if found := exchange_people.wanted(row, user):
        person, before, after = found
        yield Change(section, person.email, before, after, partial(exchange_people.put, person, after))


def _fields(row: Any, names: Sequence[str]) -> Fields:
    """Those fields of a row, none where there is no row."""
    return {name: getattr(row, name) for name in names} if row else {}


def _name(row: Any, field: str) -> str:
    told = text(row, field).strip()
    if not 0 < len(told) <= 120:
        raise ValueError(field)
    return told


_READERS: dict[str, Callable[[str, Any, User], Iterator[Change]]] = {
    "holidays": _holiday,
    "clocks": _clock,
    "views": _view,
    "templates": _template,
    "exercise_addresses": _address,
    "people": _person,
}
_WRONG = (LookupError, TypeError, ValueError, AttributeError, QueryRefused, HandlingRefused, TemplateRefused)
