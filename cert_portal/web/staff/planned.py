"""A letter that leaves later: looked at, changed, cancelled."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, request
from flask_babel import gettext as _

from cert_portal.cases import later
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
from cert_portal.web.staff.case import done, find
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.filling import moment_of
from cert_portal.web.staff.forms import PlannedForm


@desk.get("/cases/<number>/planned/<int:planned_id>", Permission.ANSWER)
def planned_letter(number: str, planned_id: int) -> Answer:
    """The letter with its time, to be changed or cancelled."""
    case = find(number)
    row, report = _find(case, planned_id)
    at = row.leaves_at.astimezone(current().zone)
    form = PlannedForm(subject=row.subject, letter=row.text, leaves_at=f"{at:%Y-%m-%dT%H:%M}")
    return _page(case, row, report, form)


@desk.post("/cases/<number>/planned/<int:planned_id>", Permission.ANSWER)
def change_planned(number: str, planned_id: int) -> Answer:
    """Other words or another time."""
    case = find(number)
    row, report = _find(case, planned_id)
    form = PlannedForm(request.form)
    if not form.validate():
        return _page(case, row, report, form, INVALID)
    if request.form.get("seen", _mark(row)) != _mark(row):
        return _page(case, row, report, form, INVALID, [(letter_words.REFUSED["changed"], "#meanwhile")], is_newer=True)
    try:
        later.change(row, form.subject.data, form.letter.data, moment_of(form), me())
    except (LaterRefused, LetterRefused) as error:
        session.rollback()
        case = find(number)
        wrong = [(each, "#leaves_at") for each in say.why(error)]
        return _page(case, *_find(case, planned_id), form, INVALID, wrong)
    return done(number, _("The letter was changed."))


@desk.post("/cases/<number>/planned/<int:planned_id>/cancel", Permission.ANSWER)
def cancel_planned(number: str, planned_id: int) -> Answer:
    """Let it not leave."""
    case = find(number)
    row, _report = _find(case, planned_id)
    try:
        later.cancel(row, me())
    except LaterRefused:  # it left between our two looks
        session.rollback()
        flash(letter_words.REFUSED["has_left"], "note")
        return done(number)
    return done(number, _("The letter will not leave."))


def _mark(row: PlannedLetter) -> str:
    """Tells one wording of the letter from the next."""
    return row.written_at.isoformat()


def _find(case: Case, planned_id: int) -> tuple[PlannedLetter, Report]:
    return later.find(case, planned_id, me()) or abort(404)


def _page(
    case: Case,
    row: PlannedLetter,
    report: Report,
    form: PlannedForm,
    status: int = 200,
    wrong: list[tuple[Any, str]] | None = None,
    *,
    is_newer: bool = False,
) -> Answer:
    facts: dict[str, Any] = {"case": case, "row": row, "report": report, "form": form, "wrong": wrong or []}
    facts |= {"seen": _mark(row), "is_newer": is_newer}
    times = {code: say.moment(at) for code, at in later.suggestions().items()}
    return show("planned_letter", status, **facts, times=times, people=accounts.names())
