"""Jobs of the intake stage."""

from __future__ import annotations

from cert_portal.coordination import service
from cert_portal.core.db import session
from cert_portal.intake import drafts, files, process, transcript
from workers.job import job


@job
def process_report(report_id: int) -> None:
    """Read a stored report, compare it, put it into the queue and post its acknowledgement."""
    process.process(report_id)


@job
def read_fax(report_id: int) -> None:
    """Pages of a fax: rendered and read without an open transaction, then stored."""
    for file_id, key in transcript.unread(report_id):
        session.rollback()
        seen = transcript.look(key)
        transcript.keep(report_id, file_id, seen)
        session.commit()


@job
def expire_drafts() -> None:
    """Remove drafts whose 14 days are over, and the files that nobody needs any more."""
    while drafts.expire():
        session.commit()
    files.forget_unused(downstream=(service.file_keys,))
