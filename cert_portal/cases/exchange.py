"""What the centre set, as one file: holidays, clocks, words of kinds, reasons of refusal and tags, shared searches,
letter templates, addresses for exercises, and the roles of people.

A file adds and changes; what it does not name stays. It is looked at as a whole first: one wrong line and nothing is
taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Any

from cert_portal.cases import conditions, exchange_people, saved, tags, templates
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
from cert_portal.directory import calendar
from cert_portal.directory.accounts import AccountRefused
from cert_portal.directory.calendar import HolidayLine
from cert_portal.directory.models import ClockUnit, User
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word

FORMAT = "cert-portal-settings"
LONGEST = 2_000_000
MOST = 5000
IMPORTED = declare("desk.settings_imported", "Settings were taken from a file", "changes")
SHELVES = {"kinds": Shelf.KIND, "refusals": Shelf.REFUSAL, "tags": Shelf.TAG}
SECTIONS = ("holidays", "clocks", *SHELVES, "views", "templates", "exercise_addresses", "people")
HOLIDAY = ("name_en", "name_zh_hant")
CLOCK = ("amount", "unit", "warn_fraction", "enabled")
VIEW = ("query", "sort", "position", "view")
Fields = Mapping[str, Any]


class ExchangeRefused(Exception):
    """The file cannot be taken; `place` names the section and the number of the entry, such as holidays 3, or is ""."""

    def __init__(self, place: str = "") -> None:
        super().__init__(place)
        self.place = place


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


def export() -> str:
    """Everything, as JSON that `read` takes."""
    told: dict[str, Any] = {"format": FORMAT, "version": 1}
    told["holidays"] = [{"day": each.day.isoformat(), **_fields(each, HOLIDAY)} for each in calendar.listed()]
    told["clocks"] = [{"code": each.code, **_fields(each, CLOCK)} for each in calendar.rules()]
    for section, shelf in SHELVES.items():
        told[section] = [{"code": code, **asdict(word)} for code, word in sorted(wordbook.entries(shelf).items())]
    told["views"] = [{"name": each.name, **_fields(each, VIEW)} for each in saved.shared()]
    told["templates"] = [templates.told(each) for each in templates.everything()]
    told["exercise_addresses"] = [{"address": each.address, "note": each.note} for each in exercise.listed()]
    told["people"] = exchange_people.told()
    return json.dumps(told, ensure_ascii=False, indent=2)


def read(told: str, user: User) -> list[Change]:
    """What a file would change. Raises ExchangeRefused."""
    whole = _whole(told)
    changes = [change for section in SECTIONS for change in _section(section, whole.get(section, []), user)]
    _check_kinds({each.what: each.after for each in changes if each.section == "kinds"})
    return changes


def left_out(told: str) -> list[str]:
    """The addresses of people whom a file names and who have no account here. For a file that `read` takes."""
    return exchange_people.unknown(_whole(told).get("people", []))


def _whole(told: str) -> dict[str, Any]:
    try:
        whole = json.loads(told[:LONGEST])
    except (ValueError, RecursionError) as error:
        raise ExchangeRefused from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or len(told) > LONGEST:
        raise ExchangeRefused
    return whole


def take(told: str, user: User) -> int:
    """Change it; answers how many things. Raises ExchangeRefused."""
    changes = read(told, user)
    for each in changes:
        try:
            each.do(user.actor)
        except (SearchRefused, TemplateRefused, AccountRefused) as error:
            raise ExchangeRefused(each.section) from error
    if changes:
        record(IMPORTED, user.actor, user.actor, changes=len(changes))
    return len(changes)


def _section(section: str, rows: Any, user: User) -> Iterator[Change]:
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ExchangeRefused(section)
    for number, row in enumerate(rows, start=1):
        try:
            yield from _READERS[section](section, row, user)
        except _WRONG as error:
            raise ExchangeRefused(f"{section} {number}") from error


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
    code, amount, unit = str(row["code"]), int(row["amount"]), ClockUnit(row["unit"])
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


def _word(section: str, row: Any, user: User) -> Iterator[Change]:
    shelf, code = SHELVES[section], str(row["code"])
    if shelf is Shelf.KIND:
        kinds.by_code(code)
    place = row.get("position")
    word = wordbook.cleaned(
        Word(
            str(row.get("name_en", "")),
            str(row.get("name_zh_hant", "")),
            None if place is None else int(place),
            _flag(row.get("retired", False)),
        )
    )
    own = shelf is Shelf.REFUSAL and code not in REFUSALS
    if not code or len(code) > 40 or (own and not (word.name_en and word.name_zh_hant)):
        raise ValueError(code)
    code = tags.spelled(code) if shelf is Shelf.TAG else code
    known = code in wordbook.entries(shelf)
    if not known or wordbook.of(shelf, code) != word:
        before = asdict(wordbook.of(shelf, code)) if known or (not own and shelf is not Shelf.TAG) else {}
        yield Change(section, code, before, asdict(word), partial(wordbook.put, shelf, code, word))


def _view(section: str, row: Any, user: User) -> Iterator[Change]:
    name, told, sort = _name(row, "name"), str(row["query"]), Sort(row["sort"])
    now = next((each for each in saved.shared() if each.name == name), None)
    query, place = parse(told, whole=True), int(row.get("position", 0))
    of_reports = str(row.get("view", now.view if now else ""))
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
    address, note = exercise.spelled(str(row["address"])), " ".join(str(row.get("note", "")).split())[:200]
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
    told = str(row[field]).strip()
    if not 0 < len(told) <= 120:
        raise ValueError(field)
    return told


_READERS: dict[str, Callable[[str, Any, User], Iterator[Change]]] = {
    "holidays": _holiday,
    "clocks": _clock,
    **dict.fromkeys(SHELVES, _word),
    "views": _view,
    "templates": _template,
    "exercise_addresses": _address,
    "people": _person,
}
_WRONG = (LookupError, TypeError, ValueError, AttributeError, QueryRefused, HandlingRefused, TemplateRefused)
