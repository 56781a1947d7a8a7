"""Schedules are rows: when a job is due next. They are looked at often, so a missed tick is caught up, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

import structlog
from sqlalchemy import String
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import Base, session
from cert_portal.core.queue import EXPIRE_DRAFTS, REMIND_PARTIES, SEAL_EVENTS, SWEEP, Job, after_commit

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Plan:
    """How often a job runs; None means once a lease."""

    name: str
    job: Job
    every: timedelta | None


PLANS = (
    Plan("sweep", SWEEP, None),
    Plan("seal", SEAL_EVENTS, timedelta(minutes=1)),
    Plan("drafts", EXPIRE_DRAFTS, timedelta(hours=6)),
    Plan("referrals", REMIND_PARTIES, timedelta(minutes=10)),
)


class Schedule(Base):
    """When a plan is due next."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime]
    last_at: Mapped[datetime | None]


def tick(plans: tuple[Plan, ...] = PLANS) -> list[str]:
    """Put every plan that is due on its queue and set its next time; answers their names. The caller commits."""
    now = clock.now()
    ran: list[str] = []
    for plan in plans:
        row = session.get(Schedule, plan.name, with_for_update=True)
        if row is None:
            row = Schedule(name=plan.name, due_at=now)
            session.add(row)
        if row.due_at <= now:
            row.last_at, row.due_at = now, now + (plan.every or timedelta(seconds=current().lease_seconds))
            after_commit(plan.job)
            ran.append(plan.name)
    return ran


def run(commit: Callable[[], None], stop: Event | None = None, pause: float = 5) -> None:
    """Look again and again until stopped; a database that is away is waited for."""
    stop = stop or Event()
    while not stop.is_set():
        try:
            tick()
            commit()
        except OperationalError as error:
            session.rollback()
            log.warning("schedule_waits", error=type(error).__name__)
        stop.wait(pause)
