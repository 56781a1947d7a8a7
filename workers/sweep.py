"""What a kill or an absent Redis left undone is put on the queue again."""

from __future__ import annotations

from cert_portal.core import queue, sms
from cert_portal.core.db import session
from cert_portal.core.mail import bulk, journal, outbox
from cert_portal.core.queue import (
    ASK_REGISTRY,
    ISSUE_DIGEST,
    PROCESS_REPORT,
    PUBLISH_ADVISORY,
    READ_FAX,
    REMIND_REPORTER,
    SEND_LETTER,
    SEND_MAILING,
    SEND_TEXT,
    TAKE_MESSAGE,
    Job,
)
from cert_portal.directory import registry
from cert_portal.intake import lost, process, reconcile, transcript
from cert_portal.intake import sms as texts
from cert_portal.publishing import publish
from cert_portal.subscriptions import digest, mailing
from workers.job import job


@job
def sweep() -> None:
    """Messages without an outcome, reports not in the queue yet, letters that are due, advisories that were approved,
    mailings under way, digests not sent: to their queues. First, letters that left before their process was killed.
    """
    for noted in journal.left_behind():
        bulk.sent(noted)
        session.commit()
    texts.finish_parts()
    session.commit()
    found: list[tuple[Job, tuple[int | str, ...]]] = [
        *((TAKE_MESSAGE, (each,)) for each in reconcile.unfinished()),
        *((PROCESS_REPORT, (each,)) for each in process.unfinished()),
        *((SEND_LETTER, (each,)) for each in outbox.unfinished()),
        *((REMIND_REPORTER, (each,)) for each in lost.unfinished()),
        *((READ_FAX, (each,)) for each in transcript.unfinished()),
        *((SEND_TEXT, (each,)) for each in sms.unfinished()),
        *((PUBLISH_ADVISORY, (each,)) for each in publish.unfinished()),
        *((SEND_MAILING, (each,)) for each in mailing.unfinished()),
        *((ASK_REGISTRY, (each,)) for each in registry.unfinished()),
        *((ISSUE_DIGEST, ()) for _each in digest.unfinished()),
    ]
    session.rollback()
    queue.push(found)
