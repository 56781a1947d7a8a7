"""Jobs of the monitoring stage. Nothing is held while a stranger's server answers."""

from __future__ import annotations

from cert_portal.core import feeds, queue
from cert_portal.core.db import session
from cert_portal.core.feeds import FeedRefused, Reader
from cert_portal.core.queue import READ_SOURCE
from cert_portal.monitoring import service
from workers.job import job


@job
def read_sources() -> None:
    """Put every source that is due on the queue."""
    waiting = service.due()
    session.rollback()
    queue.push([(READ_SOURCE, (each,)) for each in waiting])


@job
def read_source(source_id: int) -> None:
    """Claim, commit, fetch, keep what is new."""
    asked = service.claim(source_id)
    session.commit()
    if asked is None:
        return
    try:
        answer = Reader().fetch(*asked)
        entries = feeds.read(answer.body) if answer.body is not None else []
    except FeedRefused as error:
        service.unread(source_id, error.reason)
        return
    service.store(source_id, entries, answer.etag or asked[1], answer.modified or asked[2])
