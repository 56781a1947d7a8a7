"""What runs out next in a case, and what is over: one and the same for its page, its lists and what is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cert_portal.cases import alarms, due, handover, notices, queue, search, service, workflow
from cert_portal.cases.clocks import FIRST_RESPONSE, RESOLUTION, Standing
from cert_portal.cases.models import Case
from cert_portal.cases.query import parse
from cert_portal.cases.queue import QUERIES, View
from cert_portal.cases.workload import workload
from cert_portal.core import clock
from cert_portal.directory import calendar
from cert_portal.directory.models import ClockRule, User
from cert_portal.intake.models import Report
from cert_portal.intake.submission import Channel
from tests.cases.desk import NOW, a_report, person

LATE = NOW + timedelta(days=3)
END = NOW + timedelta(days=300)


@pytest.fixture(autouse=True)
def clocks(ann: User) -> None:
    with clock.turned_to(NOW):
        calendar.seed()


def case_of(ann: User, *reports: Report, restricted: bool = False) -> Case:
    with clock.turned_to(NOW):
        return service.open_case(reports, ann, title="x", kind="phishing", restricted=restricted)


def at_first(**more: object) -> Report:
    with clock.turned_to(NOW):
        return a_report(**more)  # type: ignore[arg-type]


def overdue(user: User) -> list[Case]:
    """What the list shows, once every other place says the same."""
    found = list(queue.cases(QUERIES[View.OVERDUE], user).rows)
    assert queue.counts(user)[View.OVERDUE] == len(found)
    assert list(handover.left_behind(user)["overdue"].cases) == sorted(found, key=lambda case: case.id)
    open_ones = queue.cases(parse("is:open"), user).rows
    late = [each for each in due.nearest(open_ones, user, {}).items() if each[1].standing is Standing.OVERDUE]
    assert {key for key, _reading in late} == {case.id for case in found}
    assert sum(load.overdue for load in workload(user)) == len(found)
    return found


def nearest(case: Case, user: User) -> str:
    found = due.nearest([case], user, {}).get(case.id)
    return found.code if found else ""


def test_a_report_that_waits_too_long_for_its_answer_is_overdue_in_its_case_too(ann: User) -> None:
    report = at_first()
    with clock.turned_to(LATE):
        assert queue.overdue(ann) == 1
    case = case_of(ann, report)
    with clock.turned_to(NOW):
        assert (overdue(ann), nearest(case, ann)) == ([], FIRST_RESPONSE)
    with clock.turned_to(LATE):
        assert (overdue(ann), nearest(case, ann)) == ([case], FIRST_RESPONSE)
        service.log_call(report, "talked", ann)
        assert (overdue(ann), nearest(case, ann)) == ([], RESOLUTION)
    with clock.turned_to(END):
        assert (overdue(ann), nearest(case, ann)) == ([case], RESOLUTION)


def test_the_oldest_report_without_an_answer_is_due_first(ann: User) -> None:
    case = case_of(ann, at_first(), at_first())
    with clock.turned_to(NOW + timedelta(days=1)):
        service.attach(case, [a_report()], ann)
        found = due.nearest([case], ann, {})[case.id]
    assert found.due == NOW + timedelta(days=1)
    assert due.nearest([], ann, {}) == {}


@pytest.mark.parametrize(
    ("told", "channel", "code"),
    [
        ({"email": ""}, Channel.WEB, RESOLUTION),
        ({"email": ""}, Channel.FAX, FIRST_RESPONSE),
        ({"email": "", "telephone": "+85221234567"}, Channel.WEB, FIRST_RESPONSE),
    ],
)
def test_whom_nobody_can_reach_waits_for_no_answer(
    told: dict[str, str], channel: Channel, code: str, ann: User
) -> None:
    report = at_first(**told)
    report.channel = channel
    case = case_of(ann, report)
    assert nearest(case, ann) == code
    with clock.turned_to(LATE):
        assert overdue(ann) == ([case] if code == FIRST_RESPONSE else [])


def test_a_report_that_another_case_hides_tells_nothing(ann: User) -> None:
    report, bob = at_first(), person("Bob")
    case, hidden = case_of(ann, report), case_of(ann, restricted=True)
    service.attach(hidden, [report], ann)
    with clock.turned_to(LATE):
        assert (overdue(ann), nearest(case, ann)) == ([hidden, case], FIRST_RESPONSE)
        assert (overdue(bob), nearest(case, bob)) == ([], RESOLUTION)


def test_a_resolved_case_waits_for_answers_alone_and_a_closed_one_for_nothing(ann: User) -> None:
    report = at_first()
    case = case_of(ann, report)
    with clock.turned_to(NOW):
        case.state = workflow.State.RESOLVED
    with clock.turned_to(END):
        assert (overdue(ann), nearest(case, ann)) == ([case], FIRST_RESPONSE)
        service.log_call(report, "talked", ann)
        assert (overdue(ann), nearest(case, ann)) == ([], "")
        case.state, case.closed_at, report.first_response_at = workflow.State.CLOSED, clock.now(), None
        assert (overdue(ann), nearest(case, ann)) == ([], "")


def test_a_clock_that_is_off_is_shown_nowhere(ann: User) -> None:
    report = at_first()
    case = case_of(ann, report)
    rules = {each.code: each for each in calendar.rules()}
    with clock.turned_to(END):
        _switch(rules[FIRST_RESPONSE])
        assert (overdue(ann), nearest(case, ann)) == ([case], RESOLUTION)
        _switch(rules[RESOLUTION])
        assert (overdue(ann), nearest(case, ann), queue.overdue(ann)) == ([], "", 0)
        rules[FIRST_RESPONSE].enabled = True
        assert (overdue(ann), nearest(case, ann)) == ([case], FIRST_RESPONSE)


def _switch(rule: ClockRule) -> None:
    rule.enabled = False


def test_what_others_wait_for_counts_where_it_is_due_first(ann: User) -> None:
    case = case_of(ann, at_first())
    with clock.turned_to(NOW):
        one = due.nearest([case], ann, {})[case.id]
        later, sooner = (type(one)(one.due + days, one.left, one.standing, "x") for days in _around())
        assert due.nearest([case], ann, {case.id: later})[case.id] == one
        assert due.nearest([case], ann, {case.id: sooner})[case.id] == sooner


def _around() -> tuple[timedelta, timedelta]:
    return timedelta(days=1), timedelta(days=-1)


def test_reports_of_open_cases_are_found_as_overdue(ann: User) -> None:
    report, waiting, of_closed = at_first(), at_first(), at_first()
    case, closed = case_of(ann, report), case_of(ann, of_closed)
    closed.state, closed.closed_at = workflow.State.CLOSED, NOW
    query = parse("is:overdue")
    with clock.turned_to(LATE):
        assert list(queue.cases(query, ann).rows) == [case]
        assert list(search.reports(query, ann).rows) == [waiting, report]
        assert list(queue.reports(View.TRIAGE, ann, query=query).rows) == [waiting]


def test_the_owner_is_told_of_each_clock_once(ann: User) -> None:
    case = case_of(ann, at_first())
    with clock.turned_to(NOW):
        service.take(case, ann)
    for moment, told in ((NOW, 0), (LATE, 1), (LATE, 1), (END, 2), (END, 2)):
        with clock.turned_to(moment):
            alarms.tell_overdue()
            assert [each.subject for each in notices.listed(ann)] == [case.number] * told


def test_the_owner_is_told_of_each_first_answer_that_is_late(ann: User) -> None:
    first, second = at_first(), at_first()
    case = case_of(ann, first)
    with clock.turned_to(NOW):
        service.take(case, ann)
    with clock.turned_to(LATE):
        alarms.tell_overdue()
        service.log_call(first, "talked", ann)
        alarms.tell_overdue()
        assert len(notices.listed(ann)) == 1
        service.attach(case, [second], ann)
        for _time in range(2):
            alarms.tell_overdue()
            assert len(notices.listed(ann)) == 2
