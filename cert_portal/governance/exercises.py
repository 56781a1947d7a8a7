"""Figures of exercises, which all others leave out: what came in, how soon it was answered, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.governance.facts import drills
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
    """One exercise in numbers; a median of None means that nothing was answered or closed."""

    exercise: Exercise
    counts: dict[str, int]
    to_answer: timedelta | None
    to_close: timedelta | None


def tally(exercise: Exercise) -> Tally:
    """What the record tells of an exercise, from its beginning to its end, or until now."""
    until = exercise.ended_at or clock.now()
    kinds = [kind for several in COUNTED.values() for kind in several]
    within = (Event.at.between(exercise.began_at, until), Event.kind.in_(kinds), Event.subject.in_(drills()))
    found = dict(session.execute(select(Event.kind, func.count(Event.id)).where(*within).group_by(Event.kind)).all())
    counts = {name: sum(found.get(kind, 0) for kind in several) for name, several in COUNTED.items()}
    return Tally(
        exercise,
        counts,
        _median(exercise.began_at, until, "report.received", ("report.first_response",)),
        _median(exercise.began_at, until, "case.opened", COUNTED["closed"]),
    )


def _median(begins: datetime, until: datetime, first: str, then: tuple[str, ...]) -> timedelta | None:
    """Half of them took no longer; only what was begun within the time counts."""
    rows = select(Event.subject, Event.kind, Event.at).where(
        Event.kind.in_((first, *then)), Event.at.between(begins, until), Event.subject.in_(drills())
    )
    begun: dict[str, datetime] = {}
    took: dict[str, timedelta] = {}
    for subject, kind, at in session.execute(rows.order_by(Event.at, Event.id)):
        if kind == first:
            begun[subject] = at
        elif subject in begun:
            took[subject] = at - begun[subject]
    return timedelta(seconds=median(each.total_seconds() for each in took.values())) if took else None
