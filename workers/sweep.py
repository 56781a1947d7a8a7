"""What a kill or an absent Redis left undone is put on the queue again."""

from __future__ import annotations

from cert_portal.core import queue
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.queue import PROCESS_REPORT, SEND_LETTER, TAKE_MESSAGE
from cert_portal.intake import process, reconcile
from workers.job import job


@job
def sweep() -> None:
    """Messages without an outcome, reports not in the queue yet, letters that are due: to their queues."""
    receipts, reports, letters = reconcile.unfinished(), process.unfinished(), outbox.unfinished()
    session.rollback()
    queue.push([(TAKE_MESSAGE, (receipt,)) for receipt in receipts])
    queue.push([(PROCESS_REPORT, (report,)) for report in reports])
    queue.push([(SEND_LETTER, (letter,)) for letter in letters])
