"""The lists that the day begins with, and the search box."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import ngettext

from cert_portal.cases import queue as lists
from cert_portal.cases import search as searching
from cert_portal.cases import service
from cert_portal.cases.agency_after import of_reports
from cert_portal.cases.clocks import FIRST_RESPONSE, RESOLUTION, ruler
from cert_portal.cases.outside import answered
from cert_portal.cases.queue import View
from cert_portal.cases.related import how_many_share
from cert_portal.cases.visible import find_report
from cert_portal.coordination.visible import find_referral
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.intake import groups, reconcile
from cert_portal.intake.models import Report, ReportState
from cert_portal.web.forms import agency_words
from cert_portal.web.staff.desk import Answer, desk, me, show


@desk.get("/", Permission.READ_REPORTS)
def queue() -> Answer:
    """Reports that wait for triage, the first due first."""
    return _reports(View.TRIAGE)


@desk.get("/queue/<view>", Permission.READ_CASES)
def list_of(view: str) -> Answer:
    """One of the other lists."""
    if view not in set(View) or view == View.TRIAGE:
        abort(404)
    return _reports(View(view)) if lists.holds_reports(View(view)) else _cases(View(view))


@desk.post("/queue/quarantined", Permission.TRIAGE)
def decide_quarantined() -> Answer:
    """Bring back what was set aside, or refuse it as spam: all that were ticked; what somebody else decided is left."""
    done = 0
    for number in dict.fromkeys(request.form.getlist("numbers")[: lists.PAGE]):
        found = find_report(number, me()) or abort(404)
        if found.state != ReportState.QUARANTINED:
            continue
        if request.form.get("do") == "spam":
            service.refuse(found, "spam", me())
        else:
            service.return_to_queue(found, me())
        done += 1
    session.commit()
    flash(ngettext("%(num)s report decided.", "%(num)s reports decided.", done), "done")
    return redirect(url_for("staff.list_of", view=View.QUARANTINED))


@desk.get("/search", Permission.READ_CASES)
def search() -> Answer:
    """A number leads straight to its row, words to a list."""
    query = request.args.get("q", "")[:300].strip()
    found = searching.find(query, me())
    if isinstance(found.straight, Report):
        return redirect(url_for("staff.report", number=found.straight.number))
    if found.straight:
        return redirect(url_for("staff.case", number=found.straight.number))
    if referral := find_referral(query, me()):
        return redirect(url_for("staff.referral", number=referral.number))
    return show("search", query=query, found=found, names=accounts.names(), answered=answered(found.cases))


def _reports(view: View) -> Answer:
    page = lists.reports(view, me(), _after())
    return show(
        "queue_reports",
        view=view,
        page=page,
        clock=ruler(FIRST_RESPONSE),
        agencies=of_reports(page.rows),
        agency_book=agency_words,
        shares=how_many_share(page.rows, me()),
        surges=groups.sizes(page.rows),
        overdue=lists.overdue(me()),
        counts=lists.counts(me()),
        alarm=reconcile.is_alarmed(),
    )


def _cases(view: View) -> Answer:
    page = lists.cases(view, me(), _after())
    return show(
        "queue_cases",
        view=view,
        page=page,
        answered=answered(page.rows),
        clock=ruler(RESOLUTION),
        names=accounts.names(),
        counts=lists.counts(me()),
    )


def _after() -> int:
    told = request.args.get("after", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 18 else 0
