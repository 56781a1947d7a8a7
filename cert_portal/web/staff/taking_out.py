"""Taking reports out of a case, with a reason."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form

from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case
from cert_portal.cases.taking_out import take_out
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import OPEN
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.web.forms.fields import Line
from cert_portal.web.staff import merging_words, words
from cert_portal.web.staff.case import find, refused
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import asked


class TakeOutForm(Form):
    """Why the reports do not belong to the case."""

    reason = Line(asked(words.REFUSED["reason_missing"]), limit=500)


@desk.get("/cases/<number>/take-out", Permission.TRIAGE)
def look_to_take_out(number: str) -> Answer:
    """Which reports do not belong to this case; `reports` of the address are ticked. Nothing is changed."""
    case = find(number)
    if case.state not in OPEN:
        return refused(number, HandlingRefused("closed"))
    return _page(case, TakeOutForm())


@desk.post("/cases/<number>/take-out", Permission.TRIAGE)
def take_reports_out(number: str) -> Answer:
    """Take them out; of no other case, they wait for triage again."""
    case, form = find(number), TakeOutForm(request.form)
    if not form.validate():
        return _page(case, form, INVALID)
    ticked = request.form.getlist("reports")
    reports = [each for each in reports_of(case, me()) if each.number in ticked]
    try:
        free = take_out(case, reports, me(), form.reason.data)
    except HandlingRefused as error:
        session.rollback()
        if error.reason == "closed":
            return refused(number, error)
        return _page(find(number), form, INVALID, error.reason)
    session.commit()
    waiting = ngettext("%(num)s report waits for triage again.", "%(num)s reports wait for triage again.", len(free))
    flash(f"{_('Taken out of the case.')} {waiting}" if free else _("Taken out of the case."), "done")
    return redirect(url_for("staff.case", number=case.number))


def _page(case: Case, form: TakeOutForm, status: int = 200, wrong: str = "") -> Answer:
    told = [(merging_words.REFUSED[wrong], "#reports")] if wrong else []
    ticked = request.values.getlist("reports")
    return show("take_out", status, wrong=told, case=case, form=form, reports=reports_of(case, me()), ticked=ticked)
