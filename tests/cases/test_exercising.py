"""Exercises and labels of cases: what is marked, what leaves, what does not."""

from __future__ import annotations

import pytest

from cert_portal.cases import conditions, exercising, labels, letters, service
from cert_portal.cases.brief import tell_convenor
from cert_portal.cases.exercising import MarkRefused
from cert_portal.cases.labels import LabelRefused
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.triage import TriageRefused
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.mail import exercise, outbox
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake import exercises
from cert_portal.intake.exercises import ExerciseRefused
from cert_portal.intake.models import Report
from tests.cases.desk import NOW, a_report, kinds_of, last, person


def test_the_label_of_the_case_stands_on_its_letters_and_red_stops_them_all(
    case: Case, report: Report, ann: User
) -> None:
    labels.set_label(case, TLP.GREEN, "may be told", ann)
    assert (last(case.number).data, last(case.number).text) == (
        {"before": "TLP:AMBER", "after": "TLP:GREEN"},
        "may be told",
    )
    assert "[TLP:GREEN]" in letters.draft_to_reporter(case, report, "Hello", "Dear").subject
    labels.set_label(case, TLP.RED, "", ann)
    labels.set_label(case, TLP.RED, "", ann)
    assert kinds_of(case.number).count("case.tlp_set") == 2
    for about in (case, None):
        with pytest.raises(LetterRefused, match="red"):
            service.write_to_reporter(about, report, "Hello", "Dear", ann)
    with pytest.raises(LetterRefused, match="red"):
        letters.tell_closed(case, report, "Done", ann)
    assert [each.name for each in outbox.about([report.number])] == ["report_received"]
    assert report.first_response_at is None
    with pytest.raises(LabelRefused):
        labels.set_label(case, "TLP:WHITE", "", ann)


def test_a_case_travels_further_for_a_reason_and_a_restricted_one_no_further_than_amber(case: Case, ann: User) -> None:
    with pytest.raises(LabelRefused, match="wider_why"):
        labels.set_label(case, TLP.GREEN, " ", ann)
    labels.set_label(case, TLP.AMBER_STRICT, "", ann)
    with pytest.raises(LabelRefused, match="wider_why"):
        labels.set_label(case, TLP.AMBER, "", ann)
    labels.set_label(case, TLP.CLEAR, "a warning to all", ann)
    service.restrict(case, "names a source", ann)
    assert case.tlp == TLP.AMBER
    assert last(case.number).data == {"before": "TLP:CLEAR", "after": "TLP:AMBER"}
    for wide in (TLP.GREEN, TLP.CLEAR):
        with pytest.raises(LabelRefused, match="restricted_tlp"):
            labels.set_label(case, wide, "a warning to all", ann)
    labels.set_label(case, TLP.RED, "", ann)
    labels.set_label(case, TLP.AMBER, "the source agreed", ann)


def test_a_report_that_came_as_red_gets_no_letter(report: Report, ann: User) -> None:
    report.details = {**report.details, "restriction": "TLP:RED"}
    with pytest.raises(LetterRefused, match="red"):
        service.write_to_reporter(None, report, "Hello", "Dear", ann)


def test_the_convenor_hears_of_a_red_case_and_not_what_is_in_it(case: Case, report: Report, ann: User) -> None:
    person("Carol", "supervisor")
    labels.set_label(case, TLP.RED, "", ann)
    case.level = 3
    assert tell_convenor(case) == 1
    brief = outbox.about([case.number])[-1]
    assert report.text not in brief.text


def test_an_exercise_runs_once_and_what_players_report_is_part_of_it(ann: User) -> None:
    exercise.add("@player.example", "", ann.actor)
    before = a_report(email="p@player.example")
    row = exercises.begin(" Spring  exercise ", ann.actor)
    assert (row.name, exercises.running()) == ("Spring exercise", row)
    for name, reason in (("", "name_missing"), ("Another", "runs")):
        with pytest.raises(ExerciseRefused, match=reason):
            exercises.begin(name, ann.actor)
    part, other = a_report("during", email="p@player.example"), a_report("real", email="x@else.example")
    exercises.end(row, ann.actor)
    exercises.end(row, ann.actor)
    after = a_report("after", email="p@player.example")
    assert [each.drill for each in (before, part, other, after)] == [False, True, False, False]
    assert exercises.listed() == [row]
    assert [each.kind for each in of_subjects([f"exercise:{row.id}"])] == ["exercise.begun", "exercise.ended"]
    acknowledged = outbox.about([part.number])[0]
    assert acknowledged.subject.startswith("[EXERCISE 演習]")


def test_a_report_of_an_exercise_from_elsewhere_is_not_acknowledged(ann: User) -> None:
    report = a_report(drill=True)
    assert outbox.about([report.number]) == []
    told = next(each for each in of_subjects([report.number]) if each.kind == "report.not_acknowledged")
    assert told.data == {"reason": "exercise"}
    case = service.open_case([report], ann, title="x", kind="phishing")
    with pytest.raises(LetterRefused, match="exercise"):
        service.write_to_reporter(case, report, "Hello", "Dear", ann)
    exercise.add(report.reporter_email, "", ann.actor)
    letter = service.write_to_reporter(case, report, "Hello", "Dear", ann)
    assert (letter.drill, letter.subject[:13]) == (True, "[EXERCISE 演習]"[:13])


def test_a_case_is_marked_with_its_reports_and_back(case: Case, report: Report, ann: User) -> None:
    exercising.mark_case(case, True, "the spring exercise", ann)
    exercising.mark_case(case, True, "again", ann)
    assert (case.drill, report.drill) == (True, True)
    assert kinds_of(case.number).count("case.drill_set") == 1
    with pytest.raises(LetterRefused, match="exercise"):
        service.write_to_reporter(case, report, "Hello", "Dear", ann)
    exercising.mark_case(case, False, "", ann)
    assert (case.drill, report.drill) == (False, False)
    service.write_to_reporter(case, report, "Hello", "Dear", ann)
    assert kinds_of(report.number).count("report.drill_set") == 2


def test_what_leaves_all_figures_needs_a_reason(case: Case, ann: User) -> None:
    alone = a_report("alone")
    with pytest.raises(MarkRefused, match="reason_missing"):
        exercising.mark_case(case, True, "  ", ann)
    with pytest.raises(MarkRefused, match="reason_missing"):
        exercising.mark_report(alone, True, "", ann)
    assert (case.drill, alone.drill) == (False, False)


def test_an_exercise_and_a_real_incident_do_not_go_together(case: Case, report: Report, ann: User) -> None:
    drill = a_report("drill", drill=True)
    with pytest.raises(TriageRefused, match="drill"):
        service.attach(case, [drill], ann)
    with pytest.raises(TriageRefused, match="drill"):
        service.open_case([drill, a_report("real")], ann, title="z", kind="phishing")
    second = service.open_case([a_report("second")], ann, title="y", kind="phishing")
    service.attach(second, [report], ann)
    with pytest.raises(MarkRefused, match="other_cases"):
        exercising.mark_case(case, True, "spring", ann)
    assert not case.drill


def test_a_report_alone_is_marked_until_it_is_in_a_case(case: Case, report: Report, ann: User) -> None:
    alone = a_report("alone")
    exercising.mark_report(alone, True, "spring", ann)
    exercising.mark_report(alone, True, "spring", ann)
    assert alone.drill
    assert last(alone.number).text == "spring"
    assert kinds_of(alone.number).count("report.drill_set") == 1
    with pytest.raises(MarkRefused, match="in_case"):
        exercising.mark_report(report, True, "spring", ann)


@pytest.mark.parametrize(
    ("told", "spelled"),
    [
        ("drill:yes", "is:drill"),
        ("drill:no", "-is:drill"),
        ("-drill:yes", "-is:drill"),
        ("-drill:no", "is:drill"),
        ("演習:是", "is:drill"),
    ],
)
def test_exercises_are_asked_for(told: str, spelled: str) -> None:
    assert str(parse(told)) == spelled


def test_another_answer_is_refused(context: object) -> None:
    with pytest.raises(QueryRefused, match="value"):
        parse("drill:perhaps")
    assert conditions.choices("drill") == ["yes", "no"]


def test_a_case_opened_from_an_exercise_is_one(ann: User) -> None:
    with clock.turned_to(NOW):
        found = service.open_case([a_report(drill=True)], ann, title="x", kind="phishing")
    session.flush()
    assert found.drill
