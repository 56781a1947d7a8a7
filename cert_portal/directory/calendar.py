"""General holidays and clock rules: what a working day is and how long things may take. Every change is an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import forget, once, session
from cert_portal.core.events import declare, record
from cert_portal.core.text import narrow, one_line
from cert_portal.directory.models import ClockRule, ClockUnit, Holiday

SETTING = declare("setting.changed", "A holiday, a clock rule or a word was changed", "what", "before", "after")
"""Both sides are fields with their values, {} where there is nothing."""

FIXED = (
    (1, 1, "The first day of January", "一月一日"),
    (5, 1, "Labour Day", "勞動節"),
    (7, 1, "Hong Kong Special Administrative Region Establishment Day", "香港特別行政區成立紀念日"),
    (10, 1, "National Day", "國慶日"),
    (12, 25, "Christmas Day", "聖誕節"),
    (12, 26, "The day after Christmas Day", "聖誕節翌日"),
)
"""Holidays whose date needs no almanac. Days in lieu and the others are imported by the administrator each year."""

RULES = (
    ("first_response", 1, ClockUnit.WORKING_DAYS, True),
    ("resolution", 30, ClockUnit.WORKING_DAYS, True),
    ("referral", 1, ClockUnit.WORKING_DAYS, True),
    ("third_party", 30, ClockUnit.WORKING_DAYS, True),
    ("containment_short", 2, ClockUnit.HOURS, False),
    ("referral_answer", 3, ClockUnit.WORKING_DAYS, True),
    ("contact_stale", 365, ClockUnit.DAYS, True),
    ("agency_notice", 30, ClockUnit.MINUTES, True),
)
"""Clock rules of a new deployment (catalogue 1G): the published promises; 002's short containment, off at first; how
long a party has for its answer; after how long a contact that nobody verified is stale (000-47); and how soon after
noticing a member organisation reports what is above level 1 (004-07).

The lead time of trackable third-party cases is published nowhere: 30 working days is our choice until somebody sets it.
"""


MOST = 1000
"""Of any unit, what a clock may last at most."""


class SettingRefused(Exception):
    """The change is not allowed; `reason` is a code, `line` the number of the line that is wrong (0 for none)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


@dataclass(frozen=True)
class HolidayLine:
    """One pasted line: `YYYY-MM-DD; English; 中文`."""

    day: date
    name_en: str
    name_zh_hant: str


def seed() -> None:
    """Put in the rules and fixed holidays (this year and next) that are missing; doing it twice changes nothing."""
    known = set(session.scalars(select(ClockRule.code)))
    for code, amount, unit, enabled in RULES:
        if code not in known:
            session.add(ClockRule(code=code, amount=amount, unit=unit, enabled=enabled))
    year, free = clock.now().astimezone(current().zone).year, holidays()
    for each in (year, year + 1):
        for month, day, name_en, name_zh in FIXED:
            if date(each, month, day) not in free:
                session.add(Holiday(day=date(each, month, day), name_en=name_en, name_zh_hant=name_zh))
    session.flush()
    forget("holidays")


def holidays() -> frozenset[date]:
    """Every general holiday that we know of."""
    return once("holidays", lambda: frozenset(session.scalars(select(Holiday.day))))


def listed() -> list[Holiday]:
    """All holidays by day."""
    return list(session.scalars(select(Holiday).order_by(Holiday.day)))


def rule(code: str) -> ClockRule | None:
    """A clock rule when it is there and enabled."""
    found = session.get(ClockRule, code)
    return found if found and found.enabled else None


def rules() -> list[ClockRule]:
    """All clock rules."""
    return list(session.scalars(select(ClockRule).order_by(ClockRule.code)))


def import_holidays(pasted: str, actor: str) -> int:
    """Add or rename the holidays of pasted lines; all or none. Raises SettingRefused: bad_line or no_line."""
    lines = [_parse(number, line) for number, line in enumerate(pasted.splitlines(), start=1) if line.strip()]
    if not lines:
        raise SettingRefused("no_line")
    for line in lines:
        put_holiday(line, actor)
    return len(lines)


def remove_holiday(day: date, actor: str) -> None:
    """Make a day a working day again; removing twice is no error."""
    found = session.get(Holiday, day)
    if found:
        session.delete(found)
        session.flush()
        forget("holidays")
        record(SETTING, "setting:holiday", actor, what=day.isoformat(), before=_names(found), after={})


def change_rule(code: str, amount: int, unit: str, warn_fraction: float, enabled: bool, actor: str) -> None:
    """Change how long something may take. Raises SettingRefused: no_rule, bad_amount."""
    found = session.get(ClockRule, code)
    if found is None:
        raise SettingRefused("no_rule")
    if not is_possible(amount, unit, warn_fraction):
        raise SettingRefused("bad_amount")
    before = _told(found)
    found.amount, found.unit, found.warn_fraction, found.enabled = amount, unit, warn_fraction, enabled
    record(SETTING, "setting:clock", actor, what=code, before=before, after=_told(found))


def is_possible(amount: int, unit: str, warn_fraction: float) -> bool:
    """Whether a clock can be set so."""
    return 1 <= amount <= MOST and 0 <= warn_fraction < 1 and unit in set(ClockUnit)


def _told(found: ClockRule) -> dict[str, Any]:
    """A clock rule as an event tells it."""
    return {name: getattr(found, name) for name in ("amount", "unit", "warn_fraction", "enabled")}


def _parse(number: int, line: str) -> HolidayLine:
    fields = [one_line(field) for field in line.replace("；", ";").split(";")]
    if len(fields) != 3 or not all(0 < len(field) <= 120 for field in fields):
        raise SettingRefused("bad_line", number)
    try:
        day = date.fromisoformat(narrow(fields[0]))
    except ValueError as error:
        raise SettingRefused("bad_line", number) from error
    if not clock.is_plausible(day):
        raise SettingRefused("bad_line", number)
    return HolidayLine(day, fields[1], fields[2])


def put_holiday(line: HolidayLine, actor: str) -> None:
    """Add a holiday, or rename the one of that day."""
    found = session.get(Holiday, line.day)
    before = _names(found) if found else {}
    session.merge(Holiday(day=line.day, name_en=line.name_en, name_zh_hant=line.name_zh_hant))
    forget("holidays")
    record(SETTING, "setting:holiday", actor, what=line.day.isoformat(), before=before, after=_names(line))


def _names(told: Holiday | HolidayLine) -> dict[str, Any]:
    return {"name_en": told.name_en, "name_zh_hant": told.name_zh_hant}
