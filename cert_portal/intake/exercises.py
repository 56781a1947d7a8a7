"""Exercises that run: while one does, what comes from a registered address is taken as part of it.

At other times the same address may report a real incident, and nothing is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core import clock
from cert_portal.core.db import Base, BigId, forget, once, session
from cert_portal.core.events import declare, record
from cert_portal.core.mail.exercise import is_registered

BEGUN = declare("exercise.begun", "An exercise began")
ENDED = declare("exercise.ended", "An exercise was over")


class ExerciseRefused(Exception):
    """`reason` is a code: name_missing, runs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Exercise(Base):
    """An exercise from its beginning to its end."""

    __tablename__ = "exercises"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


def running() -> Exercise | None:
    """The exercise that runs now."""
    return session.scalars(select(Exercise).where(Exercise.ended_at.is_(None))).first()


def listed() -> Sequence[Exercise]:
    """All exercises, the newest first."""
    return session.scalars(select(Exercise).order_by(Exercise.id.desc())).all()


def is_part(address: str) -> bool:
    """Whether what this address reports now belongs to an exercise."""
    return bool(address) and once("exercise", running) is not None and is_registered(address)


def begin(name: str, actor: str) -> Exercise:
    """Begin an exercise. Raises ExerciseRefused: name_missing, runs."""
    plain = " ".join(name.split())[:120]
    if not plain:
        raise ExerciseRefused("name_missing")
    if running() is not None:
        raise ExerciseRefused("runs")
    row = Exercise(name=plain, began_at=clock.now())
    session.add(row)
    session.flush()
    forget("exercise")
    record(BEGUN, f"exercise:{row.id}", actor, text=plain)
    return row


def end(row: Exercise, actor: str) -> None:
    """The exercise is over; a second press changes nothing."""
    if row.ended_at is None:
        row.ended_at = clock.now()
        forget("exercise")
        record(ENDED, f"exercise:{row.id}", actor)
