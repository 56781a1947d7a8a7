"""Time is injected; working days are Hong Kong's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import clock

HK = ZoneInfo("Asia/Hong_Kong")
LABOUR_DAY = date(2026, 5, 1)


def hk(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=HK)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (hk(4, 15), 1, hk(5, 15)),  # Monday
        (hk(8, 15), 1, hk(11, 15)),  # Friday to Monday
        (hk(9, 15), 1, hk(12)),  # Saturday counts from Monday's beginning
        (hk(1, 9), 1, hk(5)),  # a holiday before a weekend
        (hk(4, 15), 0, hk(4, 15)),
        (hk(4, 15), 30, datetime(2026, 6, 15, 15, tzinfo=HK)),
    ],
)
def test_working_deadline(start: datetime, days: int, due: datetime) -> None:
    assert clock.working_deadline(start, days, {LABOUR_DAY}, HK) == due


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # zone given
    days=st.integers(0, 40),
)
def test_deadlines_never_run_backwards(start: datetime, days: int) -> None:
    due = clock.working_deadline(start, days, {LABOUR_DAY}, HK)
    assert due >= start
    assert clock.working_deadline(start, days + 1, {LABOUR_DAY}, HK) > due
    assert clock.working_deadline(start + timedelta(hours=1), days, {LABOUR_DAY}, HK) >= due


def test_the_clock_can_be_turned() -> None:
    with clock.turned_to(hk(4, 10)):
        assert clock.now() == datetime(2026, 5, 4, 2, tzinfo=UTC)
    assert clock.now() > datetime(2026, 5, 4, tzinfo=UTC)
