"""Exercises: begun and ended, fed with reports, counted apart; and the addresses that their letters may go to."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cert_portal.cases import exercising
from cert_portal.cases.exercising import MarkRefused
from cert_portal.core.db import session
from cert_portal.core.mail import exercise
from cert_portal.core.mail.exercise import AddressRefused
from cert_portal.directory.permissions import Permission
from cert_portal.governance.exercises import tallies
from cert_portal.intake import exercises
from cert_portal.intake.exercises import Exercise, ExerciseRefused
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.web.staff import case as case_pages
from cert_portal.web.staff import letter_words
from cert_portal.web.staff import report as report_pages
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import InjectForm, ReasonForm


@desk.get("/exercises", Permission.READ_CASES)
def list_exercises() -> Answer:
    """All exercises with their figures, the one that runs first."""
    return _list()


@desk.post("/exercises", Permission.MANAGE_TEAM)
def begin_exercise() -> Answer:
    """Begin an exercise: from now on registered addresses report as part of it."""
    try:
        exercises.begin(request.form.get("name", ""), me().actor)
    except ExerciseRefused as error:
        session.rollback()
        place = "#main-content" if error.reason == "runs" else "#name"
        return _list(INVALID, wrong=[(letter_words.EXERCISE_REFUSED[error.reason], place)])
    return _done(_("The exercise has begun."))


@desk.post("/exercises/<int:exercise_id>/end", Permission.MANAGE_TEAM)
def end_exercise(exercise_id: int) -> Answer:
    """The exercise is over, when that was said twice."""
    if "sure" not in request.form:
        return _list(INVALID, wrong=[(_("Tick that the exercise is over"), "#sure")])
    exercises.end(session.get(Exercise, exercise_id) or abort(404), me().actor)
    return _done(_("The exercise is over."))


@desk.post("/exercises/report", Permission.MANAGE_TEAM)
def inject_report() -> Answer:
    """Put a report of the exercise into the queue, as a player would have sent it."""
    form = InjectForm(request.form)
    if not form.validate():
        return _list(INVALID, form=form)
    if not exercise.is_registered(form.email.data):
        return _list(INVALID, form=form, wrong=[(letter_words.EXERCISE_REFUSED["unregistered"], "#email")])
    told = Submission(
        language=form.language.data,
        kind=form.kind.data,
        description=form.description.data,
        name=form.player.data,
        email=form.email.data,
    )
    number = receive(told, Channel.WEB, drill=True).number
    return _done(_("Report %(number)s is in the queue.", number=number))


@desk.post("/cases/<number>/exercise", Permission.MANAGE_TEAM)
def mark_case(number: str) -> Answer:
    """The case is part of an exercise, or not after all."""
    found = case_pages.hold(number)
    try:
        exercising.mark_case(found, request.form.get("drill") == "yes", ReasonForm(request.form).why.data, me())
    except MarkRefused as error:
        session.rollback()
        return case_pages.refused(number, None, wrong=_why_not(error))
    return case_pages.done(number)


@desk.post("/reports/<number>/exercise", Permission.MANAGE_TEAM)
def mark_report(number: str) -> Answer:
    """The report is part of an exercise, or not after all."""
    found = report_pages.find(number)
    try:
        exercising.mark_report(found, request.form.get("drill") == "yes", ReasonForm(request.form).why.data, me())
    except MarkRefused as error:
        session.rollback()
        return report_pages.show_report(report_pages.find(number), INVALID, wrong=_why_not(error))
    session.commit()
    return redirect(url_for("staff.report", number=number))


def _why_not(error: MarkRefused) -> list[tuple[Any, str]]:
    place = "#why-exercise" if error.reason == "reason_missing" else "#main-content"
    return [(letter_words.EXERCISE_REFUSED[error.reason], place)]


@desk.get("/settings/exercise-addresses", Permission.READ_SETTINGS)
def exercise_addresses() -> Answer:
    """Where letters of exercises may go."""
    return show("exercise_addresses", addresses=exercise.listed(), typed={})


@desk.post("/settings/exercise-addresses", Permission.MANAGE_SETTINGS)
def add_exercise_address() -> Answer:
    """One more address."""
    typed = {name: request.form.get(name, "") for name in ("address", "note")}
    try:
        exercise.add(typed["address"], typed["note"], me().actor)
    except AddressRefused as error:
        session.rollback()
        place = "#note" if error.reason == "note_too_long" else "#address"
        wrong = [(letter_words.EXERCISE_REFUSED[error.reason], place)]
        return show("exercise_addresses", INVALID, addresses=exercise.listed(), typed=typed, wrong=wrong)
    session.commit()
    return redirect(url_for("staff.exercise_addresses"))


@desk.post("/settings/exercise-addresses/remove", Permission.MANAGE_SETTINGS)
def remove_exercise_address() -> Answer:
    """One address less."""
    exercise.remove(request.form.get("address", ""), me().actor)
    session.commit()
    return redirect(url_for("staff.exercise_addresses"))


def _list(status: int = 200, **facts: Any) -> Answer:
    rows = tallies(exercises.listed())
    mails = [each.address for each in exercise.listed() if "@" in each.address]
    known = {"rows": rows, "runs": exercises.running(), "form": InjectForm(), "mails": mails}
    return show("exercises", status, **{**known, "counted": letter_words.EXERCISE_COUNTS, **facts})


def _done(said: str) -> Response:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.list_exercises"))
