"""Beside the original of a report: suggestions are taken over, fields set right, and what is not for us is refused."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.cases import letters, suggestions
from cert_portal.cases.related import shared_with
from cert_portal.cases.triage import TriageRefused
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.permissions import Permission
from cert_portal.intake.editing import edit, set_language, set_origin
from cert_portal.intake.submission import Origin
from cert_portal.web.staff import triage_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import RefuseForm
from cert_portal.web.staff.report import find, show_report
from cert_portal.web.staff.triage_forms import EditForm


@desk.post("/reports/<number>/suggestion", Permission.TRIAGE)
def take_suggestion(number: str) -> Answer:
    """Take over what is suggested."""
    found = find(number)
    try:
        suggestions.take_over(found, request.form.get("what", ""), shared_with(found, me()), me())
    except TriageRefused as error:
        session.rollback()
        return show_report(find(number), INVALID, wrong=[(triage_words.REFUSED[error.reason], "#main-content")])
    return _done(number, _("The suggestion was taken over."))


@desk.post("/reports/<number>/edit", Permission.TRIAGE)
def edit_report(number: str) -> Answer:
    """Set fields right; the message as it came stays what it was."""
    found, form = find(number), EditForm(request.form, prefix="edit-")
    if not form.validate():
        return show_report(found, INVALID, editing=form)
    before, changed = found.language, edit(found, form.data, me())
    moved = bool(form.origin.data) and set_origin(found, Origin(form.origin.data), me())
    asked = form.language.data if form.language.data != before else ""  # a new origin may have changed it by itself
    spoken = bool(asked) and set_language(found, Language(asked), me().actor)
    return _done(number, _("The fields were set right.") if changed or moved or spoken else _("Nothing was changed."))


@desk.get("/reports/<number>/not-for-us", Permission.TRIAGE)
def not_for_us(number: str) -> Answer:
    """The prepared letter that says why we open no case, before it is sent."""
    found = find(number)
    subject, text = letters.not_for_us(found)
    form = RefuseForm(reason="outside_remit", subject=subject, letter=text)
    return show("not_for_us", report=found, form=form, language_of_report=Language(found.language))


def _done(number: str, said: str) -> Answer:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.report", number=number))
