"""Which other cases know the values of a case, and how each of them does. A case that the person may not see is met
nowhere here, and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from cert_portal.cases.models import Case, CaseReport, CaseValue, Verdict
from cert_portal.cases.values import Value, is_stale, last_named
from cert_portal.cases.visible import reports_visible_to, visible_to
from cert_portal.cases.workflow import State, today
from cert_portal.core.db import session
from cert_portal.directory.models import User
from cert_portal.intake.models import Observable, Report

CHUNK = 500
MOST = 2000
NAMED, ADDED = "named", "added"


@dataclass
class Known:
    """How another case knows a value: its reports name it, a person added it, a person confirmed it there."""

    named: bool = False
    added: bool = False
    confirmed: bool = False


@dataclass
class Relation:
    """Another case, and the values by which it is found, each with how it knows them."""

    case: Case
    values: list[tuple[Value, Known]] = field(default_factory=list)

    @property
    def by_reports(self) -> bool:
        """Whether its reports name one of them."""
        return any(known.named for _, known in self.values)

    @property
    def by_hand(self) -> bool:
        """Whether a person added one of them there."""
        return any(known.added for _, known in self.values)

    @property
    def confirmed(self) -> int:
        """How many of them a person confirmed there."""
        return sum(known.confirmed for _, known in self.values)


def of_values(case: Case, values: Iterable[Value], user: User, *more: ColumnElement[bool]) -> list[Relation]:
    """The other cases that know values that speak, those with most in common first; `more` are further conditions."""
    mine = {(each.kind, each.digest): each for each in values if each.speaks}
    told: dict[int, dict[tuple[str, str], Known]] = {}
    for kind, digest, case_id, how, verdict in _rows(case, list(mine), user, more):
        known = told.setdefault(case_id, {}).setdefault((kind, digest), Known())
        known.named, known.added = known.named or how == NAMED, known.added or how == ADDED
        known.confirmed = known.confirmed or verdict == Verdict.CONFIRMED
    cases = {each.id: each for each in _cases(told, user)}
    found = [Relation(cases[each], [(mine[key], how) for key, how in told[each].items()]) for each in told]
    return sorted(found, key=lambda each: (len(each.values), each.case.id), reverse=True)


def by_value(relations: Sequence[Relation]) -> dict[str, list[tuple[Case, Known]]]:
    """The same by the key of the value, the newest case first."""
    found: dict[str, list[tuple[Case, Known]]] = {}
    for each in sorted(relations, key=lambda each: each.case.id, reverse=True):
        for value, known in each.values:
            found.setdefault(value.key, []).append((each.case, known))
    return found


def _rows(case: Case, keys: list[tuple[str, str]], user: User, more: tuple[ColumnElement[bool], ...]) -> Iterator[Any]:
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        for rows in (_by_reports(chunk, user), _by_hand(chunk)):
            seen = rows.where(Case.id != case.id, Case.state != State.MERGED, visible_to(user), *more)
            yield from session.execute(seen.distinct().order_by(Case.id.desc()).limit(MOST))


def _by_reports(keys: list[tuple[str, str]], user: User) -> Any:
    said = aliased(CaseValue)
    same = and_(said.case_id == Case.id, said.kind == Observable.kind, said.digest == Observable.digest)
    rows: Any = select(Observable.kind, Observable.digest, Case.id, literal(NAMED), said.verdict)
    rows = rows.join(CaseReport, CaseReport.report_id == Observable.report_id)
    rows = rows.join(Case, Case.id == CaseReport.case_id).join(Report, Report.id == Observable.report_id)
    rows = rows.outerjoin(said, same)
    fresh = or_(said.expires_on >= today(), ~is_stale(Observable.kind, last_named()))
    return rows.where(
        tuple_(Observable.kind, Observable.digest).in_(keys),
        Observable.known.is_(False),
        reports_visible_to(user),
        or_(said.case_id.is_(None), and_(said.verdict != Verdict.REJECTED, said.ignored == "")),
        fresh,
        or_(said.expires_on.is_(None), said.expires_on >= today()),
    )


def _by_hand(keys: list[tuple[str, str]]) -> Any:
    rows: Any = select(CaseValue.kind, CaseValue.digest, Case.id, literal(ADDED), CaseValue.verdict)
    rows = rows.join(Case, Case.id == CaseValue.case_id)
    return rows.where(
        tuple_(CaseValue.kind, CaseValue.digest).in_(keys),
        CaseValue.added_at.is_not(None),
        or_(CaseValue.expires_on.is_not(None), ~is_stale(CaseValue.kind, CaseValue.added_at)),
        _speaks(),
    )


def _speaks() -> ColumnElement[bool]:
    quiet = or_(CaseValue.verdict == Verdict.REJECTED, CaseValue.ignored != "")
    return and_(~quiet, or_(CaseValue.expires_on.is_(None), CaseValue.expires_on >= today()))


def _cases(ids: Iterable[int], user: User) -> Sequence[Case]:
    return session.scalars(select(Case).where(Case.id.in_(list(ids)), visible_to(user))).all()
