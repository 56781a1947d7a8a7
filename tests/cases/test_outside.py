"""What the reporters' pages say about the work, and what their answers say to us."""

from __future__ import annotations

import pytest

from cert_portal.cases import queue, service, workflow
from cert_portal.cases.models import Case
from cert_portal.cases.outside import answered, is_unread
from cert_portal.cases.queue import View
from cert_portal.cases.workflow import State, Verb
from cert_portal.directory.models import User
from cert_portal.intake import status
from cert_portal.intake.models import Report
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import kinds_of, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def case(ann: User, report: Report) -> Case:
    return service.open_case([report], ann, title="A case", kind="phishing")


def shown(report: Report) -> str:
    """The state on the reporter's page."""
    found = status.look_up(report.number, status.secret_of(report.number))
    assert found is not None
    return found.state


def dismiss(case: Case, ann: User) -> None:
    case.state = State.NEW
    service.close(case, Verb.DISMISS, ann, outcome="no_incident", reason="They know")


def test_closed_once_every_case_is(case: Case, report: Report, ann: User) -> None:
    second = service.open_case([], ann, title="Another", kind="phishing")
    service.attach(second, [report], ann)
    dismiss(case, ann)
    assert shown(report) == "attached"
    dismiss(second, ann)
    assert shown(report) == "closed"
    service.move(case, Verb.REOPEN, ann, reason="It came back")
    assert shown(report) == "attached"


def test_a_closed_report_that_joins_an_open_case_is_worked_on(case: Case, report: Report, ann: User) -> None:
    dismiss(case, ann)
    service.attach(service.open_case([], ann, title="Another", kind="phishing"), [report], ann)
    assert shown(report) == "attached"


def test_waiting_for_the_reporter_until_something_is_added(case: Case, report: Report, ann: User) -> None:
    service.write_to_reporter(case, report, "Hello", "For your files", ann)
    assert shown(report) == "attached"
    service.write_to_reporter(case, report, "Hello", "Which host?", ann, wants_answer=True)
    workflow.move(case, Verb.TRIAGE, ann)
    assert shown(report) == "waiting_for_you"
    add(report, Channel.EMAIL, "That one", [], sender="rita@victim.example")
    assert shown(report) == "attached"


def test_nothing_is_asked_where_the_work_is_done(case: Case, report: Report, ann: User) -> None:
    dismiss(case, ann)
    service.write_to_reporter(case, report, "Hello", "One more thing?", ann, wants_answer=True)
    add(report, Channel.EMAIL, "Thanks", [])
    assert shown(report) == "closed"


def test_a_refused_report_waits_for_nobody(report: Report, ann: User) -> None:
    service.write_to_reporter(None, report, "Hello", "Which host?", ann, wants_answer=True)
    assert shown(report) == "waiting_for_you"
    service.refuse(report, "spam", ann)
    assert shown(report) == "refused"


def test_an_answer_marks_the_case_until_it_is_taken_up(case: Case, report: Report, ann: User) -> None:
    other = service.open_case([], ann, title="Another", kind="phishing")
    acts = (
        lambda: service.note(case, "Read it", ann),
        lambda: service.write_to_reporter(case, report, "Hello", "Thanks", ann),
        lambda: service.write_to_reporter(None, report, "Hello", "Thanks", ann),
        lambda: service.log_call(report, "Thanked them", ann),
        lambda: dismiss(case, ann),
    )
    for act in acts:
        assert answered([case, other], ann) == set()
        add(report, Channel.WEB, "An answer", [])
        assert answered([case, other], ann) == {case.id}
        assert answered([other], ann) == set()
        act()
    assert answered([case], ann) == set()


def test_what_was_added_before_the_case_is_no_answer(report: Report, ann: User) -> None:
    add(report, Channel.WEB, "One more thing", [])
    assert answered([service.open_case([report], ann, title="A case", kind="phishing")], ann) == set()


def waiting(user: User) -> list[Report]:
    """What the list of new information shows."""
    rows = list(queue.reports(View.ANSWERED, user).rows)
    assert queue.counts(user)[View.ANSWERED] == len(rows)
    assert all(is_unread(row) for row in rows)
    return rows


def test_what_is_added_to_a_report_that_is_over_waits_for_a_person(report: Report, ann: User) -> None:
    add(report, Channel.WEB, "Before", [])
    assert waiting(ann) == []
    service.refuse(report, "not_enough", ann)
    assert waiting(ann) == []
    acts = (
        lambda: service.take_note(report, ann),
        lambda: service.write_to_reporter(None, report, "Hello", "Thanks", ann),
        lambda: service.log_call(report, "Thanked them", ann),
        lambda: service.return_to_queue(report, ann),
        lambda: service.refer_elsewhere(report, "police", ann),
    )
    for act in acts:
        add(report, Channel.WEB, "Now I know more", [])
        assert waiting(ann) == ([report] if report.state != "waiting_triage" else [])
        act()
        assert waiting(ann) == []
    add(report, Channel.EMAIL, "The police sent me back", [])
    assert waiting(ann) == [report]


def test_noted_twice_is_noted_once(report: Report, ann: User) -> None:
    service.refuse(report, "spam", ann)
    add(report, Channel.WEB, "It is none", [])
    service.take_note(report, ann)
    service.take_note(report, ann)
    assert kinds_of(report.number).count("report.noted") == 1


def test_what_is_added_after_the_last_case_closed_waits_too(case: Case, report: Report, ann: User) -> None:
    second = service.open_case([], ann, title="Another", kind="phishing")
    service.attach(second, [report], ann)
    dismiss(case, ann)
    add(report, Channel.WEB, "It is back", [])
    assert waiting(ann) == []  # the open case shows it
    dismiss(second, ann)
    assert waiting(ann) == []
    for act in (
        lambda: service.note(case, "Read it", ann),
        lambda: service.write_to_reporter(case, report, "Hello", "Thanks", ann),
        lambda: service.move(case, Verb.REOPEN, ann, reason="It is back"),
    ):
        add(report, Channel.WEB, "It is back", [])
        assert waiting(ann) == [report]
        act()
        assert waiting(ann) == []


def test_nobody_sees_there_what_is_hidden(case: Case, report: Report, ann: User) -> None:
    dismiss(case, ann)
    service.restrict(case, "Police asked", ann)
    add(report, Channel.WEB, "It is back", [])
    assert waiting(ann) == [report]
    assert waiting(person("Bob")) == []
