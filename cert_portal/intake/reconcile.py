"""The proof that nothing was lost: messages taken (files of the spool) = messages accounted for (rows)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.intake.models import MailReceipt, Outcome

_NAMES = {
    Outcome.REPORT: "reports",
    Outcome.FINDING: "findings",
    Outcome.REPLY: "replies",
    Outcome.BOUNCE: "bounces",
    Outcome.IGNORED: "ignored",
    Outcome.DUPLICATE: "duplicates",
    Outcome.QUARANTINED: "quarantined",
}


@dataclass(frozen=True)
class Balance:
    """Both sides, counted from different places. `unfinished` are receipts without an outcome, by name."""

    taken: int
    outcomes: dict[str, int]
    unfinished: list[str]

    @property
    def difference(self) -> int:
        """0 when every message has exactly one outcome."""
        return self.taken - sum(self.outcomes.values())


def reconcile() -> Balance:
    """Count both sides now."""
    taken = list(spool.receipts())
    rows = session.execute(select(MailReceipt.outcome, func.count()).group_by(MailReceipt.outcome))
    counted = dict(rows.all())
    known = set(session.scalars(select(MailReceipt.receipt)))
    outcomes = {name: counted.get(outcome, 0) for outcome, name in _NAMES.items()}
    return Balance(len(taken), outcomes, [receipt for receipt in taken if receipt not in known])


def unfinished() -> list[str]:
    """Receipts of the last days that have no outcome yet."""
    waiting = list(spool.recent())
    known = set(session.scalars(select(MailReceipt.receipt).where(MailReceipt.receipt >= min(waiting, default=""))))
    return [receipt for receipt in waiting if receipt not in known]
