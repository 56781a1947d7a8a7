"""Whose signature a message carries, and whether it holds: what was found, and what can be found later."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.intake import events
from cert_portal.intake.models import MailReceipt, Outcome

LOOKED_AT = timedelta(days=180)
MOST = 500


def undecided() -> list[str]:
    """Receipts of the last half year whose signer's key was not known, newest first."""
    rows = select(MailReceipt.receipt).where(
        MailReceipt.signature == "no_key", MailReceipt.at > clock.now() - LOOKED_AT
    )
    return list(session.scalars(rows.order_by(MailReceipt.receipt.desc()).limit(MOST)))


def keep(receipt: str, state: str, signer: str) -> None:
    """Write down what a second look found; nothing when it is the same."""
    row = session.get_one(MailReceipt, receipt)
    if row.signature == state:
        return
    row.signature, row.signer = state, signer
    if row.outcome in (Outcome.REPORT, Outcome.REPLY, Outcome.QUARANTINED):
        record(events.SIGNATURE_CHECKED, row.told, "system", state=state, signer=signer)


def of(receipt: str | None) -> MailReceipt | None:
    """What is known of the message that a report came by; None when it did not come by mail."""
    return session.get(MailReceipt, receipt) if receipt else None
