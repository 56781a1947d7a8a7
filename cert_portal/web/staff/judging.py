"""Beside the original of a report: suggestions are taken over, fields set right, and what is not for us is refused."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.cases import letters, suggestions, timeline
from cert_portal.cases.related import shared_with
from cert_portal.cases.triage import TriageRefused
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.permissions import Permission
from cert_portal.intake.editing import LANGUAGE, all_of, edit, set_language, set_origin, wished
from cert_portal.intake.models import Report
from cert_portal.intake.submission import Origin
from cert_portal.web.forms.words import LANGUAGES
from cert_portal.web.staff import lines, say, triage_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import RefuseForm
from cert_portal.web.staff.report import begun_or, find, show_report
from cert_portal.web.staff.taking_words import ORIGINS
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
    """Set those fields right that were changed on the page; the message as it came stays what it was."""
    found, form = find(number), EditForm(request.form, prefix="edit-")
    shown = {name: request.form[f"was-{name}"] for name in form.data if f"was-{name}" in request.form}
    if not form.validate():
        return show_report(found, INVALID, editing=form, was={**all_of(found), **shown})
    wanted, newer = wished(found, form.data, shown)
    if newer:
        return _newer(found, wanted, newer)
    changed = edit(found, wanted, me())
    moved = bool(wanted.get("origin")) and set_origin(found, Origin(wanted["origin"]), me())
    spoken = bool(wanted.get(LANGUAGE)) and set_language(found, Language(wanted[LANGUAGE]), me().actor)
    return _done(number, _("The fields were set right.") if changed or moved or spoken else _("Nothing was changed."))


@desk.get("/reports/<number>/not-for-us", Permission.TRIAGE)
def not_for_us(number: str) -> Answer:
    """The prepared letter that says why we open no case, before it is sent."""
    found = find(number)
    subject, text = letters.not_for_us(found)
    form, begun = begun_or(RefuseForm, found, "not-for-us", reason="outside_remit", subject=subject, letter=text)
    facts: dict[str, Any] = {"seen": lines.last(timeline.of_report(found, me())), "begun": begun}
    facts["outside"] = letters.outside([found])
    return show("not_for_us", report=found, form=form, language_of_report=Language(found.language), **facts)


def _newer(found: Report, wanted: dict[str, str], newer: list[str]) -> Answer:
    """The form again: what this person changed stands as it was typed, everything else as it is now."""
    now = all_of(found)
    form = EditForm(data={**now, **wanted}, prefix="edit-")
    names: dict[str, Any] = {**ORIGINS, **LANGUAGES, now["kind"]: say.kind(now["kind"])}
    coded = ("kind", "origin", LANGUAGE)
    said = [(triage_words.FIELDS[each], names[now[each]] if each in coded else now[each] or "–") for each in newer]
    return show_report(found, INVALID, editing=form, edited_meanwhile=said)


def _done(number: str, said: str) -> Answer:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.report", number=number))
