"""Check the answers, then send."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.intake import drafts
from cert_portal.intake.drafts import DraftIncomplete
from cert_portal.intake.models import ReportDraft
from cert_portal.web.limits import reporting
from cert_portal.web.public import nuisance, visitor
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID, stray_from
from cert_portal.web.public.steps import STEPS
from cert_portal.web.public.summary import sections


@public.get("/report/check")
def check() -> Response | str:
    """All answers, each with its way back."""
    draft = visitor.draft()
    return stray_from(STEPS[-1], draft) or _page(draft, missing="")


@public.post("/report/check")
@reporting
def send() -> Response | tuple[str, int]:
    """Send the report; a second press finds it sent."""
    draft = visitor.draft()
    if draft is None:
        return redirect(url_for("public.start"))
    try:
        drafts.send(draft, nuisance.signs(drafts.token_of(draft)))
    except DraftIncomplete as error:
        return _page(draft, missing=str(error)), INVALID
    session.commit()
    return redirect(url_for("public.sent"))


def _page(draft: ReportDraft | None, missing: str) -> str:
    """`missing` is the slug of the page that holds up the report."""
    answers, files = (draft.answers, draft.files) if draft else ({}, [])
    return render_template(
        "public/report/check.html",
        draft=draft,
        steps=STEPS,
        sections=sections(answers, [each.filename for each in files], g.language),
        missing=missing,
        work=nuisance.work_for(drafts.token_of(draft)) if draft else None,
    )
