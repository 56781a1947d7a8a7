"""Which cases and reports hold the words of a query and come from the people whom it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, func, intersect, or_, select

from cert_portal.cases import conditions
from cert_portal.cases.conditions import Condition
from cert_portal.cases.models import Case, CaseReport, CaseTag
from cert_portal.cases.query import Query
from cert_portal.cases.visible import hidden_reports, visible_to
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import tokens
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

REPORT = Report.id.expression
FEW = 2000
"""As many cases are looked at one by one for the words of a search."""
MOST_APART = 8
"""More words are a text that somebody copied: they stand in one place."""


def of_cases(query: Query, user: User) -> list[Condition]:
    """Conditions for the words and people of a query: each word stands in the case itself or in one of its reports that
    the person may see, or is its tag; so do all together, as they may say a number or a longer tag. The people are
    those of one such report.

    On PostgreSQL, words that many cases hold are looked for in different places among the newest alone (32 eras).
    """
    if not plain_words(query):
        return _people(query, user)
    if few := _few(query, user):
        return [*few, *_people(query, user)]
    *_, everything = _either(query, user)
    return [conditions.bool_(Case.id.in_(everything)), *_people(query, user)]


def newest(query: Query, user: User, before: int) -> Iterator[list[Condition]]:
    """Conditions for some of those cases, wider and wider: enough of the newest ones to tell how far a page reaches,
    without asking for every case that holds a word. None where all are asked for as quickly.
    """
    if plain_words(query):
        for some in [*_either(query, user, before)][:-1]:
            yield [conditions.bool_(Case.id.in_(some)), *_people(query, user)]


def down_to(lowest: int, query: Query, user: User, before: int) -> list[Condition]:
    """The same conditions for the cases between these ids: what the newest eras hold, and each report of such a case
    that is older than these.
    """
    if _apart(query):
        return of_cases(query, user)
    *_, recent, _everything = _scopes(query, user, before)
    old = search.holds(NumberKind.REPORT, CaseReport.report_id.expression, plain_words(query))
    rows = select(CaseReport.case_id).where(
        CaseReport.case_id >= lowest, CaseReport.report_id < search.reach(NumberKind.REPORT), old
    )
    rows = rows.where(CaseReport.report_id.not_in(hidden_reports(user)))
    rows = rows.where(CaseReport.case_id < before) if before else rows
    return [conditions.bool_(Case.id.in_(recent.union(rows))), *_people(query, user)]


def each_case(query: Query, user: User) -> list[Condition]:
    """The same conditions for a list that is short without them: each case is looked at."""
    return [holds(query, CaseReport.report_id.not_in(hidden_reports(user))), *_people(query, user)]


def of_reports(query: Query, before: int = 0, target: ColumnElement[int] = REPORT) -> Iterator[Sequence[Condition]]:
    """Conditions for the reports (`target`: their ids) that hold the words and come from the people of a query, wider
    and wider.

    None at all where the query has neither, and one that never holds where its words are but signs.
    """
    wanted, unwanted = conditions.people(query)
    excluded = [~target.in_(search.everything(NumberKind.REPORT, "", marks)) for marks in unwanted]
    if not plain_words(query) and not wanted:
        yield excluded
        return
    scopes = search.scopes(NumberKind.REPORT, plain_words(query), wanted, before)
    if not scopes:
        yield [false()]
    for scope in scopes:
        yield [target.in_(scope), *excluded]


def each_report(query: Query) -> list[Condition]:
    """The words and people of a query as conditions on each report of a list that is short without them."""
    found = [*from_people(query, Report.id.expression), *lacking(NumberKind.REPORT, Report.id.expression, query)]
    if plain_words(query):
        found.append(search.holds(NumberKind.REPORT, Report.id.expression, plain_words(query)))
    return found


def from_people(query: Query, target: ColumnElement[int]) -> list[Condition]:
    """The conditions that the report of this id comes from the people of a query."""
    wanted, unwanted = conditions.people(query)
    found = [~search.holds(NumberKind.REPORT, target, "", marks) for marks in unwanted]
    return [*found, search.holds(NumberKind.REPORT, target, "", wanted)] if wanted else found


def holds(query: Query, seen: Condition) -> Condition:
    """The condition on each case that it holds the words of a query, as `of_cases` looks for them."""
    words = _apart(query)
    apart = [and_(*(_holds_together(each, seen) for each in words))] if words else []
    return or_(_holds_together(query, seen), *apart)


def lacking(kind: str, target: ColumnElement[int], query: Query) -> list[Condition]:
    """The conditions that the row of this id holds none of the words that must not occur."""
    return [~search.holds(kind, target, word) for word in query.unwanted()]


def plain_words(query: Query) -> str:
    """The words of a query, and those of a title: by them the few cases are found among which titles are compared."""
    return " ".join([*query.words, *_title(query)])


def _title(query: Query) -> list[str]:
    titles = query.values("title")
    return titles if len(titles) == 1 else []


def _apart(query: Query) -> list[Query]:
    """The words of a query, each by itself; none where they are one or many."""
    words = [*query.words, *_title(query)]
    return [Query((each,)) for each in words if tokens(each)] if 1 < len(words) <= MOST_APART else []


def _people(query: Query, user: User) -> list[Condition]:
    """That a report of the case, of those that the person may see, comes from the people of a query."""
    wanted, unwanted = conditions.people(query)
    seen = CaseReport.report_id.not_in(hidden_reports(user))
    if wanted:
        excluded = [~search.holds(NumberKind.REPORT, CaseReport.report_id.expression, "", marks) for marks in unwanted]
        theirs = search.everything(NumberKind.REPORT, "", wanted)
        rows = select(CaseReport.case_id).where(CaseReport.report_id.in_(theirs), seen, *excluded)
        return [conditions.bool_(Case.id.in_(rows))]
    if not unwanted:
        return []
    people = from_people(query, CaseReport.report_id.expression)
    return [select(CaseReport.case_id).where(CaseReport.case_id == Case.id, seen, *people).exists()]


def _scopes(query: Query, user: User, before: int = 0) -> Iterator[Select[int]]:
    """Statements, wider and wider, for the ids of the cases that hold all words of a query in one place."""
    seen = CaseReport.report_id.not_in(hidden_reports(user))
    tagged = select(CaseTag.case_id).where(_is_tag(query))
    own = search.scopes(NumberKind.CASE, plain_words(query), before=before)
    theirs = search.scopes(NumberKind.REPORT, plain_words(query))
    for of_case, of_report in zip(own, theirs, strict=True):
        yield _set(select(CaseReport.case_id).where(CaseReport.report_id.in_(of_report), seen).union(of_case, tagged))


def _either(query: Query, user: User, before: int = 0) -> Iterator[Select[int] | CompoundSelect[int]]:
    """Statements, wider and wider, for the ids of the cases that hold all words in one place, or each in some place."""
    together, words = list(_scopes(query, user, before)), _apart(query)
    if not together:
        yield select(Case.id).where(false())
        return
    apart = [_set(intersect(*each)) for each in zip(*(_scopes(word, user, before) for word in words), strict=True)]
    if together[1:]:
        yield together[0].union(apart[0]) if apart else together[0]
    if not apart:
        yield from [*together[-2:-1], together[-1]]
    else:
        yield together[-1].union(apart[-2] if together[1:] else apart[-1])


def _set(several: CompoundSelect[int]) -> Select[int]:
    """These ids as one statement that stands among others; SQLite knows no brackets there."""
    return select(several.subquery().c.case_id)


def _few(query: Query, user: User) -> list[Condition]:
    """When its other conditions, or one of its words, pick few cases: that each of these is looked at, instead of every
    case that holds the words.
    """
    looked_at = holds(query, CaseReport.report_id.not_in(hidden_reports(user)))
    if _are_few(query, user):
        return [looked_at]
    rare = next(filter(_is_rare, _apart(query)), None)
    if rare is None:
        return []
    *_, together = _scopes(query, user)
    *_, some = _scopes(rare, user)
    return [conditions.bool_(Case.id.in_(together.union(some))), looked_at]


def _is_rare(word: Query) -> bool:
    tagged = select(CaseTag.case_id).where(_is_tag(word)).limit(FEW + 1).subquery()
    is_rare = all(search.is_rare(kind, plain_words(word), FEW) for kind in (NumberKind.CASE, NumberKind.REPORT))
    return is_rare and (session.scalar(select(func.count()).select_from(tagged)) or 0) <= FEW


def _are_few(query: Query, user: User) -> bool:
    others = query.without("title", "")
    if not others.terms:
        return False
    where = [*conditions.of_cases(others, user), visible_to(user)]
    some = select(Case.id).where(*where).limit(FEW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= FEW


def _holds_together(query: Query, seen: Condition) -> Condition:
    """The condition on each case that it, or one of its reports that may be seen, holds the words of a query."""
    words = plain_words(query)
    of_report = search.holds(NumberKind.REPORT, CaseReport.report_id.expression, words)
    reports = select(CaseReport.case_id).where(CaseReport.case_id == Case.id, of_report, seen)
    tagged = select(CaseTag.tag).where(CaseTag.case_id == Case.id, _is_tag(query))
    return or_(search.holds(NumberKind.CASE, Case.id.expression, words), reports.exists(), tagged.exists())


def _is_tag(query: Query) -> Condition:
    """The condition that a tag is what the words of a query say."""
    return CaseTag.tag.in_(conditions.tag_codes(" ".join(query.words)))
