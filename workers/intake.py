"""Jobs of the intake stage."""

from __future__ import annotations

import structlog

from cert_portal.cases import triage, unsent
from cert_portal.coordination import service
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox, spool
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Role
from cert_portal.intake import drafts, files, lost, opening, paper, process, reconcile, signatures, texts, transcript
from cert_portal.intake.models import Report
from workers.job import job

log = structlog.get_logger(__name__)


@job
def process_report(report_id: int) -> None:
    """Read a stored report, compare it, put it into the queue and post its acknowledgement."""
    if process.process(report_id):
        triage.join_by_itself(session.get_one(Report, report_id))


@job
def prove_balance() -> None:
    """Messages taken equal outcomes, for each mailbox; what does not add up is named, and supervisors are told."""
    missing = reconcile.prove(texts.balances())
    if not missing:
        return
    log.error("mail_unbalanced", missing=missing[:50])
    for person in accounts.with_role(Role.SUPERVISOR, Role.ADMIN):
        language = Language(person.language)
        subject, text = letters.render("mail_unbalanced", language, {"missing": missing[:50], "count": len(missing)})
        outbox.post(outbox.Draft("mail_unbalanced", f"user:{person.id}", language, person.email, subject, text))


@job
def remind_reporter(reminder_id: int) -> None:
    """Send the pairs of an address to it, if we have any."""
    lost.remind(reminder_id)


@job
def look_again() -> None:
    """Check the signatures of messages whose key nobody knew when they came: it may have arrived meanwhile."""
    waiting = signatures.undecided()
    session.rollback()
    for receipt in waiting:
        try:
            _, raw = spool.read(receipt)
        except (FileNotFoundError, BlobDamaged) as error:  # told by the proof of the balance; the others go on
            log.warning("original_gone", receipt=receipt, error=type(error).__name__)
            continue
        signatures.keep(receipt, *opening.look_again(raw))
        session.commit()


@job
def read_fax(report_id: int) -> None:
    """Pages of a fax: rendered and read without an open transaction, then stored."""
    for file_id, key in transcript.unread(report_id):
        session.rollback()
        seen = transcript.look(key)
        form = paper.read([picture for picture, _words in seen if picture])
        if transcript.keep(report_id, file_id, seen) and form is not None:
            paper.fill(session.get_one(Report, report_id), form)
        session.commit()


@job
def expire_drafts() -> None:
    """Remove drafts whose 14 days are over, and the files that nobody needs any more."""
    while drafts.expire():
        session.commit()
    unsent.expire()
    files.forget_unused(downstream=(service.file_keys,))
