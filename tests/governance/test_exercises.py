"""Exercises have figures of their own and are in no others."""

from __future__ import annotations

from datetime import timedelta

from cert_portal.cases import exercising, service
from cert_portal.cases.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import exercise
from cert_portal.directory.models import User
from cert_portal.governance.exercises import tallies
from cert_portal.governance.facts import drills
from cert_portal.intake import exercises
from tests.cases.desk import NOW, a_report, person


def drilled() -> set[str]:
    """The numbers that figures leave out."""
    session.flush()
    return set(session.scalars(drills()))


def answered(ann: User) -> None:
    """One report of a player, answered after two hours; its case closed after five."""
    with clock.turned_to(NOW + timedelta(hours=1)):
        report = a_report(email="p@player.example")
        case = service.open_case([report], ann, title="x", kind="phishing")
    with clock.turned_to(NOW + timedelta(hours=3)):
        service.write_to_reporter(case, report, "Hello", "Dear", ann)
        service.take(case, ann)
        service.move(case, Verb.TRIAGE, ann)
    with clock.turned_to(NOW + timedelta(hours=6)):
        service.close(case, Verb.DISMISS, ann, outcome="exercise", reason="over")


def test_an_exercise_is_counted_from_its_beginning_to_its_end(context: object) -> None:
    ann = person()
    exercise.add("@player.example", "", ann.actor)
    with clock.turned_to(NOW):
        before = a_report("before", drill=True, email="q@player.example")
    with clock.turned_to(NOW + timedelta(minutes=30)):
        row = exercises.begin("Spring", ann.actor)
        empty = tallies([row])[0]
    answered(ann)
    with clock.turned_to(NOW + timedelta(hours=6)):
        service.log_call(before, "Told by telephone", ann)
    with clock.turned_to(NOW + timedelta(hours=7)):
        a_report("real")
        running = tallies([row])[0]
        exercises.end(row, ann.actor)
    with clock.turned_to(NOW + timedelta(hours=8)):
        a_report("after", drill=True)
        found = tallies([row])[0]
    assert (empty.counts["reports"], empty.to_answer, empty.to_close) == (0, None, None)
    assert running.counts == found.counts
    assert found.counts == {
        "reports": 1,
        "answered": 1,
        "opened": 1,
        "solved": 0,
        "closed": 1,
        "letters": 1,
        "referrals": 0,
    }
    assert (found.to_answer, found.to_close) == (timedelta(hours=2), timedelta(hours=5))


def test_what_a_person_says_counts_more_than_how_it_was_opened(context: object) -> None:
    ann, report, drill = person(), a_report(), a_report("drill", drill=True)
    case = service.open_case([report], ann, title="x", kind="phishing")
    assert drilled() == {drill.number}
    exercising.mark_case(case, True, "a rehearsal", ann)
    exercising.mark_report(drill, False, "", ann)
    assert drilled() == {case.number, report.number}
    exercising.mark_case(case, False, "", ann)
    assert drilled() == set()


def test_what_is_marked_by_hand_belongs_to_the_exercise_in_which_it_came_or_was_marked(context: object) -> None:
    ann = person()
    with clock.turned_to(NOW):
        early, stray = a_report("early"), a_report("stray")
    with clock.turned_to(NOW + timedelta(hours=1)):
        row = exercises.begin("Spring", ann.actor)
        inside = a_report("inside")
        exercising.mark_report(early, True, "part of Spring", ann)
    with clock.turned_to(NOW + timedelta(hours=2)):
        exercises.end(row, ann.actor)
    with clock.turned_to(NOW + timedelta(hours=3)):
        exercising.mark_report(inside, True, "part of Spring", ann)
        (spring,) = tallies([row])
        exercising.mark_report(stray, True, "a rehearsal of ours", ann)
        service.log_call(stray, "Told by telephone", ann)
        spring, outside = tallies([row])
    assert spring.counts["reports"] == 2
    assert outside.exercise is None
    assert (outside.counts["reports"], outside.counts["answered"]) == (1, 1)
    assert outside.to_answer == timedelta(hours=3)
