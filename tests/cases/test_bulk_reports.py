"""One act on many reports of the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cert_portal.cases import bulk_reports, exercising, letters, service
from cert_portal.cases.bulk_reports import Decision, Post, ReportAct
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import BulkRun
from cert_portal.cases.triage import REFUSALS, TriageRefused
from cert_portal.cases.visible import find_case, reports_of
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise, outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.intake.editing import edit
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import NOW, a_report, person
from workers.mail import send_letter

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def reports(ann: User) -> list[Report]:
    return [a_report() for _ in range(4)]


def numbers(reports: list[Report]) -> list[str]:
    return [each.number for each in reports]


def test_of_a_refusal_it_is_said_when_nobody_could_be_told(ann: User) -> None:
    reports = [a_report("One", email=""), a_report("Two", drill=True)]
    chosen = bulk_reports.choose([each.number for each in reports], ann, act=ReportAct.REFUSE)
    assert letters.writable(reports) == []
    assert letters.unreached(reports) == {reports[0].number: "no_address", reports[1].number: "exercise"}
    run = bulk_reports.do(chosen, Decision(ReportAct.REFUSE, value="test", tell=True), ann)
    assert bulk_reports.post_of(run, ann) == Post(none=2)
    assert bulk_reports.untold(run) == {each.number for each in reports}


def test_one_case_is_opened_from_what_nobody_has_dealt_with(reports: list[Report], ann: User) -> None:
    service.refuse(reports[1], "test", ann)
    chosen = bulk_reports.choose(numbers(reports), ann)
    assert [(each.number, why) for each, why in chosen.left_out] == [(reports[1].number, "taken")]
    run = bulk_reports.do(chosen, Decision(ReportAct.OPEN, title="One wave", kind="phishing"), ann)
    case = find_case(run.value, ann)
    assert case is not None
    assert case.title == "One wave"
    assert {each.number for each in reports_of(case, ann)} == {each.number for each in chosen.reports}
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
    assert bulk_reports.post_of(run, ann).waiting == 4
    names = [each.name for each in outbox.about(numbers(reports))]
    assert names.count("case_letter") == len([each for each in reports if each.reporter_email])
    for report, reason in zip(reports, ("test", "outside_remit"), strict=False):
        service.return_to_queue(report, ann)
        service.refuse(report, reason, ann)
    assert bulk_reports.run_of(run.id, ann) is run
    assert bulk_reports.undo(run, ann) == 2, "what somebody decided anew stays, for whatever reason"
    assert [why for _, why in run.left_out] == ["kept_decided"] * 2
    assert bulk_reports.undo(run, ann) is None
    assert reports[0].closed_reason == "test"
    assert bulk_reports.run_of(0, ann) is None


def refused(reports: list[Report], ann: User, reason: str = "not_enough") -> BulkRun:
    chosen = bulk_reports.choose(numbers(reports), ann)
    return bulk_reports.do(chosen, Decision(ReportAct.REFUSE, reason, tell=True), ann)


def letters_of(report: Report) -> list[Letter]:
    return [each for each in outbox.about([report.number]) if each.name == "case_letter"]


def test_letters_of_a_refusal_wait_and_are_called_back(reports: list[Report], ann: User) -> None:
    with clock.turned_to(NOW):
        run = refused(reports, ann)
        assert bulk_reports.post_of(run, ann) == Post(waiting=4, leave_at=NOW + timedelta(minutes=10))
        assert not set(outbox.unfinished()) & {each.id for report in reports for each in letters_of(report)}
        assert reports[0].first_response_at is None, "nobody was answered yet"
    with clock.turned_to(NOW + timedelta(minutes=9)):
        assert bulk_reports.undo(run, ann) == 4
    assert {each.state for report in reports for each in letters_of(report)} == {LetterState.RECALLED}
    assert bulk_reports.post_of(run, ann) == Post(recalled=4)
    with clock.turned_to(NOW + timedelta(hours=1)):
        assert not set(outbox.unfinished()) & {each.id for report in reports for each in letters_of(report)}


def test_letters_that_became_wrong_while_they_waited_do_not_leave(reports: list[Report], ann: User) -> None:
    sure, red, drill, player = reports
    exercise.add("@players.example", "", ann.actor)
    for each in (drill, player):
        each.drill = each is player
        each.reporter_email = "lee@players.example" if each is player else "rita@victim.example"
    with clock.turned_to(NOW):
        run = refused(reports, ann)
    edit(red, {"restriction": "TLP:RED"}, ann)
    exercising.mark_report(drill, True, "They play", ann)
    exercise.remove("@players.example", ann.actor)
    session.commit()
    with clock.turned_to(NOW + timedelta(minutes=10)):
        due = outbox.unfinished()
        session.commit()
        for letter_id in (*due, 0):
            send_letter(letter_id)
        session.expire_all()
        states = {each.number: [letter.state for letter in letters_of(each)] for each in reports}
        assert states == {
            sure.number: [LetterState.SENT],
            **{each.number: [LetterState.RECALLED] for each in (red, drill, player)},
        }
        assert bulk_reports.post_of(run, ann) == Post(left=1, recalled=3)


def test_letters_that_left_stay_and_stop_the_clock(reports: list[Report], ann: User) -> None:
    reports[3].reporter_email = ""
    with clock.turned_to(NOW):
        run = refused(reports, ann)
        service.return_to_queue(reports[2], ann)
        case = service.open_case([], ann, title="x", kind="phishing")
        service.attach(case, [reports[1]], ann)
        assert bulk_reports.post_of(run, ann) == Post(1, 0, 2, 1, NOW + timedelta(minutes=10))
        session.commit()
    letter = letters_of(reports[0])[0]
    with clock.turned_to(NOW + timedelta(minutes=10)):
        assert letter.id in outbox.unfinished()
        number = letter.id
        session.commit()
        send_letter(number)
        session.expire_all()
        assert letter.state == LetterState.SENT
        assert reports[0].first_response_at == clock.now()
        told = {each.kind: each.actor for each in of_subjects([reports[0].number])}
        assert (told["letter.sent"], told["report.first_response"]) == ("system", ann.actor)
        assert bulk_reports.undo(run, ann) == 2, "the one that had no letter, too"
    assert bulk_reports.post_of(run, ann) == Post(0, 1, 2, 1)
    assert letter.state == LetterState.SENT


def test_letters_leave_at_once_where_nobody_wants_them_to_wait(
    reports: list[Report], ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_reports, "current", lambda: replace(current(), bulk_letter_minutes=0))
    run = refused(reports, ann)
    assert letters_of(reports[0])[0].id in outbox.unfinished()
    assert reports[0].first_response_at is not None
    assert bulk_reports.undo(run, ann) == 4
    assert letters_of(reports[0])[0].state == LetterState.QUEUED


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", [*REFUSALS, "own_reason"])
def test_each_reason_has_its_prepared_letter(reason: str, language: Language, ann: User) -> None:
    word = Word(name_en="Seen by police", name_zh_hant="警方已知悉")
    wordbook.put(Shelf.REFUSAL, "own_reason", word, ann.actor)
    report = a_report()
    if reason == "spam":
        with pytest.raises(LetterRefused, match="untold"):
            letters.refusal(report, reason, language)
        return
    subject, text = letters.refusal(report, reason, language)
    assert report.number in subject
    assert len(text) > 60
    assert (word.name(language) in text) == (reason == "own_reason")


def test_a_reason_for_which_nobody_is_told_tells_nobody(reports: list[Report], ann: User) -> None:
    run = refused(reports, ann, "spam")
    assert bulk_reports.post_of(run, ann) == Post()
    assert letters_of(reports[0]) == []


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


def test_nobody_is_told_of_letters_about_reports_that_he_may_not_see(reports: list[Report], ann: User) -> None:
    ben, run = person("Ben"), refused(reports, ann)
    service.return_to_queue(reports[0], ann)
    service.open_case(reports[:1], ann, title="x", kind="phishing", restricted=True)
    assert bulk_reports.post_of(run, ann).recalled == 1
    assert bulk_reports.post_of(run, ben) == Post(waiting=3, leave_at=bulk_reports.post_of(run, ann).leave_at)
