"""Letters that leave later: they leave in time, once, and not when the case has changed beneath them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cert_portal.cases import family, labels, later, letters, merging, notices, service, splitting, taking_out
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.later import LaterRefused
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts, calendar
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from tests.cases.desk import NOW, a_report, kinds_of, last, person
from workers.letters import leave_letters

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def case(ann: User, report: Report) -> Case:
    """A case of two reports."""
    with clock.turned_to(NOW):
        return service.open_case(
            [report, a_report("another", email="lee@shop.example")], ann, title="x", kind="phishing"
        )


@pytest.fixture
def row(case: Case, report: Report, ann: User) -> PlannedLetter:
    """A letter for tomorrow."""
    with clock.turned_to(NOW):
        return later.plan(case, report, "Hello", "Dear {reporter}", TOMORROW, ann, wants_answer=True)


def look(row: PlannedLetter, at: datetime) -> str:
    """What becomes of the letter at that time."""
    with clock.turned_to(at):
        return later.look_at(row.id)


def letters_of(report: Report) -> list[str]:
    """Names of the letters of a report."""
    return [each.name for each in outbox.about([report.number])]


def test_it_leaves_in_time_and_the_clock_stops_only_then(row: PlannedLetter, report: Report, case: Case) -> None:
    assert last(case.number).data == {"planned": row.id, "report": report.number, "leaves_at": TOMORROW.isoformat()}
    assert look(row, TOMORROW - timedelta(minutes=1)) == "waits"
    assert report.first_response_at is None
    assert letters_of(report) == ["report_received"]
    assert look(row, TOMORROW) == "left"
    assert look(row, TOMORROW) == "left"
    assert letters_of(report) == ["report_received", "case_letter"]
    assert report.first_response_at == TOMORROW
    assert report.public_state == "waiting_for_you"
    assert row.letter_id == outbox.about([report.number])[-1].id
    assert "Dear Rita" in outbox.about([report.number])[-1].text
    assert "report.first_response" in kinds_of(report.number)
    assert "case.letter_written" in kinds_of(case.number)
    assert later.waiting() == []
    assert later.look_at(999) == ""


def test_it_is_changed_and_cancelled_until_it_leaves(row: PlannedLetter, case: Case, ann: User) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW):
        later.change(row, "Hello again", "Dear you", TOMORROW + timedelta(hours=1), bob)
        assert (row.author_id, row.subject) == (bob.id, "Hello again")
        assert look(row, TOMORROW) == "waits"
        assert [each.id for each, _report in later.of_case(case, ann)] == [row.id]
        assert later.find(case, row.id, ann) is not None
        later.cancel(row, ann)
        assert later.find(case, row.id, ann) is None
        assert look(row, TOMORROW + timedelta(days=2)) == "cancelled"
        with pytest.raises(LaterRefused, match="has_left"):
            later.cancel(row, ann)
        with pytest.raises(LaterRefused, match="has_left"):
            later.change(row, "x", "y", TOMORROW, ann)
    wanted = ["case.letter_planned", "case.letter_replanned", "case.letter_cancelled"]
    assert [each for each in kinds_of(case.number) if "letter" in each] == wanted


@pytest.mark.parametrize(
    ("after", "reason"), [(timedelta(0), "past"), (timedelta(days=-1), "past"), (timedelta(days=367), "too_far")]
)
def test_a_time_that_makes_no_sense(case: Case, report: Report, ann: User, after: timedelta, reason: str) -> None:
    with clock.turned_to(NOW), pytest.raises(LaterRefused) as refused:
        later.plan(case, report, "Hello", "Dear", NOW + after, ann)
    assert refused.value.reason == reason
    with clock.turned_to(NOW), pytest.raises(LetterRefused):
        later.plan(case, report, "Hello", "Dear [[who]]", TOMORROW, ann)


def named(name: str) -> User:
    """Somebody who has an account."""
    found = accounts.by_email(f"{name}@portal.example")
    assert found is not None
    return found


def close(case: Case, report: Report, ann: User) -> None:
    """Close it."""
    service.take(case, ann)
    service.move(case, Verb.TRIAGE, ann)
    service.close(case, Verb.DISMISS, ann, outcome="duplicate", reason="x")


def merge(case: Case, report: Report, ann: User) -> None:
    """Another case takes it in."""
    into = service.open_case([a_report("third")], ann, title="y", kind="phishing")
    merging.merge(into, [case.number], ann)


def red(case: Case, report: Report, ann: User) -> None:
    """It may travel no further."""
    labels.set_label(case, TLP.RED, "names a source", ann)


def widen(case: Case, report: Report, ann: User) -> None:
    """It may travel further than when the letter was written; by way of a narrower label, too."""
    labels.set_label(case, TLP.AMBER_STRICT, "", ann)
    labels.set_label(case, TLP.CLEAR, "everybody knows", ann)


def hide(case: Case, report: Report, ann: User) -> None:
    """The author may not see it any longer."""
    bob = person("Bob")
    service.give(case, bob, bob)
    service.restrict(case, "secret", bob)


def leave(case: Case, report: Report, ann: User) -> None:
    """The author has left the centre."""
    ann.active = False


def split(case: Case, report: Report, ann: User) -> None:
    """The report becomes a case of its own."""
    splitting.split(case, [report], ann, title="z", kind="phishing")


def forget(case: Case, report: Report, ann: User) -> None:
    """The address is gone."""
    report.reporter_email = ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (close, "closed"),
        (merge, "merged"),
        (red, "red"),
        (widen, "wider"),
        (hide, "access"),
        (leave, "author"),
        (split, "moved"),
        (forget, "no_address"),
    ],
)
def test_what_changes_beneath_it_stops_it_and_its_author_is_told(
    row: PlannedLetter, case: Case, report: Report, ann: User, change: Callable[..., None], reason: str
) -> None:
    """Of an author who left whoever is there is told."""
    zoe = person("Zoe")
    with clock.turned_to(NOW + timedelta(hours=1)):
        change(case, report, ann)
        session.flush()
    assert look(row, NOW + timedelta(hours=2)) == "stopped"  # told before its time
    assert row.reason == reason
    assert "case_letter" not in letters_of(report)
    told = notices.listed(zoe if reason == "author" else ann)
    assert [each.kind for each in told] == ["letter"]
    assert told[0].subject == (ann.actor if reason == "access" else case.number)
    if reason == "access":
        assert [each.subject for each in notices.listed(named("bob"))] == [case.number], "the owner can act"
    assert look(row, TOMORROW) == "stopped"


def test_without_an_owner_whoever_is_named_and_in_use_is_told_of_a_letter_whose_author_may_not_see_it(
    row: PlannedLetter, case: Case, report: Report, ann: User
) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        hide(case, report, ann)
        bob, carl = named("bob"), person("Carl")
        service.grant(case, carl, "helps", bob)
        service.give(case, None, bob)
        bob.active = False
        session.flush()
    assert look(row, NOW + timedelta(hours=2)) == "stopped"
    told = [[each.subject for each in notices.listed(user)][:1] for user in (ann, bob, carl)]
    assert told == [[ann.actor], [], [case.number]]


def test_a_label_that_is_narrowed_and_set_back_stops_nothing(row: PlannedLetter, case: Case, ann: User) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        labels.set_label(case, TLP.RED, "", ann)
        labels.set_label(case, TLP.AMBER, "the source agreed", ann)
    assert look(row, TOMORROW) == "left"


def test_a_subject_bears_no_other_label_than_its_letter(case: Case, report: Report, ann: User) -> None:
    for subject in ("TLP:RED 只限閣下", "Hello [ＴＬＰ：ＣＬＥＡＲ]"):
        with pytest.raises(LetterRefused, match="other_tlp"):
            letters.write_to_reporter(case, report, subject, "Dear you", ann)
    letters.write_to_reporter(case, report, "TLP:AMBER Hello", "Dear you", ann)
    assert outbox.about([report.number])[-1].subject.count("TLP:AMBER") == 1


def test_a_stopped_letter_takes_another_time(row: PlannedLetter, case: Case, report: Report, ann: User) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        labels.set_label(case, TLP.RED, "", ann)
        later.look_at(row.id)
        with pytest.raises(LetterRefused):
            later.change(row, "Hello", "Dear Rita", TOMORROW, ann)
        labels.set_label(case, TLP.GREEN, "the source agreed", ann)
        later.change(row, "Hello", "Dear Rita", TOMORROW, ann)
    assert look(row, TOMORROW) == "left"
    assert "[TLP:GREEN]" in outbox.about([report.number])[-1].subject


def test_a_letter_of_a_merged_case_waits_for_a_word_on_the_case_that_took_it_in(
    row: PlannedLetter, case: Case, report: Report, ann: User
) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        merge(case, report, ann)
        session.flush()
        later.look_at(row.id)
        into = family.standing(case)
        assert [each for each, _report in later.of_case(into, ann)] == [row]
        later.change(row, "Hello", "Dear Rita", TOMORROW, ann)
    assert last(into.number).kind == "case.letter_replanned"
    assert look(row, TOMORROW) == "left"


def test_a_letter_that_a_merge_stopped_comes_out_with_its_case(
    row: PlannedLetter, case: Case, report: Report, ann: User
) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        merge(case, report, ann)
        session.flush()
        later.look_at(row.id)
        into = family.standing(case)
        assert [each for each, _report in later.of_report(report, [into], ann)] == [row]
        merging.unmerge(case, ann)
        assert later.of_case(into, ann) == []
        assert [each for each, _report in later.of_case(case, ann)] == [row]
        later.change(row, "Hello", "Dear Rita", TOMORROW, ann)
    assert look(row, TOMORROW) == "left"


def test_what_can_be_seen_now_is_said_when_another_time_is_set(
    row: PlannedLetter, case: Case, report: Report, ann: User
) -> None:
    taking_out.take_out(case, [report], ann)
    session.flush()
    with clock.turned_to(NOW), pytest.raises(LaterRefused, match="moved"):
        later.change(row, "Hello", "Dear Rita", TOMORROW, ann)


def test_a_letter_from_a_case_that_was_closed_before_leaves(case: Case, report: Report, ann: User) -> None:
    with clock.turned_to(NOW):
        close(case, report, ann)
        session.flush()
    with clock.turned_to(NOW + timedelta(hours=1)):
        row = later.plan(case, report, "Thanks", "Dear Rita", TOMORROW, ann)
    assert look(row, TOMORROW) == "left"


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            "2026-05-04T10:00",
            {"next_morning": "05-05 09:00", "this_afternoon": "05-04 14:00", "in_a_week": "05-11 09:00"},
        ),
        (
            "2026-05-04T07:00",
            {"next_morning": "05-04 09:00", "this_afternoon": "05-04 14:00", "in_a_week": "05-11 09:00"},
        ),
        ("2026-05-08T18:00", {"next_morning": "05-11 09:00", "in_a_week": "05-15 09:00"}),
        ("2026-04-30T18:00", {"next_morning": "05-04 09:00", "in_a_week": "05-07 09:00"}),
    ],
)
def test_times_that_people_mean_by_later(context: object, now: str, told: dict[str, str]) -> None:
    calendar.seed()
    hong_kong = datetime.fromisoformat(f"{now}:00+08:00").astimezone(UTC)
    with clock.turned_to(hong_kong):
        found = {code: f"{at:%m-%d %H:%M}" for code, at in later.suggestions().items()}
    assert found == told


def test_the_job_sends_all_that_is_due(app: Flask, row: PlannedLetter, case: Case, ann: User) -> None:
    with clock.turned_to(NOW):
        other = later.plan(case, a_report_of(case), "Hello", "Dear Lee", TOMORROW + timedelta(days=1), ann)
    session.commit()
    with clock.turned_to(TOMORROW):
        leave_letters()
        leave_letters()
    session.refresh(row)
    session.refresh(other)
    assert (row.state, other.state) == ("left", "waits")


def a_report_of(case: Case) -> Report:
    """The second report of the case."""
    return session.query(Report).filter_by(reporter_email="lee@shop.example").one()


@pytest.fixture
def alone(report: Report, ann: User) -> PlannedLetter:
    """A letter for tomorrow, written on the page of a report before there is a case."""
    with clock.turned_to(NOW):
        return later.plan(None, report, "Hello", "Dear {reporter}", TOMORROW, ann, wants_answer=True)


def test_a_letter_of_a_report_is_changed_and_leaves_in_time(alone: PlannedLetter, report: Report, ann: User) -> None:
    with clock.turned_to(NOW):
        later.change(alone, "Hello", "Dear {reporter}, again", TOMORROW, ann)
        assert [each for each, _report in later.of_report(report, [], ann)] == [alone]
        assert later.find(report, alone.id, ann) == (alone, report)
    assert look(alone, TOMORROW - timedelta(minutes=1)) == "waits"
    assert report.first_response_at is None
    assert look(alone, TOMORROW) == "left"
    assert report.first_response_at == TOMORROW
    assert "Dear Rita, again" in outbox.about([report.number])[-1].text
    wanted = ["report.letter_planned", "report.letter_replanned", "report.letter_written"]
    assert [each for each in kinds_of(report.number) if each.startswith("report.letter")] == wanted


def test_a_letter_of_a_report_is_shown_on_its_case_and_stays_the_reports(
    alone: PlannedLetter, report: Report, ann: User
) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW):
        case = service.open_case([report], ann, title="x", kind="phishing")
        of_case = later.plan(case, report, "Hi", "Dear Rita", TOMORROW + timedelta(hours=1), ann)
        assert [each for each, _report in later.of_case(case, bob)] == [alone, of_case]
        assert [each for each, _report in later.of_report(report, [case], bob)] == [alone, of_case]
        assert [each for each, _report in later.of_report(report, [], bob)] == [alone]
        assert (later.find(case, alone.id, bob), later.find(report, of_case.id, bob)) == (None, None)
        later.cancel(alone, ann)
    assert "report.letter_cancelled" in kinds_of(report.number)
    assert look(of_case, TOMORROW + timedelta(hours=1)) == "left"


def refuse(report: Report, ann: User) -> None:
    """Decide against it."""
    service.refuse(report, "test", ann)


def open_and_close(report: Report, ann: User) -> None:
    """A case takes it in and ends."""
    close(service.open_case([report], ann, title="x", kind="phishing"), report, ann)


def open_red(report: Report, ann: User) -> None:
    """A case takes it in that may travel no further."""
    labels.set_label(service.open_case([report], ann, title="x", kind="phishing"), TLP.RED, "", ann)


def open_hidden(report: Report, ann: User) -> None:
    """A case takes it in that the author may not see."""
    service.open_case([report], person("Bob"), title="x", kind="phishing", restricted=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(refuse, "decided"), (open_and_close, "closed"), (open_red, "red"), (open_hidden, "access")],
)
def test_what_becomes_of_the_report_stops_its_letter(
    alone: PlannedLetter, report: Report, ann: User, change: Callable[..., None], reason: str
) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        change(report, ann)
        session.flush()
    assert look(alone, NOW + timedelta(hours=2)) == "stopped"
    assert (alone.reason, "case_letter" in letters_of(report)) == (reason, False)
    assert "report.letter_stopped" in kinds_of(report.number)
    assert [each.subject for each in notices.listed(ann)] == [ann.actor if reason == "access" else report.number]
    with clock.turned_to(NOW + timedelta(hours=2)):
        assert notices.send() == 1
        letter = outbox.about([report.number])[-1]
        assert f"/staff/reports/{report.number}" in letter.text
        assert letter.recipient == ("bob@portal.example" if reason == "access" else ann.email)
        bob = accounts.by_email("bob@portal.example") or person("Bob")
        assert later.find(report, alone.id, bob) == (alone, report)
        assert (later.find(report, alone.id, ann) is None) == (reason == "access")
    if reason == "access":
        assert report.number in [each.subject for each in notices.listed(bob)]


def test_a_letter_of_a_report_that_was_decided_before_leaves(report: Report, ann: User) -> None:
    with clock.turned_to(NOW):
        refuse(report, ann)
    with clock.turned_to(NOW + timedelta(hours=1)):
        row = later.plan(None, report, "Thanks", "Dear Rita", TOMORROW, ann)
    assert look(row, TOMORROW) == "left"


def test_a_letter_leaves_at_once_when_somebody_says_so(row: PlannedLetter, report: Report, ann: User) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW + timedelta(hours=1)):
        later.send(row, "Hello", "Dear Rita, now", bob)
        assert (row.state, row.author_id, row.letter_id) == ("left", bob.id, outbox.about([report.number])[-1].id)
        assert report.first_response_at == NOW + timedelta(hours=1)
        with pytest.raises(LaterRefused, match="has_left"):
            later.send(row, "Hello", "Dear Rita, again", ann)
    assert look(row, TOMORROW) == "left"
    assert letters_of(report).count("case_letter") == 1


def test_what_may_not_leave_does_not_leave_at_once(row: PlannedLetter, case: Case, report: Report, ann: User) -> None:
    with clock.turned_to(NOW + timedelta(hours=1)):
        with pytest.raises(LetterRefused, match="blanks"):
            later.send(row, "Hello", "Dear [[who]]", ann)
        close(case, report, ann)
        split_off = service.open_case([a_report("third")], ann, title="y", kind="phishing")
        moved = later.plan(split_off, session.query(Report).filter_by(text="third").one(), "x", "y", TOMORROW, ann)
        session.query(CaseReport).filter_by(case_id=split_off.id).delete()
        with pytest.raises(LaterRefused, match="moved"):
            later.send(moved, "x", "y", ann)
        later.send(row, "Hello", "Dear Rita", ann)
    assert row.state == "left", "that the case was closed is seen by who sends it"
