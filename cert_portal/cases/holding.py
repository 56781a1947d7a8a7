"""Which cases and reports hold the words of a query and come from the people whom it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, func, intersect, or_, select

from cert_portal.cases import conditions
from cert_portal.cases.conditions import Condition
from cert_portal.cases.models import Case, CaseReport, CaseTag, CaseValue
from cert_portal.cases.query import Query
from cert_portal.cases.tag_words import tags_that_say
from cert_portal.cases.visible import hidden_reports, visible_to
from cert_portal.core import numbers, search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import tokens
from cert_portal.directory.models import User
from cert_portal.intake import observables
from cert_portal.intake.models import Report

REPORT = Report.id.expression
FEW = 2000
"""As many cases are looked at one by one for the words of a search."""
MOST_APART = 8
"""More words are a text that somebody copied: they stand in one place."""


def of_cases(query: Query, user: User) -> list[Condition]:
    """Conditions for the words and people of a query: each word stands in the case itself or in one of its reports that
    the person may see, or in its tag; so do all together, as they may say a number or a longer tag. The people are
    those of one such report.

    On PostgreSQL, words that many cases hold are looked for in different places among the newest alone, some 100,000.
    """
    *_, everything = wider(query, user)
    return everything


def wider(query: Query, user: User, before: int = 0) -> Iterator[list[Condition]]:
    """The same conditions with that for a span of the newest cases (before an id), wider and wider, for all at last.

    Each gives all that there are in its span: a page that it fills is the page that all would fill, so that a word
    which a million cases hold costs no more than a rare one.
    """
    people, spans = _people(query, user), search.newest(NumberKind.CASE, before)
    if not plain_words(query):
        yield people
    elif not tokens(plain_words(query)):
        yield _few(query, user) or [false()]
    elif spans and not spans[0].start:
        yield [_anywhere(query, user, spans[0], spans[0]), *people]
    else:
        yield from ([each, *people] for each in _wider(query, user, spans))


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
    return [~search.holds(kind, target, each) for word in query.unwanted() for each in {word, spelled(word)}]


def plain_words(query: Query) -> str:
    """The words of a query, and those of a title: by them the few cases are found among which titles are compared."""
    return " ".join([*typed_words(query), *_title(query)])


def typed_words(query: Query) -> list[str]:
    """The words of a query; one by itself that is a number of ours in any spelling, as the index has it. Among others
    it is a word as any other: people write numbers in short, only letters bear them whole.
    """
    return [spelled(word) for word in query.words] if len(query.words) == 1 else list(query.words)


def spelled(word: str) -> str:
    """A number of ours whole and in the usual spelling; any other word as it is."""
    number = numbers.normalise(word) or numbers.complete(word)
    return number if number and numbers.resolve(number) else word


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


def _together(query: Query, user: User, ids: range | None = None) -> Select[int]:
    """A statement for the ids of the cases, of a span when one is given, that hold all words in one place."""
    seen, words = CaseReport.report_id.not_in(hidden_reports(user)), plain_words(query)
    theirs = search.within(NumberKind.REPORT, words, ids, NumberKind.CASE)
    held = select(CaseReport.case_id).where(CaseReport.report_id.in_(theirs), seen)
    tagged = select(CaseTag.case_id).where(_is_tag(query))
    if ids is not None:
        held, tagged = held.where(CaseReport.case_id >= ids.start), tagged.where(CaseTag.case_id >= ids.start)
    added = select(CaseValue.case_id).where(_is_added(query))
    return _set(held.union(search.within(NumberKind.CASE, words, ids), tagged, added))


def _wider(query: Query, user: User, spans: Sequence[range]) -> Iterator[Condition]:
    """The condition for the words of a query, which are some, in wider and wider spans, and in all cases."""
    yield from (_anywhere(query, user, ids, ids) for ids in spans[:1])
    if few := _few(query, user):
        yield conditions.every(few)
        return
    widest = spans[-1] if spans else None
    is_short = widest is not None and not widest.start
    for ids in spans[1:] if is_short or not _apart(query) else spans[1:-1]:
        yield _anywhere(query, user, ids, ids)
    if not is_short:
        yield _anywhere(query, user, None, widest)


def _anywhere(query: Query, user: User, ids: range | None, apart_in: range | None) -> Condition:
    """The condition that a case, of a span when one is given, holds all words in one place, or, if it is of another
    span, each in some place.
    """
    found, apart = _together(query, user, ids), _apart(query)
    if apart:
        found = _set(found.union(_set(intersect(*(_together(each, user, apart_in) for each in apart)))))
    is_held = conditions.bool_(Case.id.in_(found))
    return is_held if ids is None else and_(Case.id >= ids.start, is_held)


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
    some = _together(query, user).union(_together(rare, user))
    return [conditions.bool_(Case.id.in_(some)), looked_at]


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
    added = select(CaseValue.case_id).where(CaseValue.case_id == Case.id, _is_added(query))
    own = search.holds(NumberKind.CASE, Case.id.expression, words)
    return or_(own, reports.exists(), tagged.exists(), added.exists())


def _is_added(query: Query) -> Condition:
    """The condition that a value which people added to a case is the word of a query: of thousands that were pasted,
    the words of the case hold but some.
    """
    told = [pair for word in query.words for pair in observables.find(word)[:1]] if len(query.words) == 1 else []
    same = [and_(CaseValue.kind == kind, CaseValue.digest == observables.digest(value)) for kind, value in told]
    return and_(CaseValue.added_at.is_not(None), *same) if same else false()


def _is_tag(query: Query) -> Condition:
    """The condition that a tag holds the words of a query."""
    return CaseTag.tag.in_(tags_that_say(" ".join(query.words)))
