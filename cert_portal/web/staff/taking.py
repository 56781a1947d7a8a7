"""Reports that an operator takes down while somebody talks, and the calls that nobody answered."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext as _

from cert_portal.cases.alike import alike
from cert_portal.cases.visible import find_report, hidden_reports
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.spoken import read_out
from cert_portal.directory.permissions import Permission
from cert_portal.guidance.advice import advice_html, who_to_tell
from cert_portal.guidance.script import script
from cert_portal.intake import by_hand, calls, status
from cert_portal.intake.files import FileRefused
from cert_portal.intake.models import Report
from cert_portal.intake.submission import Origin
from cert_portal.web.staff import taking_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.taking_forms import CallForm, TakingForm

TOLD = "told"
"""Under this name the cookie holds the number of the report whose secret is shown next, once."""


@desk.get("/reports/new", Permission.ANSWER)
def take_report() -> Answer:
    """The screen while somebody talks: what to say, what to ask, and which reports are alike."""
    language = request.args.get("language", Language.ZH_HANT.value)
    known = {"channel": request.args.get("channel", ""), "telephone": request.args.get("telephone", "")[:60]}
    return _page(TakingForm(language=language, **known))


@desk.post("/reports/new/alike", Permission.ANSWER)
def alike_reports() -> Answer:
    """The reports that may tell of the same thing, while the operator types."""
    found = alike(TakingForm(request.form).told(), me())
    return show("alike", found=found, taking=taking_words)


@desk.post("/reports/new", Permission.ANSWER)
def save_report() -> Answer:
    """A new report, or an addition to the one whose button was pressed."""
    form = TakingForm(request.form)
    if not form.validate():
        return _page(form, INVALID)
    sent = [(each.filename or "file", each.read()) for each in request.files.getlist("files") if each.filename]
    try:
        report = _saved(form, sent)
    except FileRefused as refused:
        session.rollback()
        return _page(form, INVALID, wrong=[(taking_words.FILES[refused.code], "#files")])
    joined = "1" if request.form.get("join") else None
    if joined is None:
        _show_next(report)
    session.commit()
    return redirect(url_for("staff.read_back", number=report.number, joined=joined))


@desk.get("/reports/<number>/read-back", Permission.ANSWER)
def read_back(number: str) -> Answer:
    """The number digit by digit, the secret, and what happens next, to be read out.

    The secret stands here once for each time that is recorded. Whoever joins the report of somebody else is not told
    that one's secret.
    """
    report = find_report(number, me()) or abort(404)
    joined = bool(request.args.get("joined"))
    is_next = cookie.pop(TOLD, "") == report.number and not joined
    told = Language(report.language)
    return show(
        "read_back",
        report=report,
        secret=status.secret_of(report.number) if is_next else "",
        joined=joined,
        may_show=by_hand.taker(report) == me().actor,
        spoken={each: read_out(report.number, each) for each in Language},
        script=script(),
        told=told,
        advice=advice_html(report.kind, told),
        languages=Language,
    )


@desk.post("/reports/<number>/read-back", Permission.ANSWER)
def read_back_again(number: str) -> Answer:
    """Show the secret once more to who took the report down; all others call the reporter back."""
    report = find_report(number, me()) or abort(404)
    if by_hand.taker(report) != me().actor:
        flash(_("The code is shown again only to who took the report down. Call the reporter back."), "note")
        return redirect(url_for("staff.report", number=report.number))
    _show_next(report)
    session.commit()
    return redirect(url_for("staff.read_back", number=report.number))


@desk.get("/calls", Permission.ANSWER)
def list_calls() -> Answer:
    """Calls that wait for somebody to call back, and the latest that are done."""
    return _calls(CallForm())


@desk.post("/calls", Permission.ANSWER)
def note_call() -> Answer:
    """Write a call down."""
    form = CallForm(request.form)
    if not form.validate():
        return _calls(form, INVALID)
    calls.note(form.what(), form.number.data, form.note.data, me())
    session.commit()
    flash(_("The call was noted."), "done")
    return redirect(url_for("staff.list_calls"))


@desk.post("/calls/<int:call_id>", Permission.ANSWER)
def call_back(call_id: int) -> Answer:
    """Somebody called back: reached, or nobody answered."""
    reached = request.form.get("do") == "reached"
    if calls.called_back(call_id, reached, request.form.get("note", "")[:500], me()) is None:
        session.rollback()
        flash(_("Somebody has seen to this call already."), "note")
        return redirect(url_for("staff.list_calls"))
    session.commit()
    flash(_("The call is done.") if reached else _("The call stays on the list."), "done")
    return redirect(url_for("staff.list_calls"))


def _show_next(report: Report) -> None:
    status.read_secret(report, me())
    cookie[TOLD] = report.number


def _saved(form: TakingForm, sent: list[tuple[str, bytes]]) -> Report:
    if chosen := request.form.get("join"):
        report = find_report(chosen, me()) or abort(404)
        more = [] if form.anonymous.data else form.of_the_caller()
        by_hand.join(report, form.submission(), form.by, me(), sent, more)
        return report
    facts = {"origin": Origin(form.origin.data), "received_at": form.received_at(), "address": form.postal()}
    return by_hand.take_down(form.submission(), form.by, me(), sent=sent, **facts)  # type: ignore[arg-type]  # by name


def _page(form: TakingForm, status_code: int = 200, **facts: object) -> Answer:
    urgent = {language: who_to_tell(("police", "bank"), language) for language in Language}
    known = {"form": form, "script": script(), "urgent": urgent, "languages": Language, "taking": taking_words}
    return show("take_report", status_code, **{**known, **facts})  # type: ignore[arg-type]  # facts may hold `wrong`


def _calls(form: CallForm, status_code: int = 200) -> Answer:
    waiting, done = calls.waiting(), calls.latest()
    hidden = set(session.scalars(hidden_reports(me())))
    return show("calls", status_code, form=form, waiting=waiting, done=done, hidden=hidden, taking=taking_words)
