"""One act on many reports of the queue."""

from __future__ import annotations

import pytest

from cert_portal.cases import bulk_reports, service
from cert_portal.cases.bulk_reports import Decision, ReportAct
from cert_portal.cases.triage import TriageRefused
from cert_portal.cases.visible import find_case, reports_of
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import a_report, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def ann(context: object) -> User:
    return person()


@pytest.fixture
def reports(ann: User) -> list[Report]:
    return [a_report() for _ in range(4)]


def numbers(reports: list[Report]) -> list[str]:
    return [each.number for each in reports]


def test_one_case_is_opened_from_what_nobody_has_dealt_with(reports: list[Report], ann: User) -> None:
    service.refuse(reports[1], "test", ann)
    chosen = bulk_reports.choose(numbers(reports), ann)
    assert [(each.number, why) for each, why in chosen.left_out] == [(reports[1].number, "taken")]
    run = bulk_reports.do(chosen, Decision(ReportAct.OPEN, title="One wave", kind="phishing"), ann)
    case = find_case(run.value, ann)
    assert case is not None
    assert case.title == "One wave"
    assert {each.number for each in reports_of(case, ann)} == {each.number for each in chosen.reports}
    assert not bulk_reports.may_undo(run)
    assert bulk_reports.undo(run, ann) == 0
    with pytest.raises(TriageRefused, match="taken"):
        bulk_reports.do(bulk_reports.choose(numbers(reports), ann), Decision(ReportAct.REFUSE, "spam"), ann)


def test_many_go_into_a_case(reports: list[Report], ann: User) -> None:
    case = service.open_case([], ann, title="x", kind="phishing")
    chosen = bulk_reports.choose(numbers(reports), ann)
    with pytest.raises(TriageRefused, match="no_such_case"):
        bulk_reports.do(chosen, Decision(ReportAct.ATTACH, "C26-000099-9"), ann)
    run = bulk_reports.do(chosen, Decision(ReportAct.ATTACH, case.number.lower()), ann)
    assert run.value == case.number
    assert len(reports_of(case, ann)) == 4


def test_many_are_refused_told_and_put_back(reports: list[Report], ann: User) -> None:
    chosen = bulk_reports.choose(numbers(reports), ann)
    run = bulk_reports.do(chosen, Decision(ReportAct.REFUSE, "outside_remit", tell=True), ann)
    assert {each.state for each in reports} == {ReportState.REFUSED}
    names = [each.name for each in outbox.about(numbers(reports))]
    assert names.count("case_letter") == len([each for each in reports if each.reporter_email])
    service.return_to_queue(reports[0], ann)
    service.refuse(reports[0], "test", ann)
    assert bulk_reports.run_of(run.id) is run
    assert bulk_reports.undo(run, ann) == 3, "what somebody decided anew stays"
    assert bulk_reports.undo(run, ann) == 0
    assert reports[0].closed_reason == "test"
    assert bulk_reports.run_of(0) is None


def test_what_is_still_read_and_what_one_may_not_see_stays_out(reports: list[Report], ann: User) -> None:
    bob = person("Bob")
    reports[0].state = ReportState.RECEIVED
    service.open_case([reports[1]], bob, title="x", kind="phishing", restricted=True)
    session.flush()
    chosen = bulk_reports.choose(numbers(reports), ann)
    assert [each.number for each in chosen.reports] == numbers(reports[2:])
    assert [(each.number, why) for each, why in chosen.left_out] == [(reports[0].number, "not_ready")]
    run = bulk_reports.do(chosen, Decision(ReportAct.REFUSE, "spam"), ann)
    service.return_to_queue(reports[2], bob)
    service.open_case([reports[2]], bob, title="x", kind="phishing", restricted=True)
    session.flush()
    assert bulk_reports.seen(run, ann) == ([reports[3].number], [(reports[0].number, "not_ready")])
    assert bulk_reports.undo(run, ann) == 1


def test_a_surge_is_taken_along(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = [a_report() for _ in range(3)]
    for each in others:
        each.first_alike_id = first.id
    session.flush()
    monkeypatch.setattr("cert_portal.intake.groups.members", lambda report: others if report is first else [])
    assert bulk_reports.alike([first.number], ann) == 2
    chosen = bulk_reports.choose([first.number], ann, with_groups=True)
    assert [each.number for each in chosen.reports] == numbers([first, *others])
    assert bulk_reports.alike(numbers([first, *others]), ann) == 0
