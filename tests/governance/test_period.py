"""Periods have names that lead back to them, and their months begin at midnight in Hong Kong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal import config
from cert_portal.config import Settings
from cert_portal.core import clock
from cert_portal.governance.period import Period, PeriodWrong, between, named, of_year, this_year


@pytest.fixture(autouse=True)
def in_force(settings: Settings) -> None:
    """Settings with the time zone of Hong Kong."""
    config.use(settings)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2024-q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-05-04/2026-06-03", date(2026, 5, 4), date(2026, 6, 3)),
    ],
)
def test_names(name: str, first: date, last: date) -> None:
    assert named(name) == Period(first, last)
    assert named(name).code == name.upper()


@given(st.dates(date(2001, 1, 1), date(2089, 1, 1)), st.integers(0, 3000))
def test_every_period_has_a_name_that_leads_back_and_months_without_a_gap(first: date, days: int) -> None:
    period = Period(first, date.fromordinal(first.toordinal() + days))
    assert named(period.code) == period
    months = period.months()
    assert months[0].begins == period.begins
    assert [month.code for month in months] == sorted({month.code for month in months})
    assert period.begins < period.ends
    assert period.before().last.year == period.last.year - 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("last year", "unreadable"),
        ("2026-13", "unreadable"),
        ("2026-02-30/2026-03-01", "unreadable"),
        ("2026-05-02/2026-05-01", "backwards"),
        ("2027-05-02/2026-05-01", "backwards"),
        ("1999-01-01/2000-01-01", "unreadable"),
        ("2001-01-01/2026-01-01", "too_long"),
    ],
)
def test_what_is_no_period(name: str, reason: str) -> None:
    with pytest.raises(PeriodWrong) as wrong:
        named(name)
    assert wrong.value.reason == reason


def test_a_year_begins_in_hong_kong() -> None:
    assert of_year(2026).begins == datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    with clock.turned_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)):
        assert this_year() == 2027
    assert between("2026-01-01", "2026-12-31") == of_year(2026)
    assert Period(date(2024, 2, 29), date(2024, 2, 29)).before() == Period(date(2023, 2, 28), date(2023, 2, 28))
