"""Files that go with a report."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.intake import drafts
from cert_portal.intake.models import ReportDraft
from cert_portal.web.forms.uploads import take_files
from cert_portal.web.forms.way import find
from cert_portal.web.limits import uploading
from cert_portal.web.public import visitor
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID, onward, stray_from, stray_post, turn_aside
from cert_portal.web.public.steps import STEPS


@public.get("/report/evidence")
def evidence() -> Response | str:
    """The files so far, and room for more."""
    draft = visitor.draft()
    step = find(STEPS, "evidence") or STEPS[0]
    return stray_from(step, draft) or _page(draft, [])


@public.post("/report/evidence")
@uploading
def add_evidence() -> Response | tuple[str, int]:
    """Take the files that can be taken and say why the others cannot."""
    if away := stray_post():
        return away
    draft = visitor.draft_to_fill()
    step = find(STEPS, "evidence") or STEPS[0]
    wrong = take_files(draft, request.files.getlist("files"))
    drafts.answer(draft, {step.key: {"seen": ["1"]}})
    session.commit()
    if wrong:
        return _page(draft, wrong), INVALID
    if request.form.get("then") == "add":
        return redirect(url_for("public.evidence", change=request.args.get("change")))
    return turn_aside(step) or onward(step)


@public.post("/report/evidence/<int:file_id>/remove")
def remove_evidence(file_id: int) -> Response:
    """Take a file back."""
    draft = visitor.draft()
    if draft and not draft.report_number:
        drafts.remove_file(draft, file_id)
        session.commit()
    return redirect(url_for("public.evidence", change=request.args.get("change")))


def _page(draft: ReportDraft | None, wrong: list[str]) -> str:
    step = find(STEPS, "evidence")
    return render_template("public/report/evidence.html", step=step, steps=STEPS, draft=draft, wrong=wrong)
