"""Findings that machines reported: the list, one of them, and what becomes of those that were ticked."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import service, sightings, timeline
from cert_portal.cases.service import TriageRefused
from cert_portal.cases.visible import find_case, find_findings, findings_visible_to
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.permissions import Permission
from cert_portal.monitoring import findings as seen
from cert_portal.monitoring.findings import Wanted
from cert_portal.monitoring.models import Finding, FindingState
from cert_portal.web.staff import say, words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.findings_forms import AttachForm, Chosen, OpenForm, SetAsideForm, number


@desk.get("/findings", Permission.READ_CASES)
def findings() -> Answer:
    """The list, newest first: what is open unless asked otherwise."""
    told, shown = request.args, findings_visible_to(me())
    state = told.get("state", "")
    wanted = Wanted(
        state if state in set(FindingState) else FindingState.OPEN,
        told.get("feed", "")[:60],
        number(told.get("organisation")),
        told.get("case", "")[:16],
    )
    page = seen.page(wanted, shown, after=told.get("before", ""))
    known: dict[str, Any] = {
        "counts": seen.counts(wanted, shown),
        "feeds": seen.feeds(shown),
        "organisations": seen.organisations(),
    }
    return show("findings", rows=page.rows, after=page.after, wanted=wanted, **known)


@desk.get("/findings/<int:finding_id>", Permission.READ_CASES)
def finding(finding_id: int) -> Answer:
    """All that was told about one."""
    found = next(iter(find_findings([finding_id], me())), None) or abort(404)
    case = find_case(found.case_number, me()) if found.case_number else None
    raw = {name: told if isinstance(told, str) else json.dumps(told, ensure_ascii=False) for name, told in _raw(found)}
    return _decide([found], "finding", one=found, case=case, raw=raw, entries=timeline.of_finding(found, me()))


@desk.get("/findings/selected", Permission.TRIAGE)
def selected_findings() -> Answer:
    """Those that were ticked, and what may become of them."""
    rows = _chosen(Chosen(request.args))
    return _decide(rows, "findings_selected") if rows else _nothing()


@desk.post("/findings/open", Permission.TRIAGE)
def open_case_of_findings() -> Answer:
    """One case from all of them."""
    form = OpenForm(request.form)
    rows = _chosen(form)
    if not rows:
        return _nothing()
    if not form.validate():
        return _decide(rows, "findings_selected", INVALID, opening=form)
    told = {"title": form.title.data, "kind": form.kind.data, "restricted": form.restricted.data}
    try:
        case = service.open_case_of(rows, me(), **told)
    except TriageRefused as error:
        return _refused(error)
    session.commit()
    return redirect(url_for("staff.case", number=case.number))


@desk.post("/findings/attach", Permission.TRIAGE)
def attach_findings() -> Answer:
    """Join them to a case that is there."""
    form = AttachForm(request.form)
    rows, case = _chosen(form), find_case(form.told, me())
    if not rows:
        return _nothing()
    if case is None:
        return _decide(
            rows, "findings_selected", INVALID, attaching=form, wrong=[(_("There is no such case"), "#case")]
        )
    try:
        service.attach_findings(case, rows, me())
    except TriageRefused as error:
        return _refused(error)
    session.commit()
    return redirect(url_for("staff.case", number=case.number))


@desk.post("/findings/set-aside", Permission.TRIAGE)
def set_findings_aside() -> Answer:
    """Do nothing about them, for a reason."""
    form = SetAsideForm(request.form)
    rows = _chosen(form)
    if not rows:
        return _nothing()
    if not form.validate():
        return _decide(rows, "findings_selected", INVALID, setting=form)
    done = seen.set_aside(rows, form.reason.data, me())
    session.commit()
    flash(ngettext("%(num)s finding was set aside.", "%(num)s findings were set aside.", done), "done")
    return _back(form.listed)


@desk.post("/findings/return", Permission.TRIAGE)
def return_findings() -> Answer:
    """Open again what was set aside."""
    form = Chosen(request.form)
    done = seen.put_back(find_findings(form.ids, me()), me())
    if not done:
        return _nothing()
    session.commit()
    flash(ngettext("%(num)s finding is open again.", "%(num)s findings are open again.", done), "done")
    return _back(form.listed)


def _chosen(form: Chosen) -> list[Finding]:
    """What a form is about, as far as the person may see it."""
    listed = form.listed
    if form.whole.data and (listed.feed or listed.organisation):
        return seen.everything(listed, findings_visible_to(me()))
    return find_findings(form.ids, me())


def _decide(rows: list[Finding], template: str, status: int = 200, **facts: Any) -> Answer:
    chosen = Chosen(request.values)
    listed = chosen.listed
    narrowed = bool(listed.feed or listed.organisation)
    known = {
        "rows": rows,
        "organisations": seen.organisations(),
        "whole": seen.counts(listed, findings_visible_to(me()))[FindingState.OPEN] if narrowed else 0,
        "chosen": chosen,
        "opening": OpenForm(title=_title(rows), kind=Counter(each.kind for each in rows).most_common(1)[0][0]),
        "attaching": AttachForm(),
        "setting": SetAsideForm(),
        "proposed": sightings.cases_alike(rows, me()),
    }
    return show(template, status, **{**known, **facts})


def _title(rows: list[Finding]) -> str:
    """Who answers and what was seen, if that is the same for all."""
    names, body = {say.kind(each.kind) for each in rows}, {each.organisation_id for each in rows}
    known = seen.organisations().get(next(iter(body)) or 0) if len(body) == 1 else None
    places = {each.domain or each.ip for each in rows}
    where = known.name(say.language()) if known else next(iter(places)) if len(places) == 1 else rows[0].feed
    return ("：" if say.language() is Language.ZH_HANT else ": ").join([" · ".join(sorted(names)[:2]), where])


def _raw(found: Finding) -> list[tuple[str, Any]]:
    return sorted((name, told) for name, told in found.raw.items() if told not in ("", None, [], {}))


def _nothing() -> Answer:
    flash(_("Tick at least one finding first."), "note")
    return redirect(url_for("staff.findings"))


def _refused(error: TriageRefused) -> Answer:
    session.rollback()
    flash(words.REFUSED[error.reason], "note")
    return redirect(url_for("staff.findings"))


def _back(listed: Wanted) -> Answer:
    return redirect(url_for("staff.findings", feed=listed.feed or None, organisation=listed.organisation or None))
