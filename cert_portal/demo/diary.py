"""What happens when, in the demonstration's year: each step is done with the clock turned to its time, in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState

OPENS, ENDS = 9, 18
"""Hours of the desk."""


class Diary:
    """Steps by time. What would come after the end never happens: it leaves cases open and parties silent."""

    def __init__(self, begin: datetime, end: datetime, holidays: frozenset[date]) -> None:
        self.begin, self.end, self._holidays = begin, end, holidays
        self._steps: list[tuple[datetime, int, Callable[[], object]]] = []
        self._serial = count()

    def on(self, at: datetime, step: Callable[[], object]) -> None:
        """Let this happen at that time."""
        if at < self.end:
            heappush(self._steps, (at, next(self._serial), step))

    def later(self, hours: float, step: Callable[[], object]) -> None:
        """Let somebody at the desk do this so many hours from now, or when the desk opens next."""
        self.on(self.at_work(clock.now() + timedelta(hours=hours)), step)

    def at_work(self, at: datetime) -> datetime:
        """The same time when somebody is at the desk, else that many minutes after it opens."""
        local = at.astimezone(current().zone)
        day = local.date() + timedelta(days=local.hour >= ENDS)
        while not clock.is_working_day(day, self._holidays):
            day += timedelta(days=1)
        if day == local.date() and local.hour >= OPENS:
            return at
        return datetime.combine(day, time(OPENS, local.minute, local.second), current().zone).astimezone(at.tzinfo)

    def live(self) -> None:
        """Do everything, in order. Commits; nothing goes on a queue, and no letter leaves."""
        for number in count():
            if not self._steps:
                break
            at, _serial, step = heappop(self._steps)
            with clock.turned_to(at):
                step()
            if number % 50 == 49:
                keep()
        keep()


def keep() -> None:
    """Commit; letters that were posted count as sent, and the jobs of all that was done are forgotten."""
    session.flush()
    for letter in session.scalars(select(Letter).where(Letter.state == LetterState.QUEUED).order_by(Letter.id)):
        letter.tries, letter.sealing = 1, "encrypted" if letter.encrypt_to else "signed"
        with clock.turned_to(letter.created_at + timedelta(seconds=20)):
            outbox.sent(letter.id)
    forget_jobs()
    session.commit()


def forget_jobs() -> None:
    """Whatever waits for the commit is done here already."""
    session.flush()
    session.info.pop("jobs", None)
