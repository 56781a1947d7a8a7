"""Check the answers, then hand in: to the centre, or to the coordinator who alone may send what a unit reports."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from cert_portal.cases import agency
from cert_portal.cases.agency import AgencyRefused
from cert_portal.core.db import session
from cert_portal.directory import systems
from cert_portal.intake import drafts
from cert_portal.web.forms.agency import Late
from cert_portal.web.org.gate import INVALID, Answer, Caller, act, page, show
from cert_portal.web.org.steps import ASKS
from cert_portal.web.org.summary import sections


@page("/reports/<int:agency_id>/check")
def check(caller: Caller, agency_id: int) -> Answer:
    """All answers, each with its way back, and how the clock stands."""
    return _page(caller, agency_id, Late())


@act("/reports/<int:agency_id>/check")
def hand_in(caller: Caller, agency_id: int) -> Answer:
    """Send, or hand in; a second press finds it done."""
    row, form = caller.changing(agency_id), Late(request.form)
    if row is None:
        return redirect(url_for("org.sent", agency_id=agency_id))
    if not form.validate():
        return _page(caller, agency_id, form, INVALID)
    try:
        agency.hand_in(row, caller.user, caller.member, form.late_reason.data)
    except AgencyRefused as error:
        session.rollback()
        return _page(caller, agency_id, form, INVALID, reason=error.reason, missing=list(error.missing))
    session.commit()
    return redirect(url_for("org.sent", agency_id=agency_id, done=1))


def _page(caller: Caller, agency_id: int, form: Late, status: int = 200, **facts: Any) -> Answer:
    row = caller.changing(agency_id)
    draft = agency.draft_of(row) if row else None
    if row is None or draft is None:
        return redirect(url_for("org.sent", agency_id=agency_id))
    form.late_reason.data = form.late_reason.data or row.late_reason
    known = {"reason": "", "missing": [], **facts}
    files = [each.filename for each in draft.files]
    return show(
        "check",
        caller,
        status,
        row=row,
        form=form,
        assessed=agency.assessed(draft.answers),
        sections=sections(drafts.submission_of(draft).as_json(), draft.answers, files),
        pages=ASKS,
        rated=all(draft.answers.get(name) for name in ("leaked", "tampered", "halted")),
        draft_support=draft.answers.get("support"),
        system=systems.of(row.organisation_id, draft.answers.get("system") or ""),
        in_copy=systems.in_copy(row.organisation_id, draft.answers.get("system") or ""),
        **known,
    )
