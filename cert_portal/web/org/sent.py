"""One report: where it stands and what was told; the coordinator sends it on or gives it back."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.cases import agency, agency_after
from cert_portal.cases.agency import AgencyRefused
from cert_portal.cases.models import AgencyNote, AgencyReport, AgencyState
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.intake import drafts
from cert_portal.intake.models import Report
from cert_portal.web.forms.agency import Late, Reason
from cert_portal.web.org.gate import INVALID, Answer, Caller, act, page, show
from cert_portal.web.org.summary import sections


@page("/reports/<int:agency_id>")
def sent(caller: Caller, agency_id: int) -> Answer:
    """Where it stands, and everything that was told."""
    row = caller.find(agency_id)
    if row.state == AgencyState.DRAFT:
        return redirect(url_for("org.check", agency_id=agency_id))
    return _page(caller, row)


@act("/reports/<int:agency_id>/pass-up")
def pass_up(caller: Caller, agency_id: int) -> Answer:
    """Send to the centre what a unit handed in; a late one needs a reason first."""
    row, form = caller.find(agency_id), Late(request.form)
    try:
        agency.pass_up(row, caller.user, caller.member, form.late_reason.data)
    except AgencyRefused as error:
        return _refused(caller, agency_id, error, late=form)
    session.commit()
    return redirect(url_for("org.sent", agency_id=agency_id, done=1))


@act("/reports/<int:agency_id>/send-back")
def send_back(caller: Caller, agency_id: int) -> Answer:
    """Give it back to the unit with a reason."""
    row, form = caller.find(agency_id), Reason(request.form)
    try:
        agency.send_back(row, caller.user, caller.member, form.reason.data)
    except AgencyRefused as error:
        return _refused(caller, agency_id, error, back=form)
    session.commit()
    return redirect(url_for("org.sent", agency_id=agency_id))


@act("/notes/<int:note_id>/pass-up")
def pass_note_up(caller: Caller, note_id: int) -> Answer:
    """Send to the centre what a unit told later."""
    (note, row), form = _note(caller, note_id), Late(request.form)
    try:
        agency_after.pass_note_up(note, caller.user, caller.member, form.late_reason.data)
    except AgencyRefused as error:
        return _refused(caller, row.id, error, at=f"#late-{note_id}" if error.reason == "late" else "")
    session.commit()
    return redirect(url_for("org.sent", agency_id=row.id))


@act("/notes/<int:note_id>/send-back")
def send_note_back(caller: Caller, note_id: int) -> Answer:
    """Give it back to the unit with a reason."""
    (note, row), form = _note(caller, note_id), Reason(request.form)
    try:
        agency_after.send_note_back(note, caller.user, caller.member, form.reason.data)
    except AgencyRefused as error:
        return _refused(caller, row.id, error, back=form)
    session.commit()
    return redirect(url_for("org.sent", agency_id=row.id))


def _note(caller: Caller, note_id: int) -> tuple[AgencyNote, AgencyReport]:
    note = session.get(AgencyNote, note_id) or abort(404)
    return note, caller.find(note.agency_report_id)


def why(error: AgencyRefused) -> str:
    """A refusal in the reader's words."""
    said = {
        "late": _("The time is over: say why it is late. Nothing is lost, and the report is taken with the reason."),
        "incomplete": _("Some answers are missing"),
        "wrong_state": _("This was done in the meantime. Look at where it stands now."),
        "not_coordinator": _("Only the coordinator of your organisation can do this."),
        "reason_missing": _("Give a reason"),
        "empty": _("Write what is new, or change an answer"),
        "solution_missing": _("Say what the solution was"),
        "learnt_missing": _("The level rises above 1: say when you learnt this, with the time"),
    }
    return said[error.reason]


def _refused(caller: Caller, agency_id: int, error: AgencyRefused, at: str = "", **facts: Any) -> Answer:
    session.rollback()
    place = at or {"late": "#late_reason", "reason_missing": "#reason"}.get(error.reason, "#main-content")
    return _page(caller, caller.find(agency_id), INVALID, wrong=[(why(error), place)], refused=error.reason, **facts)


def _page(caller: Caller, row: AgencyReport, status: int = 200, **facts: Any) -> Answer:
    draft, report = agency.draft_of(row), session.get(Report, row.report_id) if row.report_id else None
    answers = draft.answers if draft else row.facts
    details = drafts.submission_of(draft).as_json() if draft else (report.details if report else {})
    files = draft.files if draft else (report.files if report else [])
    known: dict[str, Any] = {"wrong": [], "refused": "", "late": Late(), "back": Reason(), **facts}
    return show(
        "report",
        caller,
        status,
        row=row,
        report=report,
        number=report.number if report else (draft.number if draft else ""),
        assessed=agency.assessed(answers) if draft else None,
        sections=sections(details, answers, [each.filename for each in files]),
        notes=agency_after.notes(row),
        mails=agency_after.mails(row) if report else [],
        names={user.id: user.name for user in accounts.everybody()},
        may_change=agency.may_change(row, caller.user),
        **known,
    )
