"""What a query means for the rows of a table. Who may see them is another matter: `visible`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from cert_portal.cases import due, roster
from cert_portal.cases.models import IS_OPEN, Case, CaseReport, CaseTag, CaseValue
from cert_portal.cases.outside import is_answered, unread
from cert_portal.cases.query import VALUES, Query, QueryRefused, Term, is_system, networks
from cert_portal.cases.query_words import LEVELS
from cert_portal.cases.tag_words import tag_codes
from cert_portal.cases.visible import hidden_reports
from cert_portal.cases.workflow import State
from cert_portal.config import current
from cert_portal.core import search, telephone
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import refang, same_name, tokens
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.guidance.kinds import load as kinds
from cert_portal.intake import observables
from cert_portal.intake.compare import people_marks
from cert_portal.intake.models import Observable, Report, ReportState
from cert_portal.intake.submission import Channel, Origin
from cert_portal.monitoring.models import Finding

Condition = ColumnElement[bool]
NOBODY, ME = "none", "me"
FEW = 2000
HONG_KONG, LOCAL_DIGITS = "852", 8
MAJOR = 3
"""A case of this level or above is major."""

IS: dict[str, Callable[[User], Condition]] = {
    "open": lambda _: IS_OPEN,
    "closed": lambda _: Case.state.in_((State.CLOSED, State.MERGED)),
    "waiting": lambda _: Case.state == State.WAITING,
    "overdue": lambda user: due.overdue(user),
    "answered": lambda user: is_answered(user),
    "unassigned": lambda _: Case.owner_id.is_(None),
    "mine": lambda user: Case.owner_id == user.id,
    "away": lambda _: Case.owner_id.in_(roster.away_ids()),
    "major": lambda _: Case.level >= MAJOR,
    "restricted": lambda _: Case.restricted.is_(True),
    "drill": lambda _: Case.drill.is_(True),
}
"""What `is:` may say of a case."""

OF_FINDINGS = ("ip", "domain", "asn")
"""What a finding names."""
CASES_ONLY = ("level", "owner", "tag", "closed")
"""Conditions on what no report has."""

REPORT_IS: dict[str, Callable[[User], Condition]] = {
    "open": lambda _: Report.state == ReportState.WAITING_TRIAGE,
    "closed": lambda _: Report.state.in_((ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE)),
    "overdue": lambda _: due.reports_overdue(),
    "answered": lambda _: unread(),
    "quarantined": lambda _: Report.state == ReportState.QUARANTINED,
    "drill": lambda _: Report.drill.is_(True),
}
"""What `is:` may say of a report."""


def choices(name: str) -> list[str]:
    """The values that a coded condition knows."""
    return {
        "drill": ["yes", "no"],
        "is": sorted({*IS, *REPORT_IS}),
        "kind": [kind.code for kind in kinds()],
        "state": [*State, *ReportState],
        "channel": list(Channel),
        "origin": list(Origin),
        "level": list(LEVELS),
    }[name]


def check(query: Query, *, of_reports: bool = False) -> None:
    """Raises QueryRefused("value") for a value that a coded condition does not know.

    With `of_reports` also QueryRefused("cases_only") for what no report has, and without QueryRefused("owner") for an
    owner whose name nobody bears.
    """
    for term in query.terms:
        if term.name == "kind" and kind_code(term.value):
            continue
        if term.name in ("is", "kind", "state", "channel", "origin") and term.value not in choices(term.name):
            raise QueryRefused("value", str(term))
        if of_reports and _is_of_cases(term):
            raise QueryRefused("cases_only", str(term))
        if term.name == "owner" and term.value not in (NOBODY, ME) and not _people_called(term.value):
            raise QueryRefused("owner", str(term))


def kind_code(told: str) -> str:
    """The kind of incident of a code, of a name in either language, or of a piece that one kind alone has in its names,
    as 釣魚; "" for what is none.
    """
    wanted = same_name(told)
    names = [(same_name(name), kind.code) for kind in kinds() for name in (*map(kind.name, Language), kind.code)]
    whole = dict(names).get(wanted, "")
    parts = {code for name, code in names if wanted in name} if len(wanted) > 1 else set()
    return whole or (parts.pop() if len(parts) == 1 else "")


def of_cases(query: Query, user: User) -> list[Condition]:
    """The conditions of a query for rows of Case, its words apart."""
    return _together(query, user, _case)


def of_reports(query: Query, user: User) -> list[Condition]:
    """The same for rows of Report; what only cases have, no report has."""
    return _together(query, user, _report)


def asks_for_people(query: Query) -> bool:
    """Whether the query asks who reported, which no case knows by itself."""
    return any(term.name in ("org", "reporter") for term in query.terms)


def people(query: Query) -> tuple[list[str], list[list[str]]]:
    """Marks of the index of reports for the people asked for, and those of each who is excluded."""
    asked = [(term.no, people_marks(term.name, term.value)) for term in query.terms if term.name in ("org", "reporter")]
    return [mark for no, marks in asked if not no for mark in marks], [marks for no, marks in asked if no and marks]


def _together(query: Query, user: User, one: Callable[[Term, User], Condition]) -> list[Condition]:
    return _all_of((term, one(term, user)) for term in query.terms if term.name not in ("org", "reporter", ""))


def _all_of(told: Iterable[tuple[Term, Condition]]) -> list[Condition]:
    """These terms and what each asks for, together: those of one name are alternatives, except tags, `is`, and what is
    compared by < or >.
    """
    by_name: dict[str, list[Condition]] = {}
    found: list[Condition] = []
    for term, condition in told:
        if term.no:
            found.append(~func.coalesce(condition, false()))
        elif term.name in ("is", "tag") or term.sign not in (":", "="):
            found.append(condition)
        else:
            by_name.setdefault(term.name, []).append(condition)
    return [*found, *(or_(*each) for each in by_name.values())]


def _case(term: Term, user: User) -> Condition:
    match term.name:
        case "is":
            return IS[term.value](user) if term.value in IS else false()
        case "kind":
            return bool_(Case.kind == kind_code(term.value))
        case "state":
            return bool_(Case.state == term.value)
        case "level":
            return _level(term)
        case "owner":
            return _owner(term.value, user)
        case "tag":
            return Case.id.in_(select(CaseTag.case_id).where(CaseTag.tag.in_(tag_codes(term.value))))
        case "title":
            return Case.title.icontains(term.value, autoescape=True)
        case "opened" | "updated" | "closed":
            return _on_day(getattr(Case, f"{term.name}_at"), term)
    joined = select(CaseReport.case_id).join(Report, Report.id == CaseReport.report_id).where(_report(term, user))
    seen = joined.where(CaseReport.report_id.not_in(hidden_reports(user)))
    return Case.id.in_(seen.union(_added(term)) if term.name in VALUES else seen)


def _added(term: Term) -> Select[int]:
    """Cases to which a person added this value. Joined to the others in one set: by "or" each case would be tried."""
    rows = select(CaseValue.case_id).where(CaseValue.kind == term.name, CaseValue.added_at.is_not(None))
    return rows.where(CaseValue.digest.in_([observables.digest(each) for each in _values(term)]))


def _report(term: Term, user: User) -> Condition:
    match term.name:
        case "is":
            return REPORT_IS[term.value](user) if term.value in REPORT_IS else false()
        case "kind":
            return bool_(Report.kind == kind_code(term.value))
        case "state" | "channel" | "origin":
            return bool_(getattr(Report, term.name) == term.value)
        case "title":
            return Report.title.icontains(term.value, autoescape=True)
        case "opened":
            return _on_day(Report.received_at, term)
        case "updated":
            return _on_day(Report.updated_at, term)
        case name if name in VALUES:
            return _named(term)
    return false()


def _named(term: Term) -> Condition:
    """Reports that name this value; it may be typed defanged, and an AS number without its letters. A domain is named
    by those below it, too, unless more than FEW reports name one; a telephone number by whoever gives it as their own.
    """
    rows = select(Observable.report_id).where(Observable.kind == term.name)
    digests = [observables.digest(each) for each in _values(term)]
    below = _below(term) if term.name == "domain" else []
    named = Report.id.in_(rows.where(or_(Observable.digest.in_(digests), *below)))
    called = telephone.mark(term.value) if term.name == "phone" else ""
    return or_(named, Report.id.in_(search.everything(NumberKind.REPORT, "", [called]))) if called else named


def _below(term: Term) -> list[Condition]:
    token = tokens(refang(term.value))[-1:]
    ids = search.holders(NumberKind.REPORT, token[0], FEW) if token and "." in refang(term.value) else []
    return [and_(Observable.report_id.in_(ids), Observable.value.iendswith(f".{refang(term.value)}", autoescape=True))]


def values(query: Query) -> list[tuple[str, str]]:
    """Addresses and the like that a query asks for, as conditions or else as words: pairs of a kind and a value."""
    asked = [term for term in query.terms if term.name in VALUES]
    if not asked:
        words = (word.upper() if is_system(word) else word for word in query.words)
        return observables.find(refang(" ".join(words)))
    return [(term.name, value) for term in asked if not term.no for value in _values(term)]


def reach_cases(query: Query) -> bool:
    """Whether all that a query asks for may be so of a case."""
    return all(term.no or term.name != "is" or term.value in IS for term in query.terms)


def reach_reports(query: Query) -> bool:
    """Whether all that a query asks for may be so of a report."""
    return not any(_is_of_cases(term) and not term.no for term in query.terms)


def _is_of_cases(term: Term) -> bool:
    return term.name in CASES_ONLY or (term.name == "is" and term.value not in REPORT_IS)


def reach_findings(query: Query) -> bool:
    """Whether all conditions of a query have a meaning for findings."""
    named = [term for term in query.terms if term.name not in ("", "kind", "opened")]
    return all(term.name in OF_FINDINGS and not term.no for term in named)


def of_findings(query: Query) -> list[Condition]:
    """What a query asks of rows of Finding besides their addresses: their kind, and when they were seen or came."""
    kinds = [(term.no, kind_code(term.value)) for term in query.terms if term.name == "kind"]
    asked = [code for no, code in kinds if not no]
    found = in_time(func.coalesce(Finding.seen_at, Finding.taken_at), query)
    found += [Finding.kind.in_(asked)] if asked else []
    return [*found, Finding.kind.not_in([code for no, code in kinds if no])]


def in_time(column: ColumnElement[Any], query: Query) -> list[Condition]:
    """The days of `before:` and `after:` for rows that are not opened but come at this time, which each has."""
    return _all_of((term, _on_day(column, term)) for term in query.terms if term.name == "opened")


def _values(term: Term) -> list[str]:
    if term.name == "ip":
        return networks(term.value)
    if term.name == "phone":
        return _telephones(term.value)
    told = f"AS{term.value}" if term.name == "asn" and term.value.isdigit() else term.value
    return [value for kind, value in observables.find(refang(told)) if kind == term.name] or [refang(told).lower()]


def _telephones(told: str) -> list[str]:
    """How a number may stand in a report: with the code of a country, of Hong Kong where eight digits have none."""
    digits = re.sub(r"\D", "", told)
    return [f"+{digits}", *([f"+{HONG_KONG}{digits}"] if len(digits) == LOCAL_DIGITS else ())]


def _level(term: Term) -> Condition:
    if term.value.isdigit():
        return _compared(Case.level, term.sign, int(term.value))
    decided = {"undecided": Case.level_rule == "", "no_level": Case.level_rule != ""}
    return and_(Case.level.is_(None), bool_(decided.get(term.value, true())))


def _owner(told: str, user: User) -> Condition:
    if told == NOBODY:
        return Case.owner_id.is_(None)
    if told == ME:
        return Case.owner_id == user.id
    return Case.owner_id.in_(_people_called(told))


def _people_called(told: str) -> list[int]:
    """Ids of the people with this name, first word of a name, or address with or without what follows the @."""
    wanted = same_name(told)
    spelled = {each.id: (same_name(each.name), each.email.casefold()) for each in accounts.everybody()}
    return [
        id_
        for id_, (name, email) in spelled.items()
        if wanted in (name, *name.split()[:1], email, email.partition("@")[0])
    ]


def _on_day(column: ColumnElement[Any] | InstrumentedAttribute[Any], term: Term) -> Condition:
    """A day is that of the portal's zone, from midnight to midnight."""
    begin = datetime.combine(date.fromisoformat(term.value), time(), current().zone)
    end = datetime.combine(date.fromordinal(begin.date().toordinal() + 1), time(), current().zone)
    match term.sign:
        case "<":
            return bool_(column < begin)
        case "<=":
            return bool_(column < end)
        case ">":
            return bool_(column >= end)
        case ">=":
            return bool_(column >= begin)
    return and_(column >= begin, column < end)


def _compared(column: InstrumentedAttribute[Any], sign: str, value: int) -> Condition:
    compare = {"<": column.__lt__, "<=": column.__le__, ">": column.__gt__, ">=": column.__ge__}
    return bool_(compare.get(sign, column.__eq__)(value))


def bool_(condition: Any) -> Condition:
    """A comparison of columns, which the type checker takes for a plain bool."""
    found: Condition = condition
    return found


def every(conditions: Iterable[Condition]) -> Condition:
    """All of them together."""
    return and_(*conditions)
