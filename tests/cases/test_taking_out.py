"""A report that does not belong to a case is taken out of it."""

from __future__ import annotations

import pytest

from cert_portal.cases import bulk_reports, merging, service, taking_out
from cert_portal.cases.bulk_reports import Decision, ReportAct
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import BulkRun, Case
from cert_portal.cases.triage import TriageRefused
from cert_portal.cases.visible import cases_of, find_case, reports_of
from cert_portal.cases.workflow import State, Verb
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import a_report, kinds_of, last

pytestmark = pytest.mark.usefixtures("context")


def opened(reports: list[Report], ann: User) -> Case:
    return service.open_case(reports, ann, title="One wave", kind="phishing")


def test_a_report_taken_out_waits_for_triage_again(ann: User) -> None:
    first, second = a_report(), a_report()
    case = opened([first, second], ann)
    assert taking_out.take_out(case, [first], ann, " Another \r\nbank ") == [first]
    assert reports_of(case, ann) == [second]
    assert (first.state, second.state) == (ReportState.WAITING_TRIAGE, ReportState.ATTACHED)
    assert kinds_of(first.number)[-2:] == ["report.taken_out", "report.returned"]
    event = last(case.number)
    assert (event.kind, event.data, event.text) == (
        "case.reports_taken_out",
        {"reports": [first.number]},
        "Another \nbank",
    )
    with pytest.raises(HandlingRefused, match="no_report"):
        taking_out.take_out(case, [first], ann)
    taking_out.take_out(case, [second], ann)
    assert reports_of(case, ann) == [], "the last one may go too"
    assert case.state == State.NEW
    assert opened([first], ann) != case


def test_a_report_of_two_cases_stays_in_the_other(ann: User) -> None:
    report = a_report()
    case, other = opened([report], ann), opened([a_report()], ann)
    service.attach(other, [report], ann)
    service.close(other, Verb.DISMISS, ann, outcome="no_incident", reason="x")
    assert report.public_state != "closed"
    assert taking_out.take_out(case, [report], ann) == []
    assert report.state == ReportState.ATTACHED
    assert cases_of(report, ann) == [other]
    assert report.public_state == "closed", "nobody works on it any more"
    assert kinds_of(report.number).count("report.returned") == 0


@pytest.mark.parametrize("how", ["closed", "merged"])
def test_nothing_is_taken_out_of_a_case_that_is_over(ann: User, how: str) -> None:
    report = a_report()
    case = opened([report], ann)
    if how == "closed":
        service.close(case, Verb.DISMISS, ann, outcome="no_incident", reason="x")
    else:
        merging.merge(opened([a_report()], ann), [case.number], ann)
    with pytest.raises(HandlingRefused, match="closed"):
        taking_out.take_out(case, [report], ann)


def run_of(reports: list[Report], wish: Decision, ann: User) -> BulkRun:
    return bulk_reports.do(bulk_reports.choose([each.number for each in reports], ann), wish, ann)


OPEN = Decision(ReportAct.OPEN, title="One wave", kind="phishing")


def test_a_case_opened_from_many_is_closed_again_as_a_mistake(ann: User) -> None:
    reports = [a_report() for _ in range(3)]
    run = run_of(reports, OPEN, ann)
    assert bulk_reports.may_undo(run)
    assert bulk_reports.undo(run, ann) == 3
    case = find_case(run.value, ann)
    assert case is not None
    assert (case.state, case.outcome, reports_of(case, ann)) == (State.CLOSED, "mistake", [])
    assert {each.state for each in reports} == {ReportState.WAITING_TRIAGE}
    assert not bulk_reports.may_undo(run)
    assert bulk_reports.undo(run, ann) is None


def test_a_case_that_was_worked_on_is_not_undone(ann: User) -> None:
    reports = [a_report() for _ in range(2)]
    run = run_of(reports, OPEN, ann)
    case = find_case(run.value, ann)
    assert case is not None
    service.note(case, "I called them", ann)
    with pytest.raises(TriageRefused, match="worked_on"):
        bulk_reports.undo(run, ann)
    assert {each.state for each in reports} == {ReportState.ATTACHED}
    assert run.undone_at is None


def test_what_many_joined_is_taken_out_again(ann: User) -> None:
    own, *reports = [a_report() for _ in range(4)]
    case = opened([own], ann)
    run = run_of(reports, Decision(ReportAct.ATTACH, case.number), ann)
    taking_out.take_out(case, reports[:2], ann)
    service.attach(case, reports[:1], ann)
    assert bulk_reports.undo(run, ann) == 1, "only what nobody decided anew"
    assert reports_of(case, ann) == [own, reports[0]]
    _done, told = bulk_reports.seen(run, ann)
    assert told == [(each.number, "kept_decided") for each in reports[:2]]
    assert bulk_reports.undo(run_of([reports[1]], Decision(ReportAct.ATTACH, case.number), ann), ann) == 1


@pytest.mark.parametrize("how", ["closed", "merged", "emptied"])
def test_an_undo_stops_at_a_case_that_is_over(ann: User, how: str) -> None:
    case, reports = opened([a_report()], ann), [a_report()]
    run = run_of(reports, Decision(ReportAct.ATTACH, case.number), ann)
    if how == "closed":
        service.close(case, Verb.DISMISS, ann, outcome="no_incident", reason="x")
    elif how == "merged":
        merging.merge(opened([a_report()], ann), [case.number], ann)
    else:
        taking_out.take_out(case, reports, ann)
        assert bulk_reports.undo(run, ann) == 0
        return
    with pytest.raises(TriageRefused, match=how):
        bulk_reports.undo(run, ann)
    assert reports[0].state == ReportState.ATTACHED
