"""Letters of acts on many: what others said to a reporter since somebody looked holds them back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.event import listen, remove

from cert_portal.cases import bulk, bulk_reports, later, letters, service, workflow
from cert_portal.cases.bulk import Act, Wish
from cert_portal.cases.bulk_reports import Decision, ReportAct
from cert_portal.cases.models import Case
from cert_portal.cases.spoken import spoken
from cert_portal.cases.triage import TriageRefused
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import a_report

WORDS = "It is over, {reporter}."


def resolved(report: Report, user: User) -> Case:
    case = service.open_case([report], user, title=report.title, kind="phishing")
    case.state = workflow.State.RESOLVED
    return case


def told(report: Report) -> list[str]:
    return [each.name for each in outbox.about([report.number]) if each.name != "report_received"]


def test_a_close_leaves_out_whom_a_colleague_wrote_to_since_the_look(ann: User, bob: User) -> None:
    reports = [a_report(str(n)) for n in range(5)]
    cases = [resolved(each, ann) for each in reports]
    numbers, looked = [each.number for each in cases], clock.now()
    letters.write_to_reporter(cases[0], reports[0], "Wait", "Do not reconnect it.", bob)
    letters.write_to_reporter(None, reports[1], "Wait", "Do not reconnect it.", bob)
    later.plan(cases[2], reports[2], "Wait", "Do not reconnect it.", looked + timedelta(days=1), bob)
    letters.write_to_reporter(cases[3], reports[3], "Wait", "I know that one.", ann)
    wish = Wish(Act.CLOSE, "fixed", letter=WORDS, seen=looked)
    plan = bulk.plan(numbers, wish, ann, hold=True)
    assert {case.number: why for case, why in plan.left_out} == dict.fromkeys(numbers[:3], "spoken")
    run = bulk.do(plan, ann)
    assert [number for number, _ in run.done] == [numbers[4], numbers[3]]
    assert [told(each).count("case_closed") for each in reports] == [0, 0, 0, 1, 1]
    for alike in (Wish(Act.CLOSE, "fixed", letter=WORDS), Wish(Act.CLOSE, "fixed", reason="x", seen=looked)):
        assert len(bulk.plan(numbers[:3], alike, ann).cases) == 3, "nobody looked, or nobody is told"


def test_a_close_leaves_out_who_added_something_since_the_look(ann: User) -> None:
    reports = [a_report(str(n)) for n in range(2)]
    cases = [resolved(each, ann) for each in reports]
    looked = clock.now()
    add(reports[0], Channel.WEB, "It came back!", [])
    wish = Wish(Act.CLOSE, "fixed", letter=WORDS, seen=looked)
    plan = bulk.plan([each.number for each in cases], wish, ann)
    assert [(case.number, why) for case, why in plan.left_out] == [(cases[0].number, "spoken")]


def test_a_refusal_with_letters_leaves_out_whom_a_colleague_wrote_to(ann: User, bob: User) -> None:
    reports = [a_report(str(n)) for n in range(3)]
    numbers, looked = [each.number for each in reports], clock.now()
    letters.write_to_reporter(None, reports[0], "Wait", "We look into it.", bob)
    chosen = bulk_reports.choose(numbers, ann, since=looked)
    assert [(each.number, why) for each, why in chosen.left_out] == [(numbers[0], "spoken")]
    letters.write_to_reporter(None, reports[1], "Wait", "We look into it.", bob)
    wish = Decision(ReportAct.REFUSE, "not_enough", tell=True, since=looked)
    run = bulk_reports.do(chosen, wish, ann)
    assert bulk_reports.seen(run, ann) == ([numbers[2]], [(each, "spoken") for each in numbers[:2]])
    assert [each.state for each in reports] == [ReportState.WAITING_TRIAGE] * 2 + [ReportState.REFUSED]
    assert [len(told(each)) for each in reports] == [1, 1, 1]
    with pytest.raises(TriageRefused, match="spoken"):
        bulk_reports.do(bulk_reports.choose(numbers[:2], ann), wish, ann)


def test_what_others_said_is_asked_in_one_go(ann: User, bob: User) -> None:
    reports = [a_report(str(n)) for n in range(4)]
    looked = clock.now()
    for each in reports:
        letters.write_to_reporter(None, each, "Wait", "We look into it.", bob)
    asked: list[str] = []
    session.flush()
    listen(session.get_bind(), "before_cursor_execute", note := lambda *more: asked.append(more[2]))
    assert spoken(looked, ann) == {each.number for each in reports}
    remove(session.get_bind(), "before_cursor_execute", note)
    assert len(asked) == 1
    assert spoken(None, ann) == set()
