"""The lists that the day begins with, and what people keep of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from cert_portal.cases import bulk_reports, due, roster, saved, service, tags
from cert_portal.cases import queue as lists
from cert_portal.cases.agency_after import of_reports
from cert_portal.cases.clocks import FIRST_RESPONSE, ruler
from cert_portal.cases.handling import LEVELS
from cert_portal.cases.models import Case, SavedSearch
from cert_portal.cases.outside import answered
from cert_portal.cases.query import Query, QueryRefused, parse
from cert_portal.cases.queue import QUERIES, Sort, View
from cert_portal.cases.related import MOST as MOST_SHARED
from cert_portal.cases.related import how_many_share
from cert_portal.cases.saved import Column, ReportColumn
from cert_portal.cases.triage import hold
from cert_portal.cases.visible import find_report, how_many_reports
from cert_portal.coordination.lists import running
from cert_portal.core.db import session
from cert_portal.core.pages import Page
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.guidance.kinds import ordered
from cert_portal.intake import groups, reconcile
from cert_portal.intake.models import Report, ReportState
from cert_portal.web import frame
from cert_portal.web.forms import agency_words
from cert_portal.web.staff import list_words, say, say_query, words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.list_filter import FIRST_DAY, Box, address, chips, filtered, value_of
from cert_portal.web.staff.team import strip

FILTERS = ("kind", "state", "owner", "tag", "level")
Pages = Mapping[str, Page[Any]]
Look = Callable[[Query, str], Page[Any]]
REPORT_FILTERS = ("kind", "channel", "origin", FIRST_DAY)


@desk.get("/", Permission.READ_REPORTS)
def queue() -> Answer:
    """Reports that wait for triage, the first due first."""
    return _reports(View.TRIAGE)


@desk.get("/queue/<view>", Permission.READ_CASES)
def list_of(view: str) -> Answer:
    """One of the other lists."""
    if view not in set(View):
        abort(404)
    if view == View.TRIAGE:
        return redirect(url_for("staff.queue"))
    return _reports(View(view)) if lists.holds_reports(View(view)) else _cases(View(view))


@desk.get("/cases", Permission.READ_CASES)
def list_cases() -> Answer:
    """Whatever cases a query shows."""
    return _cases(None)


@desk.post("/queue/quarantined", Permission.TRIAGE)
def decide_quarantined() -> Answer:
    """Bring back what was set aside, or refuse it as spam: all that were ticked; what somebody else decided is left."""
    numbers = dict.fromkeys(request.form.getlist("numbers")[: lists.PAGE])
    found = [find_report(number, me()) or abort(404) for number in numbers]
    hold(found)
    mine = [each for each in found if each.state == ReportState.QUARANTINED]
    for each in mine:
        if request.form.get("do") == "spam":
            service.refuse(each, "spam", me())
        else:
            service.return_to_queue(each, me())
    session.commit()
    flash(ngettext("%(num)s report decided.", "%(num)s reports decided.", len(mine)), "done")
    for number, said in say.quicker([each.number for each in found if each not in mine]).items():
        flash(f"{number}: {said}", "note")
    return redirect(address(request.form.get("q", ""), view=View.QUARANTINED))


@desk.post("/searches", Permission.READ_CASES)
def save_search() -> Answer:
    """Keep a query for cases, or for a list of reports, under a name."""
    told, sort, view = request.form.get("q", ""), _sort(request.form), _view_of_reports(request.form.get("view"))
    name, shared = request.form.get("name", ""), "shared" in request.form
    try:
        said = _replaced(saved.replaces(name, told, me(), view=view))
        row = saved.save(name, told, sort, me(), shared=shared, view=view)
    except QueryRefused as error:
        return _refused(view, say_query.query_refused(error), "#list-q")
    except saved.SearchRefused as error:
        return _refused(view, say.why(error)[0], "#save-name")
    session.commit()
    said.insert(0, _("“%(name)s” is kept with your lists.", name=row.name))
    said += [_("Colleagues see it too, as before.")] if row.shared and not shared else []
    flash(frame.gap().join(said), "done")
    return redirect(_back(view))


@desk.get("/searches/counts", Permission.READ_CASES)
def search_counts() -> Answer:
    """How many rows each kept search shows: pieces of every list, which asks for them when it is there."""
    return show("search_counts", found=saved.counts(me()), most=lists.COUNTED)


@desk.post("/searches/<int:search_id>/remove", Permission.READ_CASES)
def remove_search(search_id: int) -> Answer:
    """Forget a search of one's own."""
    try:
        view = saved.remove(search_id, me())
    except saved.SearchRefused:
        abort(404)
    session.commit()
    told = request.form.get("list")
    place = View(told) if told in set(View) else View(view) if view else View.TEAM
    return redirect(address("", view=place))


@desk.post("/columns", Permission.READ_CASES)
def choose_columns() -> Answer:
    """Show these columns from now on, in lists of cases or in those of reports."""
    view, told = _view_of_reports(request.form.get("view")), request.form.getlist("columns")
    if view:
        saved.choose_columns(told, me(), ReportColumn)
    else:
        saved.choose_columns(told, me(), Column)
    session.commit()
    return redirect(_back(view))


def _replaced(gone: SavedSearch | None) -> list[str]:
    """That one of the same name is no more: what it asked, and of which list."""
    if gone is None:
        return []
    where = list_words.VIEWS[gone.view] if gone.view else _("Cases")
    return [_("It replaced your list of that name (%(where)s, %(told)s).", where=where, told=gone.query or _("all"))]


def _refused(view: View | None, why: str, place: str) -> Answer:
    """The list again, with why it cannot be kept."""
    return _reports(view, [(why, place)]) if view else _cases(_list_of_cases(), [(why, place)])


def _back(view: View | None) -> str:
    """The list from which a form was sent, as it was: of reports, or one of cases with what was asked there."""
    told, of_cases = request.form.get("q", ""), _list_of_cases()
    if of_cases and not view:
        return address(request.form.get("told", ""), _sort(request.form), of_cases)
    return address(told, _sort(request.form), view)


def _list_of_cases() -> View | None:
    """The list of cases from which a form was sent; none from what a query shows."""
    told = request.form.get("list")
    return View(told) if told in QUERIES else None


def _reports(view: View, wrong: Sequence[tuple[str, str]] = ()) -> Answer:
    told, after = request.values.get("q", "").strip(), request.args.get("after", "")
    if "was" in request.args:
        return redirect(address(filtered(request.args, REPORT_FILTERS), view=view))
    query, page = Query(), Page[Report]((), "")
    try:
        query = parse(told)
        page = lists.reports(view, me(), after, query=query)
    except QueryRefused as error:
        wrong = [(say_query.query_refused(error), "#list-q")]
    return show(
        "queue_reports",
        INVALID if wrong else 200,
        wrong=wrong,
        view=view,
        told=told,
        asked=query,
        page=page,
        next=address(told, view=view, after=page.after) if page.after else "",
        boxes=_report_boxes(query),
        chips=chips(query, view=view),
        columns=saved.columns_of(me(), ReportColumn),
        clock=ruler(FIRST_RESPONSE),
        agencies=of_reports(page.rows),
        agency_book=agency_words,
        shares=how_many_share(page.rows, me()),
        most_shared=MOST_SHARED,
        everything=bulk_reports.MOST,
        surges=groups.sizes(page.rows),
        overdue=lists.overdue(me()),
        **_around(told, Sort.NEWEST, view, after),
        alarm=reconcile.is_alarmed(),
    )


def _cases(view: View | None, wrong: Sequence[tuple[str, str]] = ()) -> Answer:
    told = request.values.get("told" if view and "told" in request.form else "q", "").strip()
    after = request.args.get("after", "")
    sort = _sort(request.values)
    if "was" in request.args:
        return redirect(address(filtered(request.args, FILTERS), sort, view))
    base = QUERIES[view] if view else Query()
    query, page = Query(), Page[Case]((), "")
    try:
        query = parse(told, whole=view is None)
        asked = base.with_(*query.terms).with_words(query.words)
        page = lists.cases(asked, me(), after, sort, others=running(me()) if sort is Sort.DUE else {})
    except QueryRefused as error:
        wrong = [(say_query.query_refused(error), "#list-q")]
    handlers, hung = people_who_handle(), tags.in_use(me())
    return show(
        "queue_cases",
        INVALID if wrong else 200,
        wrong=wrong,
        view=view,
        told=told,
        asked=query,
        whole=base.with_(*query.terms).with_words(query.words),
        sort=sort,
        page=page,
        next=address(told, sort, view, page.after) if page.after else "",
        boxes=_boxes(query, handlers, hung),
        chips=chips(query, sort, view),
        tlp_labels=TLP,
        handlers=handlers,
        tags_in_use=hung,
        **{**table(page.rows), **_around(told, sort, view, after)},
    )


def _boxes(query: Query, handlers: list[User], hung: list[str]) -> list[Box]:
    """The boxes of the filter of cases."""
    levels = [
        *((str(each), str(each)) for each in LEVELS),
        ("undecided", _("Not decided")),
        ("no_level", _("No level")),
    ]
    people = [("me", _("Me")), ("none", _("Nobody")), *((each.email, each.name) for each in handlers)]
    choices = {
        "kind": (_("Kind"), _kinds()),
        "state": (_("State"), list(words.CASE_STATES.items())),
        "level": (_("Level at least"), levels),
        "owner": (_("Owner"), people),
        "tag": (_("Tag"), [(each, each) for each in hung]),
    }
    return [Box(name, label, list(known), value_of(query, name)) for name, (label, known) in choices.items()]


def _report_boxes(query: Query) -> list[Box]:
    """The boxes of the filter of reports."""
    choices: dict[str, tuple[str, list[tuple[str, Any]]]] = {
        "kind": (_("Kind"), _kinds()),
        "channel": (_("How it came"), list(words.CHANNELS.items())),
        "origin": (_("Whose report"), list(list_words.ORIGINS.items())),
        FIRST_DAY: (_("Received since"), []),
    }
    return [Box(name, label, known, value_of(query, name)) for name, (label, known) in choices.items()]


def _kinds() -> list[tuple[str, Any]]:
    return [(kind.code, kind.name(say.language())) for kind in ordered()]


def table(cases: Sequence[Case]) -> dict[str, Any]:
    """What a table of cases needs."""
    return {
        "answered": answered(cases, me()),
        "due": due.nearest(cases, me(), running(me(), cases)),
        "away": roster.away(),
        "tags": tags.of_cases(cases),
        "columns": saved.columns_of(me(), Column),
        "report_counts": how_many_reports(cases, me()),
    }


def _around(told: str, sort: Sort, view: View | None, after: str) -> dict[str, Any]:
    """The lists beside every list, with how much waits in each; how much kept searches show is asked for later."""
    again = address(told, sort, view, after)
    place = {"at": address("", view=view), "again": again, "here_in_full": again}
    mine = [(each, *_place_of(each, told, view)) for each in saved.of(me())]
    return {"counts": lists.counts(me()), "searches": mine, "names": accounts.names(), **place, **strip()}


def _place_of(search: SavedSearch, told: str, view: View | None) -> tuple[str, bool]:
    """Where a kept search is shown, and whether that is this very list."""
    of_reports = View(search.view) if search.view else None
    return address(search.query, Sort(search.sort), of_reports), (search.query, of_reports) == (told, view)


def _view_of_reports(told: str | None) -> View | None:
    """The list of reports that a form names, if it names one."""
    if told is not None and not (told in set(View) and lists.holds_reports(View(told))):
        abort(404)
    return View(told) if told else None


def _sort(told: MultiDict[str, str]) -> Sort:
    return Sort(told["sort"]) if told.get("sort") in set(Sort) else Sort.NEWEST


def people_who_handle() -> list[User]:
    """Who may own a case."""
    return [user for user in accounts.everybody() if user.active and Permission.HANDLE in permissions_of(user.roles)]
