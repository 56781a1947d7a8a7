"""Figures of exercises, which all others leave out: what came in, how soon it was answered, what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.governance.facts import MARKS, OPENINGS, drills
from cert_portal.intake.exercises import Exercise

COUNTED = {
    "reports": ("report.received",),
    "answered": ("report.first_response",),
    "opened": ("case.opened",),
    "solved": ("case.resolved",),
    "closed": ("case.closed", "case.dismissed"),
    "letters": ("case.letter_written", "report.letter_written"),
    "referrals": ("case.referred",),
}
"""What is counted, and the events that it is counted by."""


@dataclass(frozen=True)
class Tally:
    """One exercise in numbers, or without one what was marked outside of all; a median of None means that nothing was
    answered or closed.
    """

    exercise: Exercise | None
    counts: dict[str, int]
    to_answer: timedelta | None
    to_close: timedelta | None


@dataclass(frozen=True)
class Line:
    """One event of a report or case that is marked as an exercise."""

    subject: str
    kind: str
    at: datetime


def tallies(listed: Sequence[Exercise]) -> list[Tally]:
    """What the record tells of each exercise, up to its end or until now, and at the end what belongs to none, if any.

    A report or case belongs to the exercise in which it came in or was opened; failing that, to the one in which
    somebody said that it is an exercise. One statement for all of them.
    """
    lines = _lines()
    belongs = _belongings(lines, listed)
    found = [_tally(each, _of(each, lines, belongs)) for each in listed]
    outside = _of(None, lines, belongs)
    return [*found, *([_tally(None, outside)] if outside else [])]


def _lines() -> list[Line]:
    kinds = [*MARKS, *(kind for several in COUNTED.values() for kind in several)]
    rows = select(Event.subject, Event.kind, Event.at).where(Event.kind.in_(kinds), Event.subject.in_(drills()))
    return [Line(*row) for row in session.execute(rows.order_by(Event.at, Event.id))]


def _belongings(lines: Sequence[Line], listed: Sequence[Exercise]) -> dict[str, Exercise | None]:
    """The exercise of each number."""
    found: dict[str, Exercise | None] = {}
    for kinds in (OPENINGS, MARKS):
        for line in lines:
            if line.kind in kinds and found.get(line.subject) is None:
                found[line.subject] = next((each for each in listed if _holds(each, line.at)), None)
    return found


def _holds(exercise: Exercise, at: datetime) -> bool:
    return exercise.began_at <= at <= (exercise.ended_at or clock.now())


def _of(exercise: Exercise | None, lines: Sequence[Line], belongs: Mapping[str, Exercise | None]) -> list[Line]:
    """What happened to what belongs to it, until it was over."""
    until = exercise.ended_at if exercise else None
    own = (line for line in lines if belongs.get(line.subject) is exercise)
    return [line for line in own if until is None or line.at <= until]


def _tally(exercise: Exercise | None, lines: Sequence[Line]) -> Tally:
    kinds = Counter(line.kind for line in lines)
    counts = {name: sum(kinds[kind] for kind in several) for name, several in COUNTED.items()}
    answered, closed = COUNTED["answered"], COUNTED["closed"]
    return Tally(exercise, counts, _median(lines, "report.received", answered), _median(lines, "case.opened", closed))


def _median(lines: Sequence[Line], first: str, then: tuple[str, ...]) -> timedelta | None:
    """Half of them took no longer."""
    begun = {line.subject: line.at for line in lines if line.kind == first}
    took = {
        line.subject: line.at - begun[line.subject] for line in lines if line.kind in then and line.subject in begun
    }
    return timedelta(seconds=median(each.total_seconds() for each in took.values())) if took else None
