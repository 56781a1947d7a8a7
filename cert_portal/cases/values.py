"""The values of a case: what its reports name and what people added, each once, and what was made of it.

A value is compared with other cases and leaves in files only while it speaks: it says something, nobody rejected or
ignores it, and it is not out of date. An address changes hands, a hash never does: how long depends on its kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from cert_portal.cases import ignored
from cert_portal.cases.models import Case, CaseReport, CaseValue, Verdict
from cert_portal.cases.visible import hidden_reports, reports_visible_to
from cert_portal.cases.workflow import today
from cert_portal.config import current
from cert_portal.core.db import among, on_postgresql, session
from cert_portal.directory.models import User
from cert_portal.intake.models import Observable, Report
from cert_portal.intake.observables import is_known

MOST = 100_000
"""Of a case whose reports name more than that, the rest is not shown: no page could be read to its end."""
USUAL_DAYS = {"ip": 90, "url": 180, "domain": 365, "email": 365, "phone": 365, "file": 365}
"""After how many days since it was last named a value is out of date, unless a person sets another day.

Addresses of machines are given to others soonest; hashes, CVE numbers, AS numbers and wallets stay what they are.
"""


class Standing(StrEnum):
    """Whether a value speaks, and what it waits for: the lists of the page."""

    NEW = "new"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    QUIET = "quiet"


@dataclass(frozen=True)
class Value:
    """One value of a case: how many of its reports name it, and what people said. `expires_on` is None for never.

    `first_at` and `named_at`: when it was named, or added, first and last.
    """

    kind: str
    value: str
    digest: str
    known: bool
    reports: int
    first_at: datetime
    named_at: datetime
    verdict: Verdict
    judged_by: int | None
    judged_at: datetime | None
    ignored: str
    everywhere: bool
    expires_on: date | None
    expiry_set: bool
    added_by: int | None
    added_at: datetime | None
    source: str

    @property
    def key(self) -> str:
        """How a form or an address names it."""
        return f"{self.kind}.{self.digest}"

    @property
    def is_expired(self) -> bool:
        """Whether it is out of date today."""
        return self.expires_on is not None and self.expires_on < today()

    @property
    def speaks(self) -> bool:
        """Whether it is compared with other cases and may leave."""
        off = self.known or self.ignored or self.everywhere or self.is_expired
        return not off and self.verdict is not Verdict.REJECTED

    @property
    def standing(self) -> Standing:
        """The list in which it stands."""
        if self.verdict is Verdict.REJECTED:
            return Standing.REJECTED
        return Standing(self.verdict.value) if self.speaks else Standing.QUIET


def of_case(found: Case, user: User) -> list[Value]:
    """Every value by kind: of the reports that the person may see, and what was added to the case."""
    rows = {(row.kind, row.digest): row for row in said_of(found)}
    quiet = ignored.everywhere()
    named = [_named(*told, rows.get((told[0], told[1])), quiet) for told in _of_reports(found, user)]
    seen = {(each.kind, each.digest) for each in named}
    alone = [row for key, row in rows.items() if row.added_at and key not in seen]
    told = [*named, *(_added(row, quiet) for row in alone)]
    return sorted(told, key=lambda each: (each.kind, each.value))[:MOST]


def said_of(found: Case) -> Sequence[CaseValue]:
    """What people said about values of a case that the caller holds."""
    return session.scalars(select(CaseValue).where(CaseValue.case_id == found.id)).all()


def withheld(keys: set[str], case_numbers: Iterable[str], user: User) -> set[str]:
    """Of these keys of values those that only a report which the person may not see names: a digest can be turned back
    into an address by trying all of them. What a report that the person may see names in these cases, or a person
    added there, is told.
    """
    kinds, digests = (sorted({each.split(".")[at] for each in keys}) for at in (0, 1))
    asked = Observable.kind.in_(kinds), among(Observable.digest, digests)
    named = select(Observable.kind, Observable.digest).where(*asked)
    unseen = session.execute(named.where(Observable.report_id.in_(hidden_reports(user))))
    hidden = {f"{kind}.{digest}" for kind, digest in unseen} & keys
    if not hidden:
        return hidden
    ours = select(Case.id).where(Case.number.in_(list(case_numbers)))
    here = CaseReport.report_id.not_in(hidden_reports(user)), CaseReport.case_id.in_(ours)
    shown = named.join(CaseReport, CaseReport.report_id == Observable.report_id).where(*here)
    added = select(CaseValue.kind, CaseValue.digest).where(CaseValue.added_at.is_not(None), CaseValue.case_id.in_(ours))
    told = (*session.execute(shown), *session.execute(added))
    return hidden - {f"{kind}.{digest}" for kind, digest in told}


def chosen(values: Iterable[Value], keys: Iterable[str]) -> list[Value]:
    """Those that a form names."""
    wanted = set(keys)
    return [each for each in values if each.key in wanted]


def _of_reports(found: Case, user: User) -> Sequence[Any]:
    known: Any = func.min(Observable.known)
    if on_postgresql():
        known = func.bool_and(Observable.known)
    what = (Observable.kind, Observable.digest, func.min(Observable.value), known, func.count(Observable.report_id))
    rows = select(*what, func.min(Report.received_at), func.max(last_named()))
    rows = rows.join(CaseReport, CaseReport.report_id == Observable.report_id)
    rows = rows.join(Report, Report.id == Observable.report_id)
    rows = rows.where(CaseReport.case_id == found.id, reports_visible_to(user))
    rows = rows.group_by(Observable.kind, Observable.digest).order_by(Observable.kind, func.min(Observable.value))
    return session.execute(rows.limit(MOST)).all()


def _named(*told: Any) -> Value:
    kind, digest, value, known, reports, first, at, row, quiet = told
    times = [first, at, *([row.added_at] if row and row.added_at else [])]
    return _value(kind, digest, value, bool(known), reports, (min(times), max(times)), row, quiet)


def _added(row: CaseValue, quiet: set[tuple[str, str]]) -> Value:
    return _value(
        row.kind, row.digest, row.value, is_known(row.kind, row.value), 0, (row.added_at, row.added_at), row, quiet
    )


def _value(kind: str, digest: str, value: str, known: bool, reports: int, times: Any, row: Any, quiet: Any) -> Value:
    first_at, named_at = times
    expires = row.expires_on if row and row.expires_on else usual_end(kind, named_at)
    return Value(
        *(kind, value, digest, known, reports, first_at, named_at),
        verdict=Verdict(row.verdict) if row else Verdict.NEW,
        judged_by=row.judged_by if row else None,
        judged_at=row.judged_at if row else None,
        ignored=row.ignored if row else "",
        everywhere=(kind, digest) in quiet,
        expires_on=expires,
        expiry_set=bool(row and row.expires_on),
        added_by=row.added_by if row else None,
        added_at=row.added_at if row else None,
        source=row.source if row else "",
    )


def usual_end(kind: str, named_at: datetime) -> date | None:
    """The last day on which a value of this kind is not out of date when nobody set one; None for never."""
    days = USUAL_DAYS.get(kind)
    return named_at.astimezone(current().zone).date() + timedelta(days=days) if days else None


def is_quiet(row: Any) -> ColumnElement[bool]:
    """The condition for rows of CaseValue whose value does not speak in its case."""
    return or_(row.verdict == Verdict.REJECTED, row.ignored != "", row.expires_on < today())


def last_named() -> ColumnElement[datetime]:
    """When the report of a row of Observable named it last."""
    return func.coalesce(Observable.named_at, Report.received_at)


def is_stale(kind: Any, at: Any) -> ColumnElement[bool]:
    """The condition for a value of a kind that was last named so long ago that it is out of date by itself."""
    begin = datetime.combine(today(), time(), current().zone)
    ends = {each: begin - timedelta(days=days) for each, days in USUAL_DAYS.items()}
    return and_(kind.in_(list(ends)), at < case(ends, value=kind))


def speaks(named: Any) -> ColumnElement[bool]:
    """The condition for rows of Observable by which reports are compared: no case of the report silences the value."""
    said = select(CaseValue.case_id).join(CaseReport, CaseReport.case_id == CaseValue.case_id)
    said = said.where(CaseReport.report_id == named.report_id)
    said = said.where(CaseValue.kind == named.kind, CaseValue.digest == named.digest, is_quiet(CaseValue))
    return and_(named.known.is_(False), ~ignored.is_ignored(named), ~said.exists())
