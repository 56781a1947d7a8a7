"""What time it is, and what a working day is. Time is injected: tests turn the clock, nothing sleeps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1990, 2200
"""Nobody who types a day means one outside of these; far outside there is no such moment in all time zones."""
_turned: ContextVar[datetime | None] = ContextVar("turned", default=None)


def now() -> datetime:
    """The time as an aware UTC datetime."""
    return _turned.get() or datetime.now(UTC)


@contextmanager
def turned_to(at: datetime) -> Iterator[None]:
    """Let `now()` answer `at` (aware) inside the block."""
    token = _turned.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _turned.reset(token)


def is_plausible(day: date) -> bool:
    """Whether a day or moment that somebody typed can be meant."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def moment(told: str) -> datetime | None:
    """The aware moment that a text in ISO 8601 tells, as far as it can be meant; else None."""
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return None
    return found if found.tzinfo and is_plausible(found) else None


def exists(at: datetime) -> bool:
    """Whether clocks in its own zone ever show this time: in spring an hour is left out where there is summer time."""
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) == at.replace(tzinfo=None)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Monday to Friday and no general holiday."""
    return day.weekday() < 5 and day not in holidays


def next_working_day(day: date, holidays: Collection[date]) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not is_working_day(day, holidays):
        day += timedelta(days=1)
    return day


def working_deadline(start: datetime, days: int, holidays: Collection[date], zone: ZoneInfo) -> datetime:
    """When `days` working days after `start` are over: the same time of day, that many working days later.

    What arrives on a day of rest counts as arrived when the next working day begins.
    """
    local = start.astimezone(zone)
    day, at = local.date(), local.time()
    rest = frozenset(holidays)
    if not is_working_day(day, rest):
        day, at = next_working_day(day, rest), time(0)
    return datetime.combine(_days_on(day, days, rest), at, zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def _days_on(day: date, days: int, holidays: frozenset[date]) -> date:
    """The day that many working days later; a list asks for the same few again and again."""
    for _ in range(days):
        day = next_working_day(day, holidays)
    return day
