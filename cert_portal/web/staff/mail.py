"""Incoming mail and text messages, counted from two sides: what was taken, and what became of it."""

from __future__ import annotations

from cert_portal.directory.permissions import Permission
from cert_portal.intake import reconcile, texts
from cert_portal.web.staff import mail_words
from cert_portal.web.staff.desk import Answer, desk, show


@desk.get("/mail", Permission.READ_SETTINGS)
def mail() -> Answer:
    """Both sides of every mailbox now, and the proofs of the last days."""
    return show(
        "mail",
        book=mail_words,
        balances=reconcile.by_mailbox(),
        proofs=reconcile.proofs(),
        names=list(reconcile.NAMES.values()),
        ways=[(texts.incoming(), texts.NAMES_IN), (texts.outgoing(), texts.NAMES_OUT)],
    )
