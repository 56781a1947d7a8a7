"""A letter that leaves later: looked at, changed, sent at once, cancelled."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import later, letters, wording
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.later import LaterRefused
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.intake.models import Report
from cert_portal.web.staff import letter_words, say
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.filling import given_back, moment_of, planned_at, times, why_not
from cert_portal.web.staff.forms import PlannedForm
from cert_portal.web.staff.places import CASE, REPORT, About, Place


@desk.get("/cases/<number>/planned/<int:planned_id>", Permission.ANSWER)
def planned_letter(number: str, planned_id: int) -> Answer:
    """The letter with its time, to be changed, sent or cancelled."""
    return _open(CASE, number, planned_id)


@desk.get("/reports/<number>/planned/<int:planned_id>", Permission.ANSWER)
def planned_letter_of_report(number: str, planned_id: int) -> Answer:
    """The same for a letter of a report."""
    return _open(REPORT, number, planned_id)


@desk.post("/cases/<number>/planned/<int:planned_id>", Permission.ANSWER)
def change_planned(number: str, planned_id: int) -> Answer:
    """Other words or another time, or the letter at once."""
    return _change(CASE, number, planned_id)


@desk.post("/reports/<number>/planned/<int:planned_id>", Permission.ANSWER)
def change_planned_of_report(number: str, planned_id: int) -> Answer:
    """The same for a letter of a report."""
    return _change(REPORT, number, planned_id)


@desk.post("/cases/<number>/planned/<int:planned_id>/cancel", Permission.ANSWER)
def cancel_planned(number: str, planned_id: int) -> Answer:
    """Let it not leave."""
    return _cancel(CASE, number, planned_id)


@desk.post("/reports/<number>/planned/<int:planned_id>/cancel", Permission.ANSWER)
def cancel_planned_of_report(number: str, planned_id: int) -> Answer:
    """The same for a letter of a report."""
    return _cancel(REPORT, number, planned_id)


def _open(place: Place[About], number: str, planned_id: int) -> Answer:
    found = place.find(number)
    row, report = _find(found, planned_id)
    at = row.leaves_at.astimezone(current().zone)
    form = PlannedForm(subject=row.subject, letter=row.text, leaves_at=f"{at:%Y-%m-%dT%H:%M}")
    return _page(found, row, report, form)


def _change(place: Place[About], number: str, planned_id: int) -> Answer:
    found = place.hold(number)
    kept = later.find(found, planned_id, me())
    if kept is None:
        return _gone(place, found)
    row, report = kept
    form, looks = PlannedForm(request.form), request.form.get("do") == "look"
    form.leaves = not looks
    if not form.validate():
        return _page(found, row, report, form, INVALID)
    if looks:
        return _page(found, row, report, form)
    if request.form.get("seen", _mark(row)) != _mark(row):
        wrong = [(letter_words.REFUSED["changed"], "#meanwhile")]
        return _page(found, row, report, form, INVALID, wrong, is_newer=True)
    at_once = request.form.get("do") == "send"
    try:
        if at_once:
            later.send(row, form.subject.data, form.letter.data, me())
        else:
            later.change(row, form.subject.data, form.letter.data, moment_of(form), me())
    except (LaterRefused, LetterRefused) as error:
        session.rollback()
        found = place.find(number)
        kept = later.find(found, planned_id, me())
        place_of = "#leaves_at" if error.reason in ("past", "too_far") else "#main-content"
        wrong = [(each, place_of) for each in why_not(error)]
        return _page(found, *kept, form, INVALID, wrong) if kept else _gone(place, found)
    if at_once:
        return place.done(number, ngettext("The letter is in the outbox.", "%(num)s letters are in the outbox.", 1))
    return place.done(number, _("The letter was changed."))


def _gone(place: Place[About], found: About) -> Answer:
    """It left, or somebody cancelled it: what was typed stands in the form for a new letter."""
    wrong = [(letter_words.REFUSED["gone"], "#main-content")]
    return place.page(found, INVALID, wrong=wrong, **given_back(found, "letter", "writing", place.form(request.form)))


def _cancel(place: Place[About], number: str, planned_id: int) -> Answer:
    row, _report = _find(place.find(number), planned_id)
    try:
        later.cancel(row, me())
    except LaterRefused:  # it left between our two looks
        session.rollback()
        flash(letter_words.REFUSED["has_left"], "note")
        return place.done(number, "")
    return place.done(number, _("The letter will not leave."))


def _mark(row: PlannedLetter) -> str:
    """Tells one wording of the letter from the next."""
    return row.written_at.isoformat()


def _as_it_leaves(about: Case | Report, report: Report, form: PlannedForm) -> dict[str, Any]:
    """The letter of the form as it would leave, blanks marked; nothing where it could not."""
    known: dict[str, Any] = {"draft": None, "signs": bool(current().desk_key), "pieces": wording.pieces}
    case, words = about if isinstance(about, Case) else None, (form.subject.data or "", form.letter.data or "")
    try:
        known["draft"] = letters.draft_to_reporter(case, report, *words, with_blanks=True)
    except LetterRefused as error:
        known["refused"] = say.why(error)
    return known


def _find(about: Case | Report, planned_id: int) -> tuple[PlannedLetter, Report]:
    return later.find(about, planned_id, me()) or abort(404)


def _page(
    about: Case | Report,
    row: PlannedLetter,
    report: Report,
    form: PlannedForm,
    status: int = 200,
    wrong: list[tuple[Any, str]] | None = None,
    *,
    is_newer: bool = False,
) -> Answer:
    facts: dict[str, Any] = {"about": about, "row": row, "report": report, "form": form, "wrong": wrong or []}
    facts |= {"seen": request.form.get("seen", _mark(row)) if request.form.get("do") == "look" else _mark(row)}
    facts |= {"is_newer": is_newer, "at": planned_at(about, row), **_as_it_leaves(about, report, form)}
    return show("planned_letter", status, **facts, times=times(), people=accounts.names())
