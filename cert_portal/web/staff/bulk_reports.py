"""One act on many reports of the queue, in two steps: look what will happen, then do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import BooleanField, Form

from cert_portal.cases import bulk_after, bulk_reports, letters, queue
from cert_portal.cases.bulk_reports import Chosen, Decision, ReportAct
from cert_portal.cases.models import BulkRun
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.queue import View
from cert_portal.cases.triage import TriageRefused, refusals
from cert_portal.cases.visible import find_case, how_many_reports
from cert_portal.cases.workflow import OPEN
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.forms.fields import Line, offered
from cert_portal.web.staff import say, words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, moment_told, show
from cert_portal.web.staff.forms import Pick, kinds


class ManyReportsForm(Form):
    """What one act on many reports needs; which of it, the act tells."""

    title = Line(limit=200)
    kind = Pick({})
    restricted = BooleanField()
    case = Line(limit=40)
    reason = Pick({})
    tell = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered({"": "", **kinds()})
        self.reason.choices = offered({"": "", **{code: say.refusal(code) for code in refusals()}})


NEEDED = {ReportAct.OPEN: ("title", "kind"), ReportAct.ATTACH: ("case",), ReportAct.REFUSE: ("reason",)}


@desk.post("/reports/bulk", Permission.TRIAGE)
def preview_reports() -> Answer:
    """Which reports it concerns and which it leaves out; asks what the act needs. Nothing is changed."""
    chosen = _chosen()
    kinds = Counter(each.kind for each in chosen.reports)
    kind = kinds.most_common(1)[0][0] if kinds else ""
    title = chosen.reports[0].title if chosen.reports else ""
    wrong = (
        [] if chosen.reports else [(_("Choose at least one report that nobody has dealt with yet"), "#main-content")]
    )
    return _page(chosen, ManyReportsForm(title=title, kind=kind), wrong, 200 if chosen.reports else INVALID)


@desk.post("/reports/bulk/do", Permission.TRIAGE)
def do_reports() -> Answer:
    """Do it, as far as it is still possible."""
    chosen, form, act = _chosen(), ManyReportsForm(request.form), _act()
    if not form.validate() or any(not form[name].data for name in NEEDED[act]):
        missing = [(_("Fill this in"), f"#{name}") for name in NEEDED[act] if not form[name].data]
        return _page(chosen, form, missing, INVALID)
    if act is ReportAct.REFUSE and form.tell.data and "seen" not in request.form and chosen.reports:
        return _preview_letters(chosen, form)
    if act is ReportAct.ATTACH and chosen.reports and (case := find_case(form.case.data, me())) is not None:
        if case.state not in OPEN:
            return _page(chosen, form, [(words.REFUSED["closed"], "#case")], INVALID)
        if request.form.get("seen") != case.number:
            return _page(chosen, form, [], 200, into=case, holds=how_many_reports([case], me()).get(case.id, 0))
    told = {"title": form.title.data, "kind": form.kind.data, "restricted": form.restricted.data}
    value = form.case.data if act is ReportAct.ATTACH else form.reason.data
    try:
        wish = Decision(act, value=value, tell=form.tell.data, since=moment_told("looked"), **told)
        run = bulk_reports.do(chosen, wish, me())
    except TriageRefused as error:
        session.rollback()
        return _page(_chosen(), form, [(each, "#main-content") for each in say.why(error)], INVALID)
    session.commit()
    return redirect(url_for("staff.reports_run", run_id=run.id))


@desk.get("/reports/bulk/<int:run_id>", Permission.TRIAGE)
def reports_run(run_id: int) -> Answer:
    """What became of which report."""
    return _result(_run(run_id))


def _result(run: BulkRun, status: int = 200, wrong: Sequence[tuple[Any, str]] = ()) -> Answer:
    done, told = bulk_reports.seen(run, me())
    left_out, kept = bulk_after.apart(told)
    facts: dict[str, Any] = {
        "standing": bulk_after.standing(run, done),
        "post": bulk_reports.post_of(run, me()),
        "untold": bulk_reports.untold(run),
        "names": accounts.names(),
        "tells_value": bool(done) or run.user_id == me().id,
    }
    facts |= {"kept": kept, "recent": bulk_after.recent(me()), "left_out": _reasons(left_out)}
    return show("bulk_reports_done", status, wrong=wrong, run=run, done=done, **facts)


@desk.post("/reports/bulk/<int:run_id>/undo", Permission.TRIAGE)
def undo_reports(run_id: int) -> Answer:
    """Put what was decided back into the queue."""
    try:
        count = bulk_reports.undo(_run(run_id), me())
    except TriageRefused as error:
        session.rollback()
        return _result(_run(run_id), INVALID, [(each, "#main-content") for each in say.why(error)])
    session.commit()
    if count is None:
        flash(_("It was undone already."), "note")
    else:
        said = ngettext("%(num)s report is back in the queue.", "%(num)s reports are back in the queue.", count)
        flash(said, "done")
    return redirect(url_for("staff.reports_run", run_id=run_id))


def _preview_letters(chosen: Chosen, form: ManyReportsForm) -> Answer:
    """The prepared letter in both languages, before anybody gets it."""
    reason, unreached = form.reason.data, letters.unreached(chosen.reports)
    told = [each for each in chosen.reports if each.number not in unreached]
    first = (told or chosen.reports)[0]
    if reason in letters.UNTOLD:
        return _page(chosen, form, [(_("For this reason nobody is told. Take the tick away."), "#tell")], INVALID)
    shown = {language: letters.refusal(first, reason, language) for language in Language}
    reached = Counter(Language(each.language) for each in told)
    post = {"reached": reached, "unreached": unreached}
    return _page(chosen, form, [], 200, letters_shown=shown, waits=current().bulk_letter_minutes, **post)


def _reasons(left_out: Iterable[tuple[str, str]]) -> dict[str, str]:
    """In words why each of these was left out; of one that was decided who did that."""
    told = dict(left_out)
    quicker = say.quicker([number for number, why in told.items() if why == "taken"])
    return {number: quicker.get(number) or str(words.REFUSED[why]) for number, why in told.items()}


def _act() -> ReportAct:
    told = request.form.get("act")
    return ReportAct(told) if told in set(ReportAct) else abort(400)


def _numbers() -> list[str]:
    """Those that were ticked, or all that match: one more than can be done at once, so that it is seen."""
    if "everything" not in request.form:
        return list(dict.fromkeys(request.form.getlist("numbers")))
    try:
        query = parse(request.form.get("q", ""))
        return queue.report_numbers(View.TRIAGE, query, me(), bulk_reports.MOST + 1)
    except QueryRefused:
        abort(400)


def _chosen() -> Chosen:
    act = _act()
    into = find_case(request.form.get("case", ""), me()) if act is ReportAct.ATTACH else None
    since = moment_told("looked") if "tell" in request.form else None
    return bulk_reports.choose(_numbers(), me(), with_groups="groups" in request.form, act=act, into=into, since=since)


def _run(run_id: int) -> BulkRun:
    return bulk_reports.run_of(run_id, me()) or abort(404)


def _page(chosen: Chosen, form: ManyReportsForm, wrong: list[tuple[str, str]], status: int, **more: Any) -> Answer:
    numbers = _numbers()
    alike = 0 if "groups" in request.form else bulk_reports.alike(numbers, me())
    more |= {"most": bulk_reports.MOST, "is_more": len(numbers) > bulk_reports.MOST}
    more["reasons"] = _reasons((each.number, why) for each, why in chosen.left_out)
    more["looked"] = moment_told("looked") or clock.now()
    facts = {"numbers": numbers[: bulk_reports.MOST], "groups": "groups" in request.form, "alike": alike, **more}
    return show("bulk_reports", status, wrong=wrong, act=_act(), chosen=chosen, form=form, **facts)
