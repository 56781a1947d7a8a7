"""At the desk: the centre's word on the release that a member organisation asks for (004-15)."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.cases import agency_after
from cert_portal.cases.agency import AgencyRefused
from cert_portal.cases.models import AgencyReport
from cert_portal.cases.visible import find_report
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.agency_words import REFUSED
from cert_portal.web.staff.desk import INVALID, Answer, desk, me
from cert_portal.web.staff.report import show_report


@desk.post("/reports/<number>/release", Permission.HANDLE)
def confirm_release(number: str) -> Answer:
    """Confirm it; where the form did not come, with the solution that was told otherwise."""
    try:
        agency_after.confirm(_found(number), me(), request.form.get("solution", ""))
    except AgencyRefused as error:
        return _refused(number, error)
    return _done(number, _("The release is confirmed. The case can be closed."))


@desk.post("/reports/<number>/release/return", Permission.HANDLE)
def return_release(number: str) -> Answer:
    """Ask the organisation for more."""
    try:
        agency_after.not_yet(_found(number), me(), request.form.get("more", ""))
    except AgencyRefused as error:
        return _refused(number, error)
    return _done(number, _("The organisation sees what is missing."))


def _found(number: str) -> AgencyReport:
    report = find_report(number, me()) or abort(404)
    return agency_after.of_reports([report]).get(report.id) or abort(404)


def _done(number: str, said: str) -> Answer:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.report", number=number, _anchor="agency"))


def _refused(number: str, error: AgencyRefused) -> Answer:
    session.rollback()
    report = find_report(number, me()) or abort(404)
    return show_report(report, INVALID, wrong=[(REFUSED[error.reason], "#agency")])
