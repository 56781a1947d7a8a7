"""The lists that staff work from. Pages go by key, never by offset, so that nothing jumps while others work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    UnaryExpression,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from cert_portal.cases import conditions, due, holding, soonest
from cert_portal.cases.clocks import Reading
from cert_portal.cases.conditions import MAJOR, Condition
from cert_portal.cases.models import IS_OPEN, AgencyReport, Case, CaseReport
from cert_portal.cases.outside import unread
from cert_portal.cases.query import Query, parse
from cert_portal.cases.visible import hidden_reports, reports_visible_to, visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.pages import Page
from cert_portal.core.text import whole
from cert_portal.directory.models import User
from cert_portal.intake import groups
from cert_portal.intake.models import Report, ReportState

PAGE = 50
COUNTED = 1000
"""A search that was kept is counted no further than this."""
Row = TypeVar("Row", Report, Case)


class View(StrEnum):
    """A list; the first three hold reports, the others cases."""

    TRIAGE = "triage"
    ANSWERED = "answered"
    QUARANTINED = "quarantined"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    TEAM = "team"
    OVERDUE = "overdue"
    WAITING = "waiting"
    REPLIED = "replied"
    CLOSED = "closed"


QUERIES = {
    View.MINE: parse("is:open is:mine"),
    View.UNASSIGNED: parse("is:open is:unassigned"),
    View.TEAM: parse("is:open"),
    View.OVERDUE: parse("is:overdue"),
    View.WAITING: parse("is:waiting"),
    View.REPLIED: parse("is:answered"),
    View.CLOSED: parse("is:closed"),
}
"""What the lists of cases show; an answer to a closed case is to be read, too."""


class Sort(StrEnum):
    """The order of a list of cases."""

    NEWEST = "newest"
    OLDEST = "oldest"
    CHANGED = "changed"
    LEVEL = "level"
    DUE = "due"


NOTHING = Query()
NO_CLOCKS: Mapping[int, Reading] = MappingProxyType({})
LEVEL = func.coalesce(Case.level, 0)
"""Cases without a level stand below all others."""


def reports(view: View, user: User, after: str = "", size: int = 0, query: Query = NOTHING) -> Page[Report]:
    """Reports that wait for a person, the oldest first: it is due first; of these what a query asks for.

    The first page begins with all that member organisations reported as major, as many as they are. Raises
    QueryRefused, also for what only cases have.
    """
    size = size or PAGE
    conditions.check(query, of_reports=True)
    where = _asked(view, query, user)
    major = Report.id.in_(select(AgencyReport.report_id).where(AgencyReport.level >= MAJOR, AgencyReport.report_id > 0))
    rows = select(Report).where(*where).order_by(Report.id)
    first = [] if after else session.scalars(rows.where(major)).all()
    size = max(size - len(first), 1)
    found = session.scalars(rows.where(~major, Report.id > key_of(after)).limit(size + 1)).all()
    return Page([*first, *found[:size]], str(found[size - 1].id) if len(found) > size else "")


def cases(
    query: Query,
    user: User,
    after: str = "",
    sort: Sort = Sort.NEWEST,
    size: int = PAGE,
    others: Mapping[int, Reading] = NO_CLOCKS,
) -> Page[Case]:
    """Cases of a query; in the order of the time left with `others`, the clocks that later stages know, by the id of a
    case. Raises QueryRefused.
    """
    conditions.check(query)
    if sort is Sort.DUE:
        where = [*_case_rows(query, user), *holding.of_cases(query, user)]
        return soonest.page(where, user, others, after, size)
    where = [*_case_rows(query, user), *_beyond(after, sort)]
    found: Sequence[Case] = []
    for words in holding.wider(query, user, key_of(after)) if sort is Sort.NEWEST else [holding.of_cases(query, user)]:
        rows = select(Case).where(*where, *words).order_by(*_order(sort, by_words=bool(words)))
        found = session.scalars(rows.limit(size + 1)).all()
        if len(found) > size:
            break
    return Page(found[:size], _key(found[size - 1], sort) if len(found) > size else "")


def numbers(
    query: Query, user: User, most: int, sort: Sort = Sort.NEWEST, others: Mapping[int, Reading] = NO_CLOCKS
) -> list[str]:
    """The numbers of the cases of a query in the order of its list, at most so many. Raises QueryRefused."""
    if sort is Sort.DUE:
        return [case.number for case in cases(query, user, "", sort, most, others).rows]
    conditions.check(query)
    where, words = _case_rows(query, user), holding.of_cases(query, user)
    rows = select(Case.number).where(*where, *words).order_by(*_order(sort, by_words=bool(words)))
    return list(session.scalars(rows.limit(most)))


def count(query: Query, user: User, most: int = COUNTED) -> int:
    """How many cases a query shows; counts no further than `most`. Raises QueryRefused."""
    return len(numbers(query, user, most))


def count_reports(view: View, query: Query, user: User, most: int = COUNTED) -> int:
    """How many reports of a list a query shows; counts no further than `most`. Raises QueryRefused."""
    conditions.check(query, of_reports=True)
    where = _asked(view, query, user)
    some = select(Report.id).where(*where).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def report_numbers(view: View, query: Query, user: User, most: int) -> list[str]:
    """The numbers of the reports of a list that a query shows, oldest first, at most so many. Raises QueryRefused."""
    conditions.check(query, of_reports=True)
    where = _asked(view, query, user)
    return list(session.scalars(select(Report.number).where(*where).order_by(Report.id).limit(most)))


def _asked(view: View, query: Query, user: User) -> list[Condition]:
    """The conditions of a list of reports of which a query shows some."""
    return [*_report_rows(view, user), *conditions.of_reports(query, user), *holding.each_report(query)]


def _case_rows(query: Query, user: User) -> list[Condition]:
    """The conditions of a query, and its words that must not occur; the others are looked for wider and wider."""
    seen = CaseReport.report_id.not_in(hidden_reports(user))
    unwanted = [~holding.holds(Query((word,)), seen) for word in query.unwanted()]
    return [*conditions.of_cases(query, user), visible_to(user), *unwanted]


def meeting(told: Sequence[str], query: Query, user: User) -> set[str]:
    """Which of these few numbers are of cases and reports that the person may see and that meet the conditions of a
    query, its words apart; a report does by a case of it, too.
    """
    seen = (Report.number.in_(told), reports_visible_to(user))
    joined = select(CaseReport.case_id, Report.number).join(Report, Report.id == CaseReport.report_id)
    joined_to = session.execute(joined.where(*seen)).all()
    some = or_(Case.number.in_(told), Case.id.in_([case_id for case_id, _report in joined_to]))
    found = select(Case.id, Case.number).where(some, visible_to(user), *cases_meeting(query, user))
    cases = dict(iter(session.execute(found)))
    people = holding.from_people(query, Report.id.expression)
    reports = session.scalars(select(Report.number).where(*seen, *conditions.of_reports(query, user), *people))
    return {*cases.values(), *reports, *(report for case_id, report in joined_to if case_id in cases)}


def cases_meeting(query: Query, user: User) -> list[Condition]:
    """The conditions of a query, its words apart, for few rows of Case: each of these is looked at."""
    found = conditions.of_cases(query, user)
    if not conditions.asks_for_people(query):
        return found
    seen = CaseReport.report_id.not_in(hidden_reports(user))
    people = holding.from_people(query, CaseReport.report_id.expression)
    return [*found, select(CaseReport.case_id).where(CaseReport.case_id == Case.id, seen, *people).exists()]


def _order(sort: Sort, *, by_words: bool) -> list[UnaryExpression[Any]]:
    """The order of a list. Where words pick few rows, PostgreSQL must not walk all cases in order to meet them: what
    it sorts by then has no index.
    """
    key: ColumnElement[int] = Case.id + 0 if by_words else Case.id.expression
    changed: ColumnElement[Any] = func.coalesce(Case.updated_at, None) if by_words else Case.updated_at.expression
    match sort:
        case Sort.OLDEST:
            return [key.asc()]
        case Sort.CHANGED:
            return [changed.desc(), key.desc()]
        case Sort.LEVEL:
            return [LEVEL.desc(), key.desc()]
    return [key.desc()]


def _beyond(after: str, sort: Sort) -> list[Condition]:
    last = key_of(after)
    if not last:
        return []
    match sort:
        case Sort.OLDEST:
            return [Case.id > last]
        case Sort.CHANGED:
            moment = clock.moment(after.partition(".")[2])
            return [conditions.bool_(tuple_(Case.updated_at, Case.id) < tuple_(moment, last))] if moment else []
        case Sort.LEVEL:
            level = key_of(after.partition(".")[2])
            return [conditions.bool_(tuple_(LEVEL, Case.id) < tuple_(literal(level), last))]
    return [Case.id < last]


def _key(row: Case, sort: Sort) -> str:
    beside = {Sort.CHANGED: row.updated_at.isoformat(), Sort.LEVEL: str(row.level or 0)}
    return f"{row.id}.{beside[sort]}" if sort in beside else str(row.id)


def key_of(after: str) -> int:
    """The id in the key of a page; 0 for what is no key."""
    return whole(after.partition(".")[0])


def counts(user: User) -> dict[View, int]:
    """How many rows each list has, the closed cases apart; reports and cases are counted in one go each."""
    views = [view for view in View if holds_reports(view)]
    replied = select(func.count(Case.id)).where(*_case_rows(QUERIES[View.REPLIED], user)).scalar_subquery()
    told = session.execute(select(*(_counted(view, user) for view in views), replied)).one()
    found = dict(zip([*views, View.REPLIED], told, strict=True))
    open_only = [view for view in QUERIES if view not in (View.REPLIED, View.CLOSED)]
    asked = (conditions.every(conditions.of_cases(QUERIES[view], user)) for view in open_only)
    columns = [func.count().filter(condition) for condition in asked]
    row = session.execute(select(*columns).select_from(Case).where(IS_OPEN, visible_to(user))).one()
    return found | dict(zip(open_only, row, strict=True))


def overdue(user: User) -> int:
    """How many reports in triage were not answered in time."""
    where = [*_report_rows(View.TRIAGE, user), due.reports_overdue()]
    return session.scalar(select(func.count(Report.id)).where(*where)) or 0


def holds_reports(view: View) -> bool:
    """Whether the list is one of reports."""
    return view in (View.TRIAGE, View.ANSWERED, View.QUARANTINED)


def open_cases(user: User, limit: int = 200) -> list[Case]:
    """The newest cases that a report may be joined to."""
    rows = select(Case).where(visible_to(user), IS_OPEN).order_by(Case.id.desc()).limit(limit)
    return list(session.scalars(rows))


def _report_rows(view: View, user: User) -> list[Condition]:
    which = {
        View.TRIAGE: (Report.state == ReportState.WAITING_TRIAGE) & groups.stands_alone(),
        View.ANSWERED: unread(),
        View.QUARANTINED: Report.state == ReportState.QUARANTINED,
    }
    return [which[view], reports_visible_to(user)]


def _counted(view: View, user: User) -> ScalarSelect[int]:
    return select(func.count(Report.id)).where(*_report_rows(view, user)).scalar_subquery()
