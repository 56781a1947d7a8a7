"""Jobs of the mail stage: messages in, letters out. Nothing here holds a transaction open over gpg or the network."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from cert_portal.cases import letters, returned
from cert_portal.config import current
from cert_portal.coordination import service as coordination
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.crypto import CryptoError
from cert_portal.core.db import session
from cert_portal.core.mail import imap, outbox, spool, transport
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Envelope
from cert_portal.intake import mail
from cert_portal.intake.mail import Downstream
from cert_portal.intake.models import MailReceipt
from cert_portal.monitoring import findings
from cert_portal.subscriptions import service as subscriptions
from workers.job import job

log = structlog.get_logger(__name__)

DOWNSTREAM = Downstream(
    answers=(coordination.take_answer,),
    bounces=(returned.take_bounce, coordination.take_bounce, subscriptions.take_bounce),
    findings=(findings.take_report,),
    automatic=(coordination.take_reference,),
)
"""Whose messages come in by mail besides reports: later stages pull what is theirs, in this order."""

MOST_TOGETHER = 16
"""Messages in one transaction: more save little, and all wait for its end."""
NOT_TAKEN = (SQLAlchemyError, OSError, ValueError, LookupError, BlobDamaged)
"""What keeps a message in the spool: the database is away, a file is gone or damaged, nothing can be made of it."""


def take_and_commit(receipt: str, *, at_once: bool = True) -> MailReceipt:
    """Give a receipt its outcome and commit; when another process was quicker, take its answer into account.

    `at_once`: the receipt is new, and a report is acknowledged in the same transaction, without a job.
    """
    try:
        return _committed(mail.take_new([receipt], DOWNSTREAM) if at_once else [mail.take(receipt, DOWNSTREAM)])[0]
    except IntegrityError:
        session.rollback()
        return _committed([mail.take(receipt, DOWNSTREAM)])[0]


def take_together(receipts: Sequence[str]) -> dict[str, MailReceipt | Exception]:
    """Give new receipts their outcomes, several in each transaction; for each its row, or why it still waits.

    One message that cannot be taken holds up no other: then each is taken by itself, step by step.
    """
    told: dict[str, MailReceipt | Exception] = {}
    waiting = list(dict.fromkeys(receipts))
    while waiting:
        some = waiting[:MOST_TOGETHER]
        try:
            told |= {row.receipt: row for row in _committed(mail.take_new(some, DOWNSTREAM))}
        except NOT_TAKEN as error:
            session.rollback()
            log.info("taken_one_by_one", messages=len(some), error=type(error).__name__)
            told |= {receipt: _outcome(receipt) for receipt in some}
        waiting = [*(each for each in some if each not in told), *waiting[MOST_TOGETHER:]]
    return told


def _outcome(receipt: str) -> MailReceipt | Exception:
    try:
        return take_and_commit(receipt, at_once=False)
    except NOT_TAKEN as error:
        session.rollback()
        return error


def _committed(rows: list[MailReceipt]) -> list[MailReceipt]:
    session.flush()
    for row in rows:
        session.expunge(row)  # read after the commit without asking again
    session.commit()
    return rows


@job
def take_message(receipt: str) -> None:
    """Read a message that waits in the spool; step by step, because at once it may have failed."""
    take_and_commit(receipt, at_once=False)


@job
def fetch_mail() -> None:
    """Keep what lies in the mailboxes on other servers, then read it; a mailbox that is away is told and left."""
    fetch_all()


def fetch_all() -> dict[str, int | str]:
    """How many messages each mailbox had, or why it could not be asked. Commits in between."""
    told: dict[str, int | str] = {}
    outcomes: list[MailReceipt | Exception] = []
    for name, address in imap.mailboxes(current().imap_mailboxes):
        receipts: list[str] = []
        try:
            told[name] = imap.fetch(address, lambda raw, n=name, to=receipts: to.append(spool.store(raw, n)))  # type: ignore[misc]  # bound now
        except imap.MailboxAway as error:
            told[name] = str(error)
            log.warning("mailbox_away", mailbox=name, error=str(error))
        outcomes += take_together(receipts).values()
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome  # all lie in the spool, and the others have their outcomes
    return told


@job
def send_letter(letter_id: int) -> None:
    """Claim, commit, seal, keep the bytes, commit, send, mark; after a kill the next run goes on from the row."""
    letters.look_again(letter_id)
    envelope = outbox.claim(letter_id)
    session.commit()
    if envelope is None:
        return
    try:
        sealed = outbox.seal(envelope)
    except CryptoError as error:
        outbox.hold(letter_id, str(error))
        coordination.letter_done(letter_id)
        returned.letter_done(letter_id)
        return
    if sealed is not envelope:
        outbox.keep(sealed)
        session.commit()
    _send(sealed)


def _send(envelope: Envelope) -> None:
    name = f"{envelope.id:08d}"
    try:
        reply = transport.send(envelope.mail_from, envelope.recipient, envelope.head + envelope.content, name)
    except transport.SendLater as error:
        outbox.put_off(envelope.id, str(error))
    except transport.SendRefused as error:
        outbox.give_up(envelope.id, str(error))
        for came_back in DOWNSTREAM.bounces:
            came_back(envelope.id, Verdict.HARD)
    else:
        outbox.sent(envelope.id, reply)
    coordination.letter_done(envelope.id)
    returned.letter_done(envelope.id)
