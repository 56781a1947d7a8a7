"""The search box: one query for cases, reports, letters, referrals, calls and findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import and_

from cert_portal.cases import conditions
from cert_portal.cases import search as searching
from cert_portal.cases.query import Query, QueryRefused, parse
from cert_portal.cases.search import Beyond
from cert_portal.cases.visible import findings_visible_to
from cert_portal.coordination import lists as referrals
from cert_portal.coordination.visible import find_referral, hidden_referrals
from cert_portal.core import numbers
from cert_portal.core.pages import Page
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.intake import calls
from cert_portal.intake.models import Call, Report
from cert_portal.monitoring import find
from cert_portal.monitoring.models import Finding
from cert_portal.web.staff import directory_words, list_words, referral_words, say_query, taking_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, may, me, show
from cert_portal.web.staff.lists import table

Pages = Mapping[str, Page[Any]]
Look = Callable[[Query, str], Page[Any]]


@desk.get("/search", Permission.READ_CASES)
def search() -> Answer:
    """A number leads straight to its row, a query to what it finds."""
    told, after = request.args.get("q", "").strip(), request.args.get("after", "")
    try:
        if after:
            return _further(told, request.args.get("of", ""), after)
        found = searching.find(told, me(), _beyond())
    except QueryRefused as error:
        wrong = [(say_query.query_refused(error), "#q")]
        return _found(told[:300], searching.Found(), {}, INVALID, wrong=wrong)
    if isinstance(found.straight, Report):
        return redirect(url_for("staff.report", number=found.straight.number))
    if found.straight:
        return redirect(url_for("staff.case", number=found.straight.number))
    if referral := find_referral(told, me()):
        return redirect(url_for("staff.referral", number=referral.number))
    beside = {each: look(found.query, "") for each, look in FOUND_BESIDE.items()}
    sent = [find_referral(each, me()) for each in numbers.of_this_year(told)]
    meant = [each for each in (*found.meant, *sent) if each]
    pages: Pages = {"reports": found.reports, "letters": found.letters, **beside}
    return _found(told, found, pages, meant=meant, not_asked=_not_asked(found.query))


def _further(told: str, of: str, after: str) -> Answer:
    """The next rows of one kind alone. Raises QueryRefused."""
    query = parse(told)
    look = FURTHER.get(of)
    if not look or not query:
        abort(404)
    conditions.check(query)
    return _found(told, searching.Found(query=query), {of: look(query, after)}, later=True)


def _beyond() -> Beyond:
    return Beyond((hidden_referrals(me()),), lambda told, query: referrals.meeting(told, query, me()))


def _calls(query: Query, after: str) -> Page[Call]:
    """Calls without a report, for those who see to calls; of conditions they know days alone."""
    if not may(Permission.ANSWER) or query.without("", "opened").terms:
        return Page()
    during = conditions.in_time(Call.at.expression, query)
    return calls.naming(" ".join(query.words), query.unwanted(), after, during)


def _findings(query: Query, after: str) -> Page[Finding]:
    """Findings of the addresses that are asked for, as words or as conditions."""
    if not conditions.reach_findings(query):
        return Page()
    shown = and_(findings_visible_to(me()), *conditions.of_findings(query))
    return find.naming(conditions.values(query), shown, after)


FOUND_BESIDE: dict[str, Look] = {
    "referrals": lambda query, after: referrals.naming(query, me(), after),
    "calls": _calls,
    "findings": _findings,
}
"""What is looked for beside cases, reports and letters: a page of a query from a key on."""
FURTHER: dict[str, Look] = {
    "reports": lambda query, after: searching.reports(query, me(), after),
    "letters": lambda query, after: searching.letters(query, me(), _beyond(), after),
    **FOUND_BESIDE,
}
"""Of what there are further pages; those of cases are their list."""


def _not_asked(query: Query) -> list[str]:
    """Of what no rows were looked for, in sentences: to some the conditions do not apply, some are found by words."""
    if not query.without("").terms:
        return []
    no_calls = bool(query.without("", "opened").terms)
    apart = {
        "cases": not conditions.reach_cases(query),
        "reports": not conditions.reach_reports(query),
        "calls": may(Permission.ANSWER) and no_calls,
        "findings": not conditions.reach_findings(query),
    }
    by_words = {"letters": True, "referrals": True, "calls": may(Permission.ANSWER) and not no_calls}
    said = []
    if kinds := _kinds(apart):
        said.append(_("With these conditions not looked for: %(kinds)s.", kinds=kinds))
    if not query.words and (kinds := _kinds(by_words)):
        said.append(_("Only with a word beside the conditions looked for: %(kinds)s.", kinds=kinds))
    return said


def _kinds(told: dict[str, bool]) -> str:
    return _(", ").join(str(list_words.FOUND[each]) for each, is_left in told.items() if is_left)


def _found(told: str, found: searching.Found, pages: Pages, status: int = 200, **facts: Any) -> Answer:
    """What a search found: its cases, and `pages` of the rest by name.

    `meant` holds the rows of a serial, `later` is a further page of one kind.
    """
    more: dict[str, Any] = {
        "book": referral_words,
        "parties": directory_words,
        **dict.fromkeys(FURTHER, Page[Any]()),
        **pages,
        "meant": [],
        "later": False,
        "not_asked": [],
    }
    more |= {"taking": taking_words, "most": searching.MOST, "names": accounts.names()}
    return show("search", status, query=told, found=found, **{**more, **table(found.cases), **facts})
