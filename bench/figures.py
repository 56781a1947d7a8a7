"""Figures of a year with 20,000 cases, beside the bare SQL of the same counts: in turns, in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import insert, text

from cert_portal.core.db import reading, session, start_writing
from cert_portal.core.events import Event
from cert_portal.directory import calendar
from cert_portal.governance.figures import measure
from cert_portal.governance.period import named

CASES, ROUNDS = 20_000, 5
MARKED_EACH = 250
"""Of so many cases one was said later to be an exercise, or to be none after all."""
BEGIN, CUTOFF = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
Row = dict[str, Any]


def run(name: str, app: Flask) -> None:
    """Fill a year, then measure both in turns; prints seconds and how many times as long the product takes."""
    with app.app_context():
        start_writing()
        calendar.seed()
        events = fill()
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
        floors, products = [], []
        with reading():
            for _ in range(ROUNDS):
                floors.append(_seconds(bare))
                products.append(_seconds(lambda: measure(named("2025"), CUTOFF)))
                session.rollback()
    low, mine = statistics.median(floors), statistics.median(products)
    what = f"{name}: figures of a year, {CASES:,} cases, {events:,} events"
    print(f"{what}\n{'  seconds, and times the floor':<44}{low:>10.2f}{mine:>11.2f}{mine / low:>8.2f}", flush=True)


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def fill() -> int:
    """Insert the events of a year in bulk; answers how many."""
    count, batch = 0, []
    for row in rows():
        batch.append(row)
        if len(batch) == 5000:
            session.execute(insert(Event), batch)
            count, batch = count + len(batch), []
    session.execute(insert(Event), batch)
    return count + len(batch)


def rows() -> Iterator[Row]:
    """About ten events for each case: reports, decisions, answers, level, referral, end."""
    dice = Random(1)
    for number in range(CASES):
        at = BEGIN + timedelta(hours=dice.uniform(0, 8700))
        yield from _reports(dice, number, at)
        yield from _case(dice, f"C{number}", at + timedelta(hours=2))


def _reports(dice: Random, number: int, at: datetime) -> Iterator[Row]:
    facts = {"channel": dice.choice(("web", "email", "fax")), "origin": "local", "drill": number % 100 == 0}
    yield _event("report.received", f"R{number}", at, {**facts, "kind": dice.choice(KINDS), "language": "en"})
    yield _event("report.acknowledged", f"R{number}", at, {"letter": number})
    answered = at + timedelta(hours=dice.uniform(0.5, 40))
    yield _event("report.first_response", f"R{number}", answered, {"how": "letter"})
    yield _event("report.attached", f"R{number}", at + timedelta(hours=2), {"case": f"C{number}"})
    if number % MARKED_EACH == 0:
        for kind, subject in (("report.drill_set", f"R{number}"), ("case.drill_set", f"C{number}")):
            yield _event(kind, subject, at + timedelta(hours=3), {"drill": number % 100 != 0})


def _case(dice: Random, number: str, at: datetime) -> Iterator[Row]:
    drill = int(number[1:]) % 100 == 0
    facts = {"kind": dice.choice(KINDS), "reports": [], "restricted": False, "drill": drill}
    yield _event("case.opened", number, at, facts)
    yield _event(
        "case.level_set", number, at + timedelta(hours=1), {"level": dice.choice((None, 1, 2, 3)), "rule": "x"}
    )
    if dice.random() < 0.4:
        to = {"case": number, "party": dice.choice(("isp", "cert", "police")), "organisation": dice.randrange(40)}
        yield _event("referral.sent", f"N{number[1:]}", at + timedelta(hours=3), to)
        yield _event("case.referred", number, at + timedelta(hours=3), {**to, "referral": f"N{number[1:]}"})
        yield _event("referral.acknowledged", f"N{number[1:]}", at + timedelta(hours=30), {"how": "page"})
    over = at + timedelta(days=dice.uniform(1, 60))
    yield _event("case.resolved", number, over, {"outcome": ""})
    yield _event("case.closed", number, over + timedelta(hours=1), {"outcome": dice.choice(("fixed", "contained"))})


def _event(kind: str, subject: str, at: datetime, data: Row) -> Row:
    return {"kind": kind, "subject": subject, "actor": "user:1", "at": at, "recorded_at": at, "data": data}


KINDS = ("phishing", "malware", "ransomware", "botnet")


def bare() -> None:
    """The same counts as plain SQL: nothing is folded or judged, and a working day is simply 24 hours."""
    lite = session.get_bind().dialect.name == "sqlite"
    for statement in statements(LITE if lite else FULL):
        session.execute(text(statement), _bounds(lite)).all()


def statements(dialect: dict[str, str]) -> list[str]:
    """The statements of figures.sql for one database."""
    words = SQL.format(**dialect, period="e.at >= :first AND e.at < :last", drills=DRILLS)
    return [each for each in words.partition("\n")[2].split(";") if each.strip()]


def _bounds(lite: bool) -> Row:
    first, last = datetime(2024, 12, 31, 16, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)
    form = "%Y-%m-%d %H:%M:%S.%f"
    return {"first": f"{first:{form}}", "last": f"{last:{form}}"} if lite else {"first": first, "last": last}


SQL = Path(__file__).with_name("figures.sql").read_text("utf-8")
MARKED = "kind IN ('report.drill_set', 'case.drill_set')"
DRILLS = (
    "SELECT d.subject FROM events d WHERE d.data ->> 'drill' IN ('true', '1') AND ("
    f"d.id IN (SELECT max(id) FROM events WHERE {MARKED} GROUP BY subject) OR (d.kind IN ('report.received', "
    f"'case.opened') AND d.subject NOT IN (SELECT subject FROM events WHERE {MARKED})))"
)
"""Numbers of exercises: as they were opened, or as a person said last."""
FULL = {"month": "to_char(e.at + interval '8 hours', 'YYYY-MM')", "later": "e.at + interval '24 hours'"}
LITE = {"month": "strftime('%Y-%m', e.at, '+8 hours')", "later": "datetime(e.at, '+24 hours')"}
