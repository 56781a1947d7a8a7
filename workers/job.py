"""What every job has in common: the application's context, one commit at the end, the request id in each log line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, current_app, has_app_context
from rq import get_current_job

from cert_portal.app import create_app
from cert_portal.core import db

log = structlog.get_logger(__name__)


@functools.cache
def application() -> Flask:
    """The application of this worker process, made once."""
    return create_app()


def job(work: Callable[..., None]) -> Callable[..., None]:
    """Run in the application's context and commit when the work is done; an error rolls back and fails the job.

    Jobs take ids only and may run twice.
    """

    @functools.wraps(work)
    def run(*ids: Any) -> None:
        app: Flask = current_app if has_app_context() else application()
        current = get_current_job()
        meta = current.meta if current else {}
        structlog.contextvars.bind_contextvars(job=work.__name__, request_id=meta.get("request_id", ""))
        with app.app_context():
            db.start_writing()
            work(*ids)
            db.session.commit()
        log.info("job_done", ids=ids)

    return run
