"""One box for everything: a number in any spelling leads straight there, a query finds cases, reports and letters.

A later stage looks for its own rows with the same query, and says what it hides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from cert_portal.cases import conditions, holding, queue
from cert_portal.cases.letterbook import letters_visible_to
from cert_portal.cases.models import Case
from cert_portal.cases.query import Query, parse
from cert_portal.cases.visible import find_case, find_report, reports_visible_to
from cert_portal.core import numbers, search
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.numbers import NumberKind
from cert_portal.core.pages import Page, below, cut
from cert_portal.core.text import whole
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

MOST = 50
AT_ONCE, LOOKED_AT = 1000, 10_000
"""Of so many letters at once it is asked what they are about, and of so many for one page; the next goes on there."""
NOTHING: Page[Any] = Page()


@dataclass(frozen=True)
class Found:
    """What was found, at most MOST of each; `straight` is the one row that a number stands for, `meant` those that a
    serial may stand for that is not told with its letter and year.
    """

    straight: Report | Case | None = None
    query: Query = field(default_factory=Query)
    cases: Sequence[Case] = ()
    reports: Page[Report] = NOTHING
    letters: Page[Letter] = NOTHING
    named: Sequence[tuple[str, str]] = ()
    more_cases: bool = False
    meant: Sequence[Report | Case] = ()


@dataclass(frozen=True)
class Beyond:
    """What a later stage knows of numbers that letters are about: those that the person may not see, and which of some
    numbers are of rows that meet the conditions of a query.
    """

    hidden: Sequence[Select[Any]] = ()
    meeting: Callable[[Sequence[str], Query], set[str]] = lambda _numbers, _query: set()


NONE = Beyond()


def find(told: str, user: User, beyond: Beyond = NONE) -> Found:
    """Look for a number, else for what a query asks; never for what the person may not see. Raises QueryRefused."""
    straight = find_report(told, user) or find_case(told, user)
    if straight:
        return Found(straight)
    query = parse(told)
    if not query:
        return Found()
    page = queue.cases(query, user, size=MOST)
    return Found(
        query=query,
        cases=page.rows,
        reports=reports(query, user),
        letters=letters(query, user, beyond),
        named=conditions.values(query),
        more_cases=bool(page.after),
        meant=_meant(told, user),
    )


def _meant(told: str, user: User) -> list[Report | Case]:
    either = (find_report(each, user) or find_case(each, user) for each in numbers.of_this_year(told))
    return [each for each in either if each]


def reports(query: Query, user: User, after: str = "") -> Page[Report]:
    """The newest reports of a query. Raises QueryRefused."""
    last = whole(after)
    conditions.check(query)
    where = [*conditions.of_reports(query, user), reports_visible_to(user)]
    where += holding.lacking(NumberKind.REPORT, Report.id.expression, query)
    where += [Report.id < last] if last else []
    found: Sequence[Report] = []
    for wider in holding.of_reports(query, last):
        rows = select(Report).where(*where, *wider).order_by((Report.id + 0 if wider else Report.id).desc())
        found = session.scalars(rows.limit(MOST + 1)).all()
        if len(found) > MOST:
            break
    return cut(found, [each.id for each in found], MOST)


def letters(query: Query, user: User, beyond: Beyond = NONE, after: str = "") -> Page[Letter]:
    """The newest letters of people that hold every word, were written in that time, and are about what meets the other
    conditions; without words none. Where few of very many do, a page has what it found so far, be it nothing, and says
    where to go on. Raises QueryRefused.
    """
    conditions.check(query)
    rows = select(Letter.id, Letter.about).where(*letters_visible_to(user))
    rows = rows.where(*holding.lacking(outbox.SEARCH, Letter.id.expression, query))
    rows = rows.where(*conditions.in_time(Letter.created_at.expression, query))
    rows = rows.where(*(Letter.about.not_in(numbers) for numbers in beyond.hidden))
    rows = below(rows, Letter.id.expression, after).order_by((Letter.id + 0).desc())
    page: Page[int] = NOTHING
    scopes = search.scopes(outbox.SEARCH, " ".join(map(holding.spelled, query.words)), before=whole(after))
    for wider in (*scopes[:1], *scopes[1:][-1:]):
        page = _meeting(rows.where(Letter.id.in_(wider)), query, user, beyond)
        if page.after:
            break
    found = session.scalars(select(Letter).where(Letter.id.in_(page.rows)).order_by(Letter.id.desc()))
    return Page(found.all(), page.after)


def _meeting(rows: Select[int, str], query: Query, user: User, beyond: Beyond) -> Page[int]:
    """The ids of these letters that are about what meets the conditions of a query."""
    others = query.without("", "opened")
    if not others.terms:
        ids = session.scalars(rows.limit(MOST + 1)).all()
        return cut(ids, ids, MOST)
    found: list[int] = []
    looked_at = session.execute(rows.limit(LOOKED_AT)).all()
    for begin in range(0, len(looked_at), AT_ONCE):
        some = looked_at[begin : begin + AT_ONCE]
        told = {about for _id, about in some}
        meeting = queue.meeting([*told], others, user) | beyond.meeting([*told], others)
        found += (letter for letter, about in some if about in meeting)
        if len(found) > MOST:
            return cut(found, found, MOST)
    return Page(found, str(looked_at[-1][0]) if len(looked_at) == LOOKED_AT else "")
