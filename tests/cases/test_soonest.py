"""The order of a list by the time left is that of the clocks which its rows show."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from cert_portal.cases import due, queue, service
from cert_portal.cases.clocks import Reading, Standing
from cert_portal.cases.models import Case
from cert_portal.cases.query import parse
from cert_portal.cases.queue import Sort
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import NOW, a_report, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def desk(ann: User) -> list[Case]:
    """Cases of all sorts that were opened on working days, days of rest and at the same moments."""
    chosen = random.Random(7)
    moments = [NOW - timedelta(hours=7 * step) for step in range(20)] + [NOW - timedelta(days=9)] * 4
    return [a_case(ann, at, chosen) for at in sorted(moments)]


def a_case(ann: User, at: datetime, chosen: random.Random) -> Case:
    with clock.turned_to(at):
        reports = [a_report(f"report {chosen.random()}") for _ in range(chosen.choice((0, 0, 1, 2)))]
        case = service.open_case(reports, ann, title="x", kind="phishing")
    for report in reports:
        report.received_at = at - timedelta(hours=chosen.randrange(60))
        report.first_response_at = chosen.choice((None, at))
    case.state = chosen.choice((State.NEW, State.WAITING, State.RESOLVED, State.CLOSED))
    case.closed_at = NOW if case.state == State.CLOSED else None
    session.flush()
    return case


def by_hand(cases: list[Case], user: User, others: dict[int, Reading]) -> list[Case]:
    read = due.nearest(cases, user, others)
    timed = [each for each in cases if each.id in read]
    timed.sort(key=lambda each: (read[each.id].due, each.opened_at, each.id))
    rest = sorted((each for each in cases if each.id not in read), key=lambda each: (each.opened_at, each.id))
    return [*timed, *rest]


def listed(user: User, others: dict[int, Reading], size: int, told: str = "") -> list[Case]:
    found: list[Case] = []
    after = ""
    while True:
        page = queue.cases(parse(told), user, after, Sort.DUE, size, others)
        found += page.rows
        if not page.after:
            return found
        assert len(page.rows) == size
        after = page.after


@pytest.mark.parametrize("size", [1, 3, 50])
def test_the_order_is_that_of_the_clocks_shown(desk: list[Case], ann: User, size: int) -> None:
    chosen = [desk[3], desk[11]]
    others = {each.id: Reading(NOW + timedelta(hours=1), timedelta(hours=1), Standing.SOON) for each in chosen}
    with clock.turned_to(NOW):
        assert listed(ann, others, size) == by_hand(desk, ann, others), "without a clock none is told apart"
        calendar.seed()
        assert listed(ann, others, size) == by_hand(desk, ann, others)
        assert listed(ann, {}, size) == by_hand(desk, ann, {})
        open_ones = [each for each in desk if each.closed_at is None]
        assert listed(ann, others, size, "is:open") == by_hand(open_ones, ann, others)
        assert queue.numbers(parse("is:open"), ann, 100, Sort.DUE, others) == [
            each.number for each in by_hand(open_ones, ann, others)
        ]


def test_a_report_that_one_may_not_see_waits_for_nothing(ann: User) -> None:
    with clock.turned_to(NOW):
        calendar.seed()
        early, late = (service.open_case([], ann, title=title, kind="phishing") for title in ("Early", "Late"))
        kept = service.open_case([], ann, title="Kept", kind="phishing")
        report = a_report("hidden")
        for case in (late, kept):
            service.attach(case, [report], ann)
        report.received_at = NOW - timedelta(days=30)
        service.restrict(kept, "police", ann)
        assert listed(person("Bob"), {}, 50) == [early, late]
        assert listed(ann, {}, 50)[0] in (late, kept)


@pytest.mark.parametrize("after", ["x", "1.", "1.~", "1.2026-05-04~", "1.0001-01-01T00:00:00+00:00~x", "1.~9999"])
def test_what_is_no_key_begins_at_the_top(desk: list[Case], ann: User, after: str) -> None:
    with clock.turned_to(NOW):
        assert queue.cases(parse(""), ann, after, Sort.DUE).rows == queue.cases(parse(""), ann, "", Sort.DUE).rows


def test_only_reports_that_wait_make_a_case_sooner(ann: User) -> None:
    with clock.turned_to(NOW):
        calendar.seed()
        report = a_report("answered soon")
        case = service.open_case([report], ann, title="x", kind="phishing")
    assert session.scalars(due.owing(ann)).all() == [case.id]
    row = session.get_one(Report, report.id)
    assert row.state == ReportState.ATTACHED
    row.first_response_at = NOW
    session.flush()
    assert session.scalars(due.owing(ann)).all() == []
