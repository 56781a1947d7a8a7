"""Time left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cert_portal.cases.clocks import FIRST_RESPONSE, RESOLUTION, Ruler, Standing, ruler
from cert_portal.core import clock
from cert_portal.directory import calendar
from cert_portal.intake.models import ReportState
from tests.cases.desk import NOW, a_report

pytestmark = pytest.mark.usefixtures("context")
HOUR = timedelta(hours=1)


@pytest.fixture
def first(context: object) -> Ruler:
    calendar.seed()
    calendar.import_holidays("2026-05-05; A holiday; 假期", "user:1")
    found = ruler(FIRST_RESPONSE)
    assert found
    return found


def test_one_working_day_over_a_holiday(first: Ruler) -> None:
    assert first.due(NOW) == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("later", "standing"),
    [
        (HOUR, Standing.IN_TIME),
        (35 * HOUR, Standing.IN_TIME),
        (37 * HOUR, Standing.SOON),
        (48 * HOUR, Standing.SOON),
        (49 * HOUR, Standing.OVERDUE),
    ],
)
def test_how_it_stands(first: Ruler, later: timedelta, standing: Standing) -> None:
    with clock.turned_to(NOW + later):
        reading = first.read(NOW)
    assert (reading.standing, reading.left) == (standing, 48 * HOUR - later)


def test_a_stopped_clock_says_whether_it_was_met(first: Ruler) -> None:
    assert first.read(NOW, NOW + 48 * HOUR).standing is Standing.MET
    assert first.read(NOW, NOW + 49 * HOUR).standing is Standing.MISSED


def test_what_began_before_a_moment_is_overdue(first: Ruler) -> None:
    with clock.turned_to(NOW + 60 * HOUR):
        since = first.overdue_since()
        assert first.read(since).standing is Standing.OVERDUE
        assert first.read(since + timedelta(seconds=3)).standing is not Standing.OVERDUE


def test_other_units_count_plain_hours(first: Ruler) -> None:
    calendar.change_rule("first_response", 3, "hours", 0.25, True, "user:1")
    changed = ruler(FIRST_RESPONSE)
    assert changed
    assert changed.due(datetime(2026, 5, 2, tzinfo=UTC)) == datetime(2026, 5, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("state", [ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE])
def test_no_clock_runs_on_what_is_decided(first: Ruler, state: ReportState) -> None:
    report = a_report()
    running = first.answer_to(report)
    assert running
    assert running.standing is Standing.IN_TIME
    report.state = state
    assert first.answer_to(report) is None
    report.first_response_at = clock.now()
    met = first.answer_to(report)
    assert met
    assert met.standing is Standing.MET


def test_a_clock_that_is_off_is_none(first: Ruler) -> None:
    calendar.change_rule("resolution", 30, "working_days", 0.25, False, "user:1")
    assert ruler(RESOLUTION) is None
