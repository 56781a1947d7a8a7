"""Files that go with the report of an organisation."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from cert_portal.cases import agency
from cert_portal.core.db import session
from cert_portal.intake import drafts
from cert_portal.web.forms.report import NothingAsked
from cert_portal.web.forms.uploads import take_files
from cert_portal.web.limits import uploading
from cert_portal.web.org.gate import INVALID, Answer, Caller, act
from cert_portal.web.org.question import ask, onward, turn_aside
from cert_portal.web.org.steps import STEPS

EVIDENCE = next(step for step in STEPS if step.slug == "evidence")


@act("/reports/<int:agency_id>/form/evidence")
@uploading
def add_evidence(caller: Caller, agency_id: int) -> Answer:
    """Take the files that can be taken and say why the others cannot."""
    row = caller.changing(agency_id)
    draft = agency.draft_of(row) if row else None
    if draft is None:
        return redirect(url_for("org.sent", agency_id=agency_id))
    wrong = take_files(draft, request.files.getlist("files"))
    drafts.answer(draft, {EVIDENCE.key: {"seen": ["1"]}})
    aside = turn_aside(caller, agency_id, EVIDENCE)
    session.commit()
    if wrong:
        return ask(caller, agency_id, EVIDENCE, NothingAsked(), draft, INVALID, wrong=wrong)
    if request.form.get("then") == "add":
        return redirect(
            url_for("org.question", agency_id=agency_id, step="evidence", change=request.args.get("change"))
        )
    return aside or onward(agency_id, EVIDENCE)


@act("/reports/<int:agency_id>/form/evidence/<int:file_id>/remove")
def remove_evidence(caller: Caller, agency_id: int, file_id: int) -> Answer:
    """Take a file back."""
    row = caller.changing(agency_id)
    draft = agency.draft_of(row) if row else None
    if draft is not None:
        drafts.remove_file(draft, file_id)
        session.commit()
    return _again(agency_id)


def _again(agency_id: int) -> Response:
    return redirect(url_for("org.question", agency_id=agency_id, step="evidence", change=request.args.get("change")))
