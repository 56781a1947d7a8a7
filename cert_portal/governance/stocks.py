"""How many there are at the beginning and at the end, and what happened between: the books must balance.

A number is in or out; only an event that takes it over that line counts, so a report that joins a second case leaves
the queue once. Opening + what came in − what went out = closing, for any history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.governance.facts import Rows, Window, drills


@dataclass(frozen=True)
class Stock:
    """Something that fills and empties: kinds of event that bring in and that take out, each with its code."""

    code: str
    ins: dict[str, str]
    outs: dict[str, str]

    @property
    def kinds(self) -> list[str]:
        """All kinds of event that matter."""
        return [*self.ins, *self.outs]


STOCKS = {
    "reports.waiting": Stock(
        "reports.waiting",
        {"report.received": "new", "report.returned": "returned"},
        {
            "report.attached": "attached",
            "report.refused": "refused",
            "report.referred_elsewhere": "referred_elsewhere",
        },
    ),
    "cases.open": Stock(
        "cases.open",
        {"case.opened": "new", "case.reopened": "reopened", "case.unmerged": "unmerged"},
        {"case.closed": "closed", "case.dismissed": "dismissed", "case.merged": "merged"},
    ),
    "subscribers.active": Stock(
        "subscribers.active",
        {"subscription.confirmed": "new"},
        {"subscription.ended": "ended", "subscription.suspended": "suspended"},
    ),
}


@dataclass(frozen=True)
class Balance:
    """The books of a period; `closing` was counted by itself and equals what the others add up to."""

    opening: int
    ins: dict[str, int]
    outs: dict[str, int]
    closing: int

    @property
    def balances(self) -> bool:
        """Whether nothing appeared or vanished without an event."""
        return self.opening + sum(self.ins.values()) - sum(self.outs.values()) == self.closing


def balance(stock: Stock, window: Window) -> Balance:
    """The books of a stock in one statement: each crossing of the line, before the window and within it."""
    rows = crossings(stock, window).subquery()
    counted = select(rows.c.earlier, rows.c.kind, func.count()).group_by(rows.c.earlier, rows.c.kind)
    flows = {(bool(earlier), kind): count for earlier, kind, count in session.execute(counted)}
    opening = sum(flows.get((True, kind), 0) for kind in stock.ins) - sum(
        flows.get((True, kind), 0) for kind in stock.outs
    )
    ins = {code: flows.get((False, kind), 0) for kind, code in stock.ins.items()}
    outs = {code: flows.get((False, kind), 0) for kind, code in stock.outs.items()}
    closing = session.scalar(select(func.count()).select_from(inside(stock, window, window.ends).subquery())) or 0
    return Balance(opening, ins, outs, closing)


def crossings(stock: Stock, window: Window) -> Rows:
    """Events that took a number in or out, up to the end of the window."""
    line = aliased(Event)
    is_in = case((line.kind.in_(stock.ins), 1), else_=0)
    order: Any = {"partition_by": line.subject, "order_by": (line.at, line.id)}
    earlier = case((line.at < window.begins, 1), else_=0).label("earlier")
    columns = (line.subject, line.at, line.kind, earlier, is_in.label("is_in"))
    rows = select(*columns, func.lag(is_in, 1, 0).over(**order).label("was_in"))
    inner = rows.where(*_of(stock, line, window, window.ends)).subquery()
    return select(inner.c.subject, inner.c.at, inner.c.kind, inner.c.earlier).where(inner.c.is_in != inner.c.was_in)


def inside(stock: Stock, window: Window, moment: datetime) -> Rows:
    """The numbers that were in at a moment, each with the time of the event that brought it in."""
    line = aliased(Event)
    newest = func.row_number().over(partition_by=line.subject, order_by=(line.at.desc(), line.id.desc()))
    rows = select(line.subject, line.at, line.kind, newest.label("place"))
    inner = rows.where(*_of(stock, line, window, moment)).subquery()
    return select(inner.c.subject, inner.c.at).where(inner.c.place == 1, inner.c.kind.in_(stock.ins))


def _of(stock: Stock, line: Any, window: Window, moment: datetime) -> tuple[Any, ...]:
    known = (line.at < moment, line.recorded_at <= window.cutoff)
    return (line.kind.in_(stock.kinds), *known, line.subject.not_in(drills()))
