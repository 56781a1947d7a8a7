"""What becomes of a report."""

from __future__ import annotations

import pytest

from cert_portal.cases import service
from cert_portal.cases.models import Case
from cert_portal.cases.service import NoAddress, TriageRefused
from cert_portal.cases.visible import cases_of, reports_of
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.directory.models import User
from cert_portal.guidance.advice import UnknownBody
from cert_portal.guidance.kinds import UnknownKind
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import a_report, kinds_of, last

pytestmark = pytest.mark.usefixtures("context")


def opened(ann: User, *reports: Report, **more: bool) -> Case:
    return service.open_case(reports, ann, title=" A  case\n", kind="phishing", **more)


def test_one_case_from_two_reports(ann: User, report: Report) -> None:
    other = a_report("another")
    case = opened(ann, report, other)
    assert case.number.startswith("C")
    assert (case.title, case.state, case.drill) == ("A case", "new", False)
    assert reports_of(case, ann) == [report, other]
    assert cases_of(report, ann) == [case]
    assert {report.state, other.state} == {ReportState.ATTACHED}
    assert last(report.number).data == {"case": case.number}
    assert kinds_of(case.number) == ["case.opened"]


def test_a_report_that_somebody_dealt_with_opens_no_second_case(ann: User, report: Report) -> None:
    opened(ann, report)
    with pytest.raises(TriageRefused, match="taken"):
        opened(ann, report)


def test_an_unknown_kind_opens_nothing(ann: User, report: Report) -> None:
    with pytest.raises(UnknownKind):
        service.open_case([report], ann, title="x", kind="dragon")


def test_attaching_twice_is_harmless_and_several_cases_are_allowed(ann: User, report: Report) -> None:
    first, second = opened(ann, report), opened(ann)
    service.attach(second, [report], ann)
    service.attach(second, [report], ann)
    assert cases_of(report, ann) == [first, second]
    assert kinds_of(second.number) == ["case.opened", "case.report_attached"]


def test_what_cannot_be_attached(ann: User, report: Report) -> None:
    case = opened(ann)
    report.state = ReportState.RECEIVED
    session.flush()
    with pytest.raises(TriageRefused, match="not_ready"):
        service.attach(case, [report], ann)
    case.state = "closed"
    with pytest.raises(TriageRefused, match="closed"):
        service.attach(case, [report], ann)


def test_refusing_and_taking_it_back(ann: User, report: Report) -> None:
    service.refuse(report, "spam", ann)
    assert (report.state, report.closed_reason) == (ReportState.REFUSED, "spam")
    with pytest.raises(TriageRefused, match="taken"):
        service.refuse(report, "spam", ann)
    service.return_to_queue(report, ann)
    assert (report.state, report.closed_reason) == (ReportState.WAITING_TRIAGE, "")
    with pytest.raises(TriageRefused, match="in_a_case"):
        service.return_to_queue(report, ann)
    with pytest.raises(TriageRefused, match="unknown_reason"):
        service.refuse(report, "because", ann)


def test_referring_elsewhere(ann: User, report: Report) -> None:
    with pytest.raises(UnknownBody):
        service.refer_elsewhere(report, "the moon", ann)
    service.refer_elsewhere(report, "police", ann)
    assert (report.state, report.closed_reason) == (ReportState.REFERRED_ELSEWHERE, "police")
    assert last(report.number).data == {"body": "police"}


def test_a_letter_goes_to_the_address_of_the_report_and_stops_the_clock_once(ann: User, report: Report) -> None:
    case = opened(ann, report)
    letter = service.write_to_reporter(case, report, "Please  send\nthe mail", "Dear Rita,\r\nthank you.", ann)
    assert letter.recipient == "rita@victim.example"
    assert letter.subject == f"[{case.number}] [TLP:AMBER] Please send the mail"
    assert letter.about == report.number
    assert "Dear Rita,\nthank you." in letter.text
    assert report.number in letter.text
    assert "Auto-Submitted" not in letter.headers
    first = report.first_response_at
    assert first is not None
    second = service.write_to_reporter(None, report, "Again", "Hello", ann)
    assert second.subject.startswith(f"[{report.number}]")
    assert second.headers["In-Reply-To"] == letter.message_id
    assert report.first_response_at == first
    assert kinds_of(report.number).count("report.first_response") == 1


def test_a_letter_to_nobody(ann: User) -> None:
    report = a_report(anonymous=True)
    with pytest.raises(NoAddress):
        service.write_to_reporter(None, report, "Hello", "text", ann)
    assert report.first_response_at is None
    assert outbox.about([report.number]) == []


def test_the_first_letter_in_a_thread_follows_nothing(ann: User, report: Report) -> None:
    for letter in outbox.about([report.number]):
        session.delete(letter)
    session.flush()
    assert "In-Reply-To" not in service.write_to_reporter(None, report, "Hello", "text", ann).headers


def test_a_chinese_report_gets_a_chinese_letter(ann: User) -> None:
    report = a_report("收到可疑電郵", language="zh-hant")
    assert "你的報告" in service.write_to_reporter(None, report, "你好", "多謝", ann).text


def test_a_call_is_an_answer(ann: User, report: Report) -> None:
    service.log_call(report, " She will send the mail. ", ann)
    assert report.first_response_at is not None
    assert kinds_of(report.number)[-2:] == ["report.called", "report.first_response"]
