"""What letters and text messages have in common on their way out: a claim with a lease, retries, an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Integer, String, Text, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))


class LetterState(StrEnum):
    """The life of a letter or a text message."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    RECALLED = "recalled"


class Outgoing:
    """The columns of a row that leaves the centre, and the steps of its life. After a kill the lease ends."""

    state: Mapped[str] = mapped_column(String(12))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    def take(self) -> bool:
        """Claim it for this process; False when it is done, not due, or another process has it."""
        now = clock.now()
        if self.state == LetterState.SENDING:
            is_due = self.lease_until is None or self.lease_until <= now
        else:
            is_due = self.state == LetterState.QUEUED and self.next_try_at <= now
        if is_due:
            self.state, self.tries = LetterState.SENDING, self.tries + 1
            self.lease_until = now + timedelta(seconds=current().lease_seconds)
        return is_due

    def mark_sent(self) -> None:
        """The other side has it."""
        self.state, self.sent_at, self.lease_until, self.last_error = LetterState.SENT, clock.now(), None, ""

    def wait(self, reason: str) -> bool:
        """Let it be tried again later; False after the last wait."""
        if self.tries > len(RETRY_AFTER):
            return False
        self.stop(LetterState.QUEUED, reason)
        self.next_try_at = clock.now() + RETRY_AFTER[self.tries - 1]
        return True

    def stop(self, state: LetterState, reason: str) -> None:
        """Give it back, in this state, with the reason."""
        self.state, self.lease_until, self.last_error = state, None, reason[:500]

    @classmethod
    def is_due(cls) -> ColumnElement[bool]:
        """Rows that are due and that nobody is sending."""
        now = clock.now()
        waiting = and_(cls.state == LetterState.QUEUED, cls.next_try_at <= now)
        return or_(waiting, and_(cls.state == LetterState.SENDING, cls.lease_until <= now))
