"""Schedules are rows: when a job is due next. They are looked at often, so a missed tick is caught up, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from threading import Event

import structlog
from sqlalchemy import String
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import Base, session
from cert_portal.core.queue import (
    EXPIRE_DRAFTS,
    FETCH_MAIL,
    ISSUE_DIGEST,
    LEAVE_LETTERS,
    LOOK_AGAIN,
    PROVE_BALANCE,
    READ_SOURCES,
    REMIND_PARTIES,
    SEAL_EVENTS,
    SWEEP,
    TELL_PEOPLE,
    Job,
    after_commit,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Plan:
    """When a job runs: every so often (None means once a lease), or at moments of the calendar.

    `following` answers the first such moment after the one that it is given, in the portal's time zone.
    """

    name: str
    job: Job
    every: timedelta | None = None
    following: Callable[[datetime], datetime] | None = None
    told: str = ""

    def after(self, moment: datetime) -> datetime:
        """When the job is due next once it ran at `moment`."""
        if self.following:
            return self.following(moment)
        return moment + (self.every or timedelta(seconds=current().lease_seconds))


DIGEST_DAYS, DIGEST_HOUR = (1, 16), 9
"""Twice a month (001-25)."""


def digest_moment(moment: datetime) -> datetime:
    """The first time for a digest after `moment`: 09:00 on the 1st or the 16th in the portal's time zone."""
    local = moment.astimezone(current().zone)
    day = local.date()
    while True:
        due = datetime.combine(day, time(DIGEST_HOUR), current().zone)
        if day.day in DIGEST_DAYS and due > local:
            return due.astimezone(UTC)
        day += timedelta(days=1)


PLANS = (
    Plan("sweep", SWEEP),
    Plan("mail", FETCH_MAIL, timedelta(minutes=1)),
    Plan("balance", PROVE_BALANCE, timedelta(hours=24)),
    Plan("signatures", LOOK_AGAIN, timedelta(minutes=15)),
    Plan("seal", SEAL_EVENTS, timedelta(minutes=1)),
    Plan("drafts", EXPIRE_DRAFTS, timedelta(hours=6)),
    Plan("digest", ISSUE_DIGEST, following=digest_moment, told="on the 1st and the 16th at 09:00"),
    Plan("sources", READ_SOURCES, timedelta(minutes=5)),
    Plan("referrals", REMIND_PARTIES, timedelta(minutes=10)),
    Plan("notices", TELL_PEOPLE, timedelta(minutes=1)),
    Plan("letters", LEAVE_LETTERS, timedelta(minutes=1)),
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
            row = Schedule(name=plan.name, due_at=plan.after(now) if plan.following else now)
            session.add(row)
        if row.due_at <= now:
            row.last_at, row.due_at = now, plan.after(now)
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
