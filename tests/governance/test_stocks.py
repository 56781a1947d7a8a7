"""The books balance for any history, and their lines are what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.governance.facts import window
from cert_portal.governance.period import named
from cert_portal.governance.stocks import STOCKS, Balance, Stock, balance, inside
from tests.governance.record import days, report, say

MAY = named("2026-05")
LATER = datetime(2027, 1, 1, tzinfo=UTC)
TIMES = st.integers(-20, 50)
Story = list[tuple[int, str, str]]


def stories(stock: Stock) -> st.SearchStrategy[Story]:
    """Any events of any numbers at any times, in or out of order: also what no stage would write."""
    return st.lists(st.tuples(TIMES, st.sampled_from("ABC"), st.sampled_from(stock.kinds)), max_size=25)


@dataclass
class Book:
    """The same counted by hand, one event after the other."""

    inside: set[str] = field(default_factory=set)
    opening: int = 0
    flows: dict[str, int] = field(default_factory=dict)

    def take(self, stock: Stock, at: datetime, number: str, kind: str) -> None:
        """One event."""
        comes = kind in stock.ins
        if comes != (number in self.inside):
            (self.inside.add if comes else self.inside.discard)(number)
            if at >= MAY.begins:
                code = {**stock.ins, **stock.outs}[kind]
                self.flows[code] = self.flows.get(code, 0) + 1
        if at < MAY.begins:
            self.opening = len(self.inside)


def write(story: Story) -> None:
    session.execute(delete(Event))
    for at, number, kind in story:
        more = {"drill": False} if kind in ("report.received", "case.opened") else {}
        session.add(
            Event(
                kind=kind,
                subject=number,
                actor="user:1",
                at=days(at),
                recorded_at=days(max(at, 0)),
                data=more,
                text=None,
            )
        )
    session.flush()


@pytest.mark.parametrize("code", STOCKS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_opening_and_what_came_and_went_is_closing(context: Flask, code: str, data: st.DataObject) -> None:
    stock = STOCKS[code]
    story = data.draw(stories(stock))
    write(story)
    by_hand = Book()
    for at, number, kind in sorted(story, key=lambda line: line[0]):
        if days(at) < MAY.ends:
            by_hand.take(stock, days(at), number, kind)
    found = balance(stock, window(MAY, LATER))
    assert found.balances
    assert (found.opening, found.closing) == (by_hand.opening, len(by_hand.inside))
    assert {name: count for name, count in {**found.ins, **found.outs}.items() if count} == by_hand.flows
    rows = session.execute(inside(stock, window(MAY, LATER), MAY.ends)).all()
    assert {row.subject for row in rows} == by_hand.inside
    assert len(rows) == found.closing


def test_books_that_do_not_balance_say_so() -> None:
    assert not Balance(1, {"new": 1}, {"closed": 1}, 2).balances


@pytest.mark.usefixtures("rules")
def test_a_report_leaves_the_queue_once_and_comes_back_once() -> None:
    report("R1", days(-30))
    say("report.attached", "R1", days(1), case="C1")
    say("report.attached", "R1", days(2), case="C2")
    report("R2", days(1))
    say("report.returned", "R2", days(2), before="quarantined")
    say("report.refused", "R2", days(3), reason="spam")
    say("report.returned", "R2", days(4), before="refused")
    report("R3", drill=True)
    found = balance(STOCKS["reports.waiting"], window(MAY, LATER))
    assert found.opening == 1
    assert found.ins == {"new": 1, "returned": 1}
    assert found.outs == {"attached": 1, "refused": 1, "referred_elsewhere": 0}
    assert found.closing == 1
