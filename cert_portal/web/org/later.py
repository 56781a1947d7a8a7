"""After the report: an update, and the release form at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for

from cert_portal.cases import agency, agency_after
from cert_portal.cases.agency import LOSSES, AgencyRefused
from cert_portal.cases.agency_after import Told
from cert_portal.cases.models import AgencyReport, AgencyState
from cert_portal.core.db import session
from cert_portal.intake import drafts
from cert_portal.web import frame
from cert_portal.web.forms.agency import Release, Update
from cert_portal.web.forms.uploads import take_files
from cert_portal.web.limits import uploading
from cert_portal.web.org.gate import INVALID, Answer, Caller, act, page, show
from cert_portal.web.org.sent import why


@page("/reports/<int:agency_id>/update")
def update(caller: Caller, agency_id: int) -> Answer:
    """Ask what is new."""
    row = caller.find(agency_id)
    return _update(caller, row, Update(None, data=_as_it_is(row)))


@act("/reports/<int:agency_id>/update")
@uploading
def send_update(caller: Caller, agency_id: int) -> Answer:
    """Keep what is new; where something is wrong the files must be chosen again."""
    row, form = caller.find(agency_id), Update(request.form)
    if not form.validate():
        return _update(caller, row, form, INVALID)
    holder = drafts.start(frame.language())
    refused = [(why_not, "#files") for why_not in take_files(holder, request.files.getlist("files"))]
    told = Told(form.text.data, form.facts(), form.learnt.data.at, form.late_reason.data, holder)
    try:
        agency_after.update(row, told, caller.user, caller.member)
    except AgencyRefused as error:
        refused = [(why(error), _PLACES.get(error.reason, "#text"))]
    if refused:
        session.rollback()
        return _update(caller, caller.find(agency_id), form, INVALID, wrong=refused)
    session.commit()
    return redirect(url_for("org.sent", agency_id=agency_id, told=1))


@page("/reports/<int:agency_id>/release")
def release(caller: Caller, agency_id: int) -> Answer:
    """Ask for the solution."""
    row = caller.find(agency_id)
    return _release(caller, row, Release(None, data=row.release))


@act("/reports/<int:agency_id>/release")
def ask_release(caller: Caller, agency_id: int) -> Answer:
    """Ask the centre to lift its control."""
    row, form = caller.find(agency_id), Release(request.form)
    if not form.validate():
        return _release(caller, row, form, INVALID)
    try:
        agency_after.ask_release(row, form.told(), caller.user, caller.member)
    except AgencyRefused as error:
        session.rollback()
        return _release(caller, caller.find(agency_id), form, INVALID, error=error)
    session.commit()
    return redirect(url_for("org.sent", agency_id=agency_id, told=1))


_PLACES = {"late": "#late_reason", "learnt_missing": "#learnt-day"}
"""Where on the page a refusal is mended; for the others at its first box."""


def _as_it_is(row: AgencyReport) -> dict[str, Any]:
    hours = {name: row.facts.get(f"{name}_hours") for name in ("tolerable", "expected")}
    known = {name: row.facts.get(name) or "" for name in ("leaked", "tampered", "halted", "scope")}
    known |= {f"loss_{each}": row.facts.get(f"loss_{each}") or "" for each in LOSSES}
    return known | {name: "" if told is None else f"{told:g}" for name, told in hours.items()}


def _update(
    caller: Caller, row: AgencyReport, form: Update, status: int = 200, wrong: Sequence[tuple[str, str]] = ()
) -> Answer:
    if row.state not in agency.WITH_CENTRE:
        return redirect(url_for("org.sent", agency_id=row.id))
    asks_when = {place for _words, place in wrong} & set(_PLACES.values()) or form.learnt.errors or form.learnt.data.at
    return show("update", caller, status, row=row, form=form, wrong=wrong, asks_when=bool(asks_when), losses=LOSSES)


def _release(
    caller: Caller, row: AgencyReport, form: Release, status: int = 200, error: AgencyRefused | None = None
) -> Answer:
    if row.state != AgencyState.SENT:
        return redirect(url_for("org.sent", agency_id=row.id))
    wrong = [(why(error), "#solution")] if error else []
    return show("release", caller, status, row=row, form=form, wrong=wrong)
