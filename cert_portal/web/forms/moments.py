"""Dates and times as people type them: day, month, year and perhaps a time, and how sure they are (000-55)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from cert_portal.core import clock

_TIME = re.compile(r"(\d{1,2})(?:[:.：時]?(\d{2})|時)?分?\s*(am|pm)?", re.IGNORECASE)


class MomentError(Exception):
    """What was typed is no date or time; the message says what to do, `part` which box to look at."""

    def __init__(self, message: str, part: str) -> None:
        super().__init__(message)
        self.part = part


@dataclass(frozen=True)
class Moment:
    """A point in time and how exactly it is known; without `at` nothing is known."""

    at: datetime | None = None
    precision: str = "unknown"
    day: date | None = None
    timed: bool = False

    def is_before(self, other: Moment) -> bool:
        """Surely earlier: by the day alone as soon as one of the two has no time."""
        if self.at is None or other.at is None or self.day is None or other.day is None:
            return False
        return self.at < other.at if self.timed and other.timed else self.day < other.day


def read_moment(parts: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Moment:
    """Read the boxes `day`, `month`, `year`, `time` and the choice `precision`. Raises MomentError.

    A date without a time is never exact, and a date that is given counts even if "I do not know" is ticked.
    """
    given = {name: parts.get(name, "").strip() for name in ("day", "month", "year", "time")}
    if not any(given.values()):
        return Moment()
    day = _read_day(given)
    timed = bool(given["time"])
    local = datetime.combine(day, _read_time(given["time"]) if timed else time(0), zone)
    if timed and not clock.exists(local):
        raise MomentError(_("There was no such time on that day: the clocks were put forward"), "time")
    if local > now:
        raise MomentError(_("The date and time must be in the past"), "day")
    exact = timed and parts.get("precision", "") in ("", "exact")
    return Moment(local.astimezone(UTC), "exact" if exact else "approximate", day, timed)


def _read_day(given: Mapping[str, str]) -> date:
    for name, message in (
        ("day", _("The date must include a day")),
        ("month", _("The date must include a month")),
        ("year", _("The date must include a year")),
    ):
        if not given[name]:
            raise MomentError(message, name)
        if not given[name].isdecimal() or len(given[name]) > 4:
            raise MomentError(_("Day, month and year must be numbers, for example 27 3 2026"), name)
    year = int(given["year"])
    if year < clock.FIRST_YEAR or len(given["year"]) != 4:
        raise MomentError(_("The year must have 4 numbers, for example 2026"), "year")
    try:
        return date(year, int(given["month"]), int(given["day"]))
    except ValueError as error:
        raise MomentError(_("This date does not exist: check the day and the month"), "day") from error


def _read_time(typed: str) -> time:
    found = _TIME.fullmatch(typed)
    wrong = MomentError(_("Write the time like this: 14:30"), "time")
    if found is None:
        raise wrong
    try:
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
        if half:
            hour = time(hour).hour % 12 + (12 if half == "pm" else 0)
        return time(hour, minute)
    except ValueError as error:
        raise wrong from error
