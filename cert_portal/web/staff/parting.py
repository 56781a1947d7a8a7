"""Reports leave a case: out of it, with a reason, or into a case of their own."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form

from cert_portal.cases import splitting
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case
from cert_portal.cases.taking_out import take_out
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import OPEN
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.intake.models import Report
from cert_portal.web.forms.fields import Line
from cert_portal.web.staff import merging_words, words
from cert_portal.web.staff.case import done, find, hold, refused
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import DescribeForm, asked


class TakeOutForm(Form):
    """Why the reports do not belong to the case."""

    reason = Line(asked(words.REFUSED["reason_missing"]), limit=500)


@desk.get("/cases/<number>/take-out", Permission.TRIAGE)
def look_to_take_out(number: str) -> Answer:
    """Which reports do not belong to this case; `reports` of the address are ticked. Nothing is changed."""
    return _look("take_out", find(number), TakeOutForm())


@desk.post("/cases/<number>/take-out", Permission.TRIAGE)
def take_reports_out(number: str) -> Answer:
    """Take them out; of no other case, they wait for triage again."""
    form = TakeOutForm(request.form)

    def act(case: Case, reports: list[Report]) -> Answer:
        free = len(take_out(case, reports, me(), form.reason.data))
        waiting = ngettext("%(num)s report waits for triage again.", "%(num)s reports wait for triage again.", free)
        return done(number, " ".join([_("Taken out of the case."), *([waiting] if free else [])]))

    return _part("take_out", number, form, act)


@desk.get("/cases/<number>/split", Permission.TRIAGE)
def split_case(number: str) -> Answer:
    """Which reports shall be a case of their own. Nothing is changed."""
    case = find(number)
    return _look("split", case, DescribeForm(title=case.title, kind=case.kind))


@desk.post("/cases/<number>/split", Permission.TRIAGE)
def do_split(number: str) -> Answer:
    """Open the new case."""
    form = DescribeForm(request.form)

    def act(case: Case, reports: list[Report]) -> Answer:
        made = splitting.split(case, reports, me(), title=form.title.data, kind=form.kind.data)
        return done(made.number, _("The new case is open."))

    return _part("split", number, form, act)


def _look(page: str, case: Case, form: Form) -> Answer:
    if case.state not in OPEN:
        return refused(case.number, HandlingRefused("closed"))
    return _page(page, case, form)


def _part(page: str, number: str, form: Form, act: Callable[[Case, list[Report]], Answer]) -> Answer:
    case = hold(number)
    if not form.validate():
        return _page(page, case, form, INVALID)
    ticked = request.form.getlist("reports")
    try:
        return act(case, [each for each in reports_of(case, me()) if each.number in ticked])
    except HandlingRefused as error:
        session.rollback()
        if error.reason == "closed":
            return refused(number, error)
        return _page(page, find(number), form, INVALID, error.reason)


def _page(page: str, case: Case, form: Form, status: int = 200, wrong: str = "") -> Answer:
    told = [(merging_words.REFUSED[wrong], "#reports")] if wrong else []
    ticked = request.values.getlist("reports")
    return show(page, status, wrong=told, case=case, form=form, reports=reports_of(case, me()), ticked=ticked)
