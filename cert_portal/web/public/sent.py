"""After sending: the number, what happens next and when, and a record to keep."""

from __future__ import annotations

from flask import abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cert_portal.core.pdf import to_pdf
from cert_portal.intake import status
from cert_portal.intake.models import Report, ReportDraft
from cert_portal.web.public import visitor
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.summary import sections


@public.get("/report/sent")
def sent() -> Response | str:
    """The confirmation; a bookmark of it still gets a sensible answer."""
    draft = visitor.draft()
    if draft is None:
        return render_template("public/report/sent_before.html")
    if not draft.report_number:
        return redirect(url_for("public.check"))
    report = _report(draft)
    secret = status.secret_of(report.number)
    return render_template("public/report/sent.html", report=report, secret=secret, already=request.args.get("already"))


@public.get("/report/sent/record.pdf")
def record() -> Response:
    """The report as a PDF, for the files, the bank or the insurer."""
    draft = visitor.draft()
    if draft is None or not draft.report_number:
        return redirect(url_for("public.sent"))
    report = _report(draft)
    told = sections(report.details, [each.filename for each in report.files], g.language)
    answer = make_response(to_pdf(render_template("public/record.html", sections=told, report=report)))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{draft.report_number}.pdf"'
    return answer


def _report(draft: ReportDraft) -> Report:
    """The report that the draft became; missing only if it was erased since."""
    number = str(draft.report_number)
    return status.find(number, status.secret_of(number)) or abort(404)
