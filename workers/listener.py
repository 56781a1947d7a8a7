"""What the listener for mail does with a message: keep it, and take it with whatever else comes at the same time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from flask import Flask

from cert_portal.core.db import start_writing
from cert_portal.core.mail import spool
from cert_portal.intake import mailboxes
from cert_portal.intake.models import MailReceipt
from workers.mail import take_together

log = structlog.get_logger(__name__)


class Taker:
    """Takes what several connections hand over at the same time in one transaction; called in threads."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: deque[tuple[str, Future[MailReceipt | Exception]]] = deque()
        self._one = ThreadPoolExecutor(1)

    def __call__(self, raw: bytes, recipients: list[str]) -> None:
        """Keep a message and give it its outcome; answers after the commit. Raises OSError when it cannot be kept.

        Whatever else goes wrong, the message lies in the spool: we have it, and the sender need not know.
        """
        receipt = spool.store(raw, mailboxes.by_recipients(recipients).name)
        told: Future[MailReceipt | Exception] = Future()
        self._waiting.append((receipt, told))
        self._one.submit(self._take_waiting).add_done_callback(_log_error)
        if isinstance(outcome := told.result(), Exception):
            log.warning("message_waits", receipt=receipt, error=type(outcome).__name__)

    def _take_waiting(self) -> None:
        some = dict(self._waiting.popleft() for _ in range(len(self._waiting)))
        try:
            with self._app.app_context():
                start_writing()
                for receipt, outcome in take_together(list(some)).items():
                    some.pop(receipt).set_result(outcome)
        finally:
            for told in some.values():
                told.set_result(RuntimeError("not taken now"))


def _log_error(task: Future[None]) -> None:
    if error := task.exception():
        log.error("taking_failed", exc_info=error)
