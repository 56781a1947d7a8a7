"""The proof that nothing was lost: messages taken (files of the spool) = messages accounted for (rows).

Both sides are counted from different places, for each mailbox and for all; what differs is named and raises an alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.mail import spool
from cert_portal.intake import events
from cert_portal.intake.models import MailReceipt, Outcome, Reconciliation

NAMES = {
    Outcome.REPORT: "reports",
    Outcome.FINDING: "findings",
    Outcome.REPLY: "replies",
    Outcome.BOUNCE: "bounces",
    Outcome.IGNORED: "ignored",
    Outcome.DUPLICATE: "duplicates",
    Outcome.QUARANTINED: "quarantined",
}
ON_ITS_WAY = timedelta(minutes=15)
"""A message younger than this may still be being read."""


@dataclass(frozen=True)
class Balance:
    """Both sides of one mailbox ("" for all). `unfinished` are receipts without an outcome, `lost` those whose
    original is gone from the spool although there is an outcome.
    """

    taken: int
    outcomes: dict[str, int]
    unfinished: list[str]
    lost: list[str]
    mailbox: str = ""

    @property
    def difference(self) -> int:
        """0 when every message has exactly one outcome."""
        return self.taken - sum(self.outcomes.values())


def reconcile() -> Balance:
    """Count both sides of everything now; the rows first, so that what comes meanwhile is on its way and not lost."""
    rows = _rows()
    return _balance("", list(spool.receipts()), rows)


def by_mailbox() -> list[Balance]:
    """Count both sides of each mailbox now."""
    rows = _rows()
    taken = list(spool.receipts())
    names = sorted({spool.mailbox_of(each) for each in taken} | {mailbox for _, mailbox, _ in rows})
    return [
        _balance(
            name,
            [each for each in taken if spool.mailbox_of(each) == name],
            [row for row in rows if row[1] == name],
        )
        for name in names
    ]


def unfinished() -> list[str]:
    """Receipts of the last days that have no outcome yet."""
    waiting = list(spool.recent())
    known = set(session.scalars(select(MailReceipt.receipt).where(MailReceipt.receipt >= min(waiting, default=""))))
    return [receipt for receipt in waiting if receipt not in known]


def prove(more: Iterable[Balance] = ()) -> list[str]:
    """Write down the balance of each mailbox, and `more` beside them; answers the messages that do not add up."""
    now = clock.now()
    named: list[str] = []
    late = [
        (each, [receipt for receipt in each.unfinished if spool.kept_at(receipt) < now - ON_ITS_WAY])
        for each in by_mailbox()
    ]
    for each, missing in [*late, *((one, one.unfinished) for one in more)]:
        wrong = [*missing, *each.lost]
        row = Reconciliation(at=now, mailbox=each.mailbox, taken=each.taken, outcomes=each.outcomes, missing=wrong)
        session.add(row)
        if wrong:
            record(events.UNBALANCED, f"mail:{each.mailbox}", "system", taken=each.taken, missing=wrong[:50])
        named += wrong
    return named


def proofs(limit: int = 60) -> list[Reconciliation]:
    """The balances of the last days, newest first."""
    return list(session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(limit)))


def is_alarmed() -> bool:
    """Whether the last proof of any mailbox found something that does not add up."""
    newest = select(func.max(Reconciliation.at)).scalar_subquery()
    rows = session.scalars(select(Reconciliation.missing).where(Reconciliation.at == newest))
    return any(rows)


def _rows() -> list[tuple[str, str, str]]:
    rows = session.execute(select(MailReceipt.receipt, MailReceipt.mailbox, MailReceipt.outcome))
    return [(receipt, mailbox, outcome) for receipt, mailbox, outcome in rows]


def _balance(mailbox: str, taken: list[str], rows: Iterable[tuple[str, str, str]]) -> Balance:
    known = {receipt: outcome for receipt, _, outcome in rows}
    counted = Counter(known.values())
    kept = set(taken)
    return Balance(
        taken=len(taken),
        outcomes={name: counted[outcome] for outcome, name in NAMES.items()},
        unfinished=[receipt for receipt in taken if receipt not in known],
        lost=sorted(receipt for receipt in known if receipt not in kept),
        mailbox=mailbox,
    )
