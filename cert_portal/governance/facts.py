"""What is counted: for each metric one statement over the event record, with one row for each thing that counts.

A figure is the number of these rows and a list behind a figure is the rows themselves, so the two cannot differ.
Exercises are left out in every statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Subquery, and_, case, cast, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from cert_portal.core.events import Event
from cert_portal.governance.period import Month, Period

OPENINGS = ("report.received", "case.opened")
MARKS = ("report.drill_set", "case.drill_set")
DECISIONS = ("report.attached", "report.refused", "report.referred_elsewhere", "report.returned")
MOVED, EDITED = ("report.origin_set",), ("report.edited", "report.form_read")
REACTIONS = ("referral.acknowledged", "referral.answered", "referral.resolved")
LAST_WORDS = (*REACTIONS, "referral.not_theirs", "referral.bounced", "referral.expired")
NOT_FOR_US = "outside_remit"
"""The reason of a refusal that is an outcome of its own."""
LETTERS = ("report.acknowledged", "report.letter_written", "case.letter_written")

Line = Any
"""An alias of Event."""
Rows = Any
"""A Select; its columns are named where it is made, and no type can say them."""


@dataclass(frozen=True)
class Window:
    """The moments between which something must have happened, and up to when it must have been written down."""

    begins: datetime
    ends: datetime
    cutoff: datetime
    months: tuple[Month, ...]

    def holds(self, line: Line) -> ColumnElement[bool]:
        """The condition for an event of the period."""
        return and_(line.at >= self.begins, line.at < self.ends, line.recorded_at <= self.cutoff)

    def month(self, line: Line) -> ColumnElement[str]:
        """The month in which an event happened, where the portal stands."""
        later = self.months[1:]
        if not later:
            return literal(self.months[0].code)
        steps = [(line.at < after.begins, month.code) for month, after in zip(self.months, later, strict=False)]
        return case(*steps, else_=later[-1].code)


def window(period: Period, cutoff: datetime) -> Window:
    """The window of a period."""
    return Window(period.begins, period.ends, cutoff, tuple(period.months()))


@dataclass(frozen=True)
class Fact:
    """How a count is made: `rows` answers a statement with `subject`, `at` and one column for each dimension."""

    rows: Callable[[Window], Rows]
    dimensions: tuple[str, ...] = field(default=("month",))


def told(line: Line, name: str) -> ColumnElement[str]:
    """A field of the data of an event, as text on both databases."""
    return cast(line.data[name].as_string(), String)


def is_true(line: Line, name: str) -> ColumnElement[bool]:
    """A yes-or-no field of the data of an event; missing means no."""
    return func.coalesce(line.data[name].as_boolean(), false())


def drills() -> Rows:
    """The numbers of exercises; there are few. What a person said later counts more than what the opening said."""
    line, mark = aliased(Event), aliased(Event)
    newest = select(func.max(mark.id)).where(mark.kind.in_(MARKS)).group_by(mark.subject)
    marked = select(mark.subject).where(mark.kind.in_(MARKS))
    opened = and_(line.kind.in_(OPENINGS), line.subject.not_in(marked))
    said = and_(line.kind.in_(MARKS), line.id.in_(newest))
    return select(line.subject).where(or_(opened, said), is_true(line, "drill"))


def latest(window: Window, kinds: tuple[str, ...], *names: str, since: bool = True, saying: str = "") -> Subquery:
    """For each number its last event of these kinds at the cut-off: `kind` and some fields of its data.

    Events before the window are looked at only without `since`; with `saying`, those alone where that field is told.
    """
    line = aliased(Event)
    newest = func.row_number().over(partition_by=line.subject, order_by=(line.at.desc(), line.id.desc()))
    columns = [line.subject, line.kind, newest.label("place"), *(told(line, name).label(name) for name in names)]
    rows = select(*columns).where(line.kind.in_(kinds), line.recorded_at <= window.cutoff)
    rows = rows.where(told(line, saying) != "") if saying else rows
    inner = (rows.where(line.at >= window.begins) if since else rows).subquery()
    wanted = [column for column in inner.c if column.name != "place"]
    return select(*wanted).where(inner.c.place == 1).subquery()


def first(window: Window, kinds: tuple[str, ...]) -> Subquery:
    """For each number the time of its first event of these kinds since the window began."""
    line = aliased(Event)
    rows = select(line.subject, func.min(line.at).label("at"))
    return (
        rows.where(line.kind.in_(kinds), line.at >= window.begins, line.recorded_at <= window.cutoff)
        .group_by(line.subject)
        .subquery()
    )


def happened(*kinds: str, **fields: str) -> Callable[[Window], Rows]:
    """Every event of these kinds, with the month and named fields of its data."""

    def rows(window: Window) -> Rows:
        line = aliased(Event)
        columns = [told(line, name).label(label) for label, name in fields.items()]
        found = select(line.subject, line.at, window.month(line).label("month"), *columns)
        return found.where(line.kind.in_(kinds), window.holds(line), line.subject.not_in(drills()))

    return rows


def received(window: Window) -> Rows:
    """Reports of the period and where they stand at the cut-off; `reason` is that of a refusal.

    Whose report it is, and its kind, the desk may have set right since.
    """
    line, decided, moved = aliased(Event), latest(window, DECISIONS, "reason"), latest(window, MOVED, "after")
    edited = latest(window, EDITED, "after", saying="after")
    outcome = case(
        (decided.c.kind == "report.attached", "attached"),
        (and_(decided.c.kind == "report.refused", decided.c.reason == NOT_FOR_US), NOT_FOR_US),
        (decided.c.kind == "report.refused", "refused"),
        (decided.c.kind == "report.referred_elsewhere", "referred_elsewhere"),
        else_="waiting",
    )
    columns = [
        told(line, "channel").label("channel"),
        func.coalesce(moved.c.after, told(line, "origin")).label("origin"),
        func.coalesce(edited.c.after, told(line, "kind")).label("kind"),
    ]
    rows: Rows = select(line.subject, line.at, window.month(line).label("month"), *columns, outcome.label("outcome"))
    rows = rows.add_columns(decided.c.reason).outerjoin_from(line, decided, decided.c.subject == line.subject)
    rows = rows.outerjoin(moved, moved.c.subject == line.subject)
    rows = rows.outerjoin(edited, edited.c.subject == line.subject)
    return rows.where(line.kind == "report.received", window.holds(line), line.subject.not_in(drills()))


def merged(window: Window) -> Rows:
    """The numbers of cases that are part of another one at the cut-off."""
    ended = latest(window, ("case.merged", "case.unmerged"))
    return select(ended.c.subject).where(ended.c.kind == "case.merged")


def opened(window: Window) -> Rows:
    """Cases of the period with the kind and level that they have at the cut-off; merged ones count as one."""
    line = aliased(Event)
    kind, level = latest(window, ("case.kind_set",), "after"), latest(window, ("case.level_set",), "level")
    rows = select(
        line.subject,
        line.at,
        window.month(line).label("month"),
        func.coalesce(kind.c.after, told(line, "kind")).label("kind"),
        case((level.c.subject.is_(None), "undecided"), else_=func.coalesce(level.c.level, "none")).label("level"),
    ).outerjoin_from(line, kind, kind.c.subject == line.subject)
    rows = rows.outerjoin(level, level.c.subject == line.subject)
    rows = rows.where(line.kind == "case.opened", window.holds(line), line.subject.not_in(drills()))
    return rows.where(line.subject.not_in(merged(window)))


def sent(window: Window) -> Rows:
    """Referrals that left for the first time in the period, with the party's last word and its first reaction."""
    line, word, reaction = aliased(Event), latest(window, LAST_WORDS), first(window, REACTIONS)
    outcome = case((word.c.kind.is_(None), "unanswered"), else_=func.replace(word.c.kind, "referral.", ""))
    rows = select(
        line.subject,
        line.at,
        window.month(line).label("month"),
        told(line, "party").label("party"),
        told(line, "organisation").label("organisation"),
        outcome.label("outcome"),
        reaction.c.at.label("reacted"),
    ).outerjoin_from(line, word, word.c.subject == line.subject)
    rows = rows.outerjoin(reaction, reaction.c.subject == line.subject)
    of_window = (line.kind == "referral.sent", window.holds(line), ~earlier(line))
    return rows.where(*of_window, told(line, "case").not_in(drills()))


def published(window: Window) -> Rows:
    """Advisories that appeared for the first time in the period, and when each was begun."""
    line, drafted = aliased(Event), aliased(Event)
    begun = select(func.min(drafted.at)).where(
        drafted.kind == "advisory.drafted", drafted.subject == line.subject, drafted.recorded_at <= window.cutoff
    )
    rows = select(
        line.subject,
        line.at,
        window.month(line).label("month"),
        told(line, "level").label("risk"),
        begun.scalar_subquery().label("begun"),
    )
    return rows.where(line.kind == "advisory.published", window.holds(line), ~earlier(line))


def updated(window: Window) -> Rows:
    """Later versions of advisories."""
    line = aliased(Event)
    rows = select(line.subject, line.at, window.month(line).label("month"))
    return rows.where(line.kind == "advisory.published", window.holds(line), earlier(line))


def earlier(line: Line) -> ColumnElement[bool]:
    """Whether the same happened to the same number before."""
    other = aliased(Event)
    before = or_(other.at < line.at, and_(other.at == line.at, other.id < line.id))
    return select(other.id).where(other.subject == line.subject, other.kind == line.kind, before).exists()


def of_agencies(window: Window) -> Rows:
    """Reports that member organisations sent in the period, as they told them (004-07, 004-10)."""
    line = aliased(Event)
    columns = [told(line, name).label(label) for label, name in (("support", "support"), ("notice", "notice"))]
    level = func.coalesce(told(line, "level"), "none").label("level")
    rows = select(line.subject, line.at, window.month(line).label("month"), level, *columns)
    return rows.where(line.kind == "agency.sent", window.holds(line), line.subject.not_in(drills()))


FACTS = {
    "reports.received": Fact(received, ("month", "channel", "origin", "kind", "outcome")),
    "agencies.reports": Fact(of_agencies, ("month", "level", "support", "notice")),
    "cases.opened": Fact(opened, ("month", "kind", "level")),
    "cases.closed": Fact(happened("case.closed", "case.dismissed", outcome="outcome"), ("month", "outcome")),
    "cases.reopened": Fact(happened("case.reopened")),
    "referrals.sent": Fact(sent, ("month", "party", "outcome")),
    "letters.reporters": Fact(happened(*LETTERS)),
    "advisories.published": Fact(published, ("month", "risk")),
    "advisories.updated": Fact(updated),
    "advisories.withdrawn": Fact(happened("advisory.withdrawn")),
    "subscriptions.confirmed": Fact(happened("subscription.confirmed", language="language"), ("month", "language")),
    "subscriptions.ended": Fact(happened("subscription.ended", "subscription.suspended")),
    "digests.issued": Fact(happened("digest.issued", language="language"), ("month", "language")),
}
