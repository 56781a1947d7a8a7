"""The published service targets: who counts, who was in time, and what is left out (catalogue 0.2 and 1G)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Row, Subquery, func, or_, select
from sqlalchemy.orm import aliased

from cert_portal.cases.clocks import Ruler, ruler
from cert_portal.config import current
from cert_portal.core.clock import is_working_day
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.directory.models import ClockUnit
from cert_portal.governance.facts import Rows, Window, first, latest, opened, received, told
from cert_portal.guidance import kinds

UNFOUNDED = ("spam", "test")
"""Reasons of refusal that take a report out of the first-response target."""
BACK, OVER = ("case.reopened", "case.resumed"), ("case.resolved", "case.closed")
CALLS = ("call.answered", "call.missed", "call.voicemail")
ENDS = ("case.closed", "case.dismissed", "case.reopened")


@dataclass(frozen=True)
class Timed:
    """One number on a clock: when it began and when it stopped, if it did."""

    subject: str
    begun: datetime
    stopped: datetime | None


class Deadlines:
    """Reads a clock rule fast: the calendar is asked once for each day."""

    def __init__(self, clock: Ruler) -> None:
        self.clock, self.zone = clock, current().zone
        self.days: dict[date, tuple[date, bool]] = {}

    def due(self, begun: datetime) -> datetime:
        """When the time is over; the same as `Ruler.due`."""
        if self.clock.rule.unit != ClockUnit.WORKING_DAYS:
            return self.clock.due(begun)
        local = begun.astimezone(self.zone)
        day = local.date()
        if day not in self.days:
            last = self.clock.due(begun).astimezone(self.zone).date()
            self.days[day] = last, is_working_day(day, self.clock.holidays)
        last, works = self.days[day]
        at = local.time() if works else datetime.min.time()
        return datetime.combine(last, at, self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Judged:
    """Those that count for a target: in time, and late."""

    met: list[Timed]
    missed: list[Timed]

    @property
    def all(self) -> list[Timed]:
        """The denominator."""
        return [*self.met, *self.missed]


def judge(rule: str, rows: list[Timed], cutoff: datetime) -> Judged | None:
    """Who was in time; who still is, without having stopped, does not count yet. None when the rule is switched off."""
    clock = ruler(rule)
    if clock is None:
        return None
    deadlines, met, missed = Deadlines(clock), [], []
    for row in rows:
        due = deadlines.due(row.begun)
        if row.stopped is not None and row.stopped <= due:
            met.append(row)
        elif row.stopped is not None or due <= cutoff:
            missed.append(row)
    return Judged(met, missed)


def calls(window: Window) -> Judged:
    """Calls of the period: answered at once, and all others (missed, voicemail)."""
    line = aliased(Event)
    rows = select(line.subject, line.at, line.kind).where(line.kind.in_(CALLS), window.holds(line))
    judged = Judged([], [])
    for subject, at, kind in session.execute(rows.order_by(line.at, line.id)):
        answered = kind == CALLS[0]
        (judged.met if answered else judged.missed).append(Timed(subject, at, at if answered else None))
    return judged


def middle(rows: list[Timed], unit: timedelta) -> float | None:
    """The median of the times that are complete, in units; None without any."""
    spans = [(row.stopped - row.begun) / unit for row in rows if row.stopped is not None]
    return round(median(spans), 1) if spans else None


@dataclass(frozen=True)
class Cohorts:
    """The reports and cases of a period with their clocks, read in two statements."""

    reports: list[Row[Any]]
    cases: list[Row[Any]]

    def of(self, metric: str) -> list[Timed]:
        """Those that may count for a metric."""
        return list(CANDIDATES[metric](self))


def cohorts(window: Window) -> Cohorts:
    """Read the reports and cases of a window."""
    return Cohorts(list(session.execute(_reports(window))), list(session.execute(_cases(window))))


def _responses(read: Cohorts) -> Iterator[Timed]:
    for row in read.reports:
        unfounded = row.outcome == "refused" and row.reason in UNFOUNDED
        if not unfounded and (row.answered or row.unreachable is None):
            yield Timed(row.subject, row.at, row.answered)


def _answered(read: Cohorts) -> Iterator[Timed]:
    return (Timed(row.subject, row.at, row.answered) for row in read.reports if row.answered)


def _handled(read: Cohorts) -> Iterator[Row[Any]]:
    return (row for row in read.cases if row.ended != "case.dismissed")


def _own(read: Cohorts) -> Iterator[Timed]:
    rows = (row for row in _handled(read) if row.referred is None and row.prepared is None)
    return (Timed(row.subject, row.at, row.resolved) for row in rows)


def _passed_on(read: Cohorts) -> Iterator[Timed]:
    rows = (row for row in _handled(read) if row.referred is not None or row.prepared is not None)
    return (Timed(row.subject, row.at, row.referred) for row in rows)


def _trackable(read: Cohorts) -> Iterator[Timed]:
    codes = {kind.code for kind in kinds.load() if kind.trackable}
    rows = (row for row in _handled(read) if row.referred is not None and row.kind in codes)
    return (Timed(row.subject, row.at, row.resolved) for row in rows)


def _resolved(read: Cohorts) -> Iterator[Timed]:
    return (Timed(row.subject, row.at, row.resolved) for row in _handled(read) if row.resolved is not None)


CANDIDATES: dict[str, Callable[[Cohorts], Iterator[Timed]]] = {
    "response.first_day": _responses,
    "response.median": _answered,
    "resolution.own": _own,
    "resolution.median": _resolved,
    "referral.first_day": _passed_on,
    "resolution.trackable": _trackable,
}


def _reports(window: Window) -> Rows:
    rows, answer = received(window).subquery(), first(window, ("report.first_response",))
    line = aliased(Event)
    mute = (line.kind == "report.not_acknowledged", line.at >= window.begins, told(line, "reason") == "no_address")
    unreachable = select(line.subject).where(*mute).distinct().subquery()
    found = select(rows, answer.c.at.label("answered"), unreachable.c.subject.label("unreachable"))
    found = found.outerjoin(answer, answer.c.subject == rows.c.subject)
    return found.outerjoin(unreachable, unreachable.c.subject == rows.c.subject).order_by(rows.c.at, rows.c.subject)


def _cases(window: Window) -> Rows:
    rows, referred = opened(window).subquery(), first(window, ("case.referred",))
    prepared, over, ended = _prepared(window), _over(window), latest(window, ENDS)
    found = select(
        rows,
        referred.c.at.label("referred"),
        prepared.c.number.label("prepared"),
        over.c.at.label("resolved"),
        ended.c.kind.label("ended"),
    )
    found = found.outerjoin(referred, referred.c.subject == rows.c.subject)
    found = found.outerjoin(prepared, prepared.c.number == rows.c.subject)
    found = found.outerjoin(over, over.c.subject == rows.c.subject)
    return found.outerjoin(ended, ended.c.subject == rows.c.subject).order_by(rows.c.at, rows.c.subject)


def _prepared(window: Window) -> Subquery:
    """The cases for which a referral was drafted."""
    line = aliased(Event)
    drafted = (line.kind == "referral.drafted", line.at >= window.begins, line.recorded_at <= window.cutoff)
    return select(told(line, "case").label("number")).where(*drafted).distinct().subquery()


def _over(window: Window) -> Subquery:
    """When the trouble of each case was over for the last time: after it was last taken up again."""
    line, other = aliased(Event), aliased(Event)
    known = (other.at >= window.begins, other.recorded_at <= window.cutoff)
    back = select(other.subject, func.max(other.at).label("at")).where(other.kind.in_(BACK), *known)
    again = back.group_by(other.subject).subquery()
    rows = select(line.subject, func.min(line.at).label("at")).outerjoin_from(
        line, again, again.c.subject == line.subject
    )
    rows = rows.where(line.kind.in_(OVER), line.at >= window.begins, line.recorded_at <= window.cutoff)
    return rows.where(or_(again.c.at.is_(None), line.at >= again.c.at)).group_by(line.subject).subquery()
