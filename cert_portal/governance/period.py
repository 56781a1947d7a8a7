"""The time that figures are of: whole days where the portal stands, first and last included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cert_portal.config import current
from cert_portal.core import clock

_NAMED = re.compile(r"(20\d\d)(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])))?")
MOST_DAYS = 3660


class PeriodWrong(ValueError):
    """What was asked for is no period; `reason` is a code: unreadable, backwards, too_long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Month:
    """A month, or the part of it that lies in a period; `code` is like 2026-05."""

    code: str
    begins: datetime


@dataclass(frozen=True)
class Period:
    """From the first to the last day."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The moment at which the first day begins, in UTC."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The moment after the last day, in UTC."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def code(self) -> str:
        """The shortest name that `named` reads again; two dates where there is none."""
        return next((each for each in self._names() if named(each) == self), f"{self.first}/{self.last}")

    def months(self) -> list[Month]:
        """The months in order."""
        return [Month(f"{day:%Y-%m}", _midnight(max(day, self.first))) for day in self._firsts()]

    def before(self) -> Period:
        """The same stretch one year earlier: what a figure is compared with."""
        return Period(_a_year_back(self.first), _a_year_back(self.last))

    def _firsts(self) -> Iterator[date]:
        day = self.first.replace(day=1)
        while day <= self.last:
            yield day
            day = (day + timedelta(days=32)).replace(day=1)

    def _names(self) -> list[str]:
        year, month = self.first.year, self.first.month
        quarter, half = (month - 1) // 3 + 1, (month - 1) // 6 + 1
        return [f"{year}", f"{year}-H{half}", f"{year}-Q{quarter}", f"{year}-{month:02d}"]


def of_year(year: int) -> Period:
    """A calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def named(name: str) -> Period:
    """The period of a name: 2026, 2026-H1, 2026-Q2, 2026-05 or FIRST/LAST. Raises PeriodWrong."""
    if "/" in name:
        return between(*name.split("/", 1))
    found = _NAMED.fullmatch(name.strip().upper())
    if not found:
        raise PeriodWrong("unreadable")
    year, half, quarter, month = (int(each) if each else 0 for each in found.groups())
    if month:
        return _of_months(year, month, 1)
    if quarter:
        return _of_months(year, 3 * quarter - 2, 3)
    return _of_months(year, 6 * half - 5, 6) if half else of_year(year)


def between(first: str, last: str) -> Period:
    """From one day to another, each YYYY-MM-DD. Raises PeriodWrong."""
    try:
        found = Period(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
    except ValueError as error:
        raise PeriodWrong("unreadable") from error
    if not 2000 <= found.first.year <= found.last.year < 2100:
        raise PeriodWrong("backwards" if found.first > found.last else "unreadable")
    if found.first > found.last:
        raise PeriodWrong("backwards")
    if (found.last - found.first).days > MOST_DAYS:
        raise PeriodWrong("too_long")
    return found


def this_year() -> int:
    """The year that it is where the portal stands."""
    return clock.now().astimezone(current().zone).year


def _of_months(year: int, month: int, count: int) -> Period:
    first = date(year, month, 1)
    after = (first + timedelta(days=31 * count)).replace(day=1)
    return Period(first, after - timedelta(days=1))


def _a_year_back(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), current().zone).astimezone(UTC)
