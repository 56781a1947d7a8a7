"""Jobs of the intake stage."""

from __future__ import annotations

from cert_portal.coordination import service
from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.intake import drafts, files, opening, process, signatures
from workers.job import job


@job
def process_report(report_id: int) -> None:
    """Read a stored report, compare it, put it into the queue and post its acknowledgement."""
    process.process(report_id)


@job
def look_again() -> None:
    """Check the signatures of messages whose key nobody knew when they came: it may have arrived meanwhile."""
    waiting = signatures.undecided()
    session.rollback()
    for receipt in waiting:
        mailbox_and_raw = spool.read(receipt)
        found = opening.look_again(mailbox_and_raw[1])
        signatures.keep(receipt, *found)
        session.commit()


@job
def expire_drafts() -> None:
    """Remove drafts whose 14 days are over, and the files that nobody needs any more."""
    while drafts.expire():
        session.commit()
    files.forget_unused(downstream=(service.file_keys,))
