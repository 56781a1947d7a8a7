"""What the pages of a fax say: proposed by a machine, decided by a person."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import exists, select

from cert_portal.core import blobs, clock
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.intake import events
from cert_portal.intake import pages as rendering
from cert_portal.intake.compare import compare
from cert_portal.intake.models import FaxPage, Report, ReportFile
from cert_portal.intake.submission import Channel

log = structlog.get_logger(__name__)

MOST_TEXT = 50_000
TYPES = ("image/tiff", "application/pdf")
Seen = Sequence[tuple[rendering.Picture | None, str]]
"""A page and its words; a page without a picture could not be read."""


def unread(report_id: int) -> list[tuple[int, str]]:
    """Files of a report whose pages nobody has looked at yet: pairs of id and where the bytes lie."""
    rows = select(ReportFile.id, ReportFile.blob_key).where(ReportFile.report_id == report_id, *_UNREAD)
    return [(file_id, key) for file_id, key in session.execute(rows.order_by(ReportFile.id))]


def look(key: str) -> Seen:
    """Pictures of the pages, each with the proposed words. Takes long: no transaction may be open."""
    try:
        data = blobs.get(key)
    except (FileNotFoundError, BlobDamaged) as error:
        log.warning("fax_unreadable", error=type(error).__name__)
        return []
    return [(picture, rendering.words(picture) if picture else "") for picture in rendering.pictures(data)]


def keep(report_id: int, file_id: int, seen: Seen) -> bool:
    """Store what was seen; False when another process did so meanwhile, and that stays."""
    report = session.get_one(Report, report_id, with_for_update=True)
    if session.get(FaxPage, (file_id, 0)) or session.get(FaxPage, (file_id, 1)):
        return False
    for number, (picture, words) in enumerate(seen, start=1):
        session.add(_row(file_id, number, picture, words))
    if not seen:
        session.add(FaxPage(file_id=file_id, page=0))
    session.flush()
    read = len([each for each, _words in seen if each])
    record(events.PAGES_READ, report.number, "system", pages=read, unread=len(seen) - read)
    return True


def _row(file_id: int, number: int, picture: rendering.Picture | None, words: str) -> FaxPage:
    if picture is None:
        return FaxPage(file_id=file_id, page=number)
    key, size = blobs.put(picture.png), {"width": picture.width, "height": picture.height}
    return FaxPage(file_id=file_id, page=number, blob_key=key, text=words[:MOST_TEXT], **size)


def renew(file_id: int, seen: Seen) -> bool:
    """Propose what is read today on the pages that no person has written down; True when anything is other."""
    rows = {row.page: row for row in session.scalars(select(FaxPage).where(FaxPage.file_id == file_id))}
    if seen and 0 in rows:  # nothing could be read in it before
        session.delete(rows[0])
    changed = False
    for number, (picture, words) in enumerate(seen, start=1):
        row = rows.get(number)
        if row is None or (picture and not row.blob_key):
            session.merge(_row(file_id, number, picture, words))
        elif picture is None or row.saved_at or row.text == words[:MOST_TEXT]:
            continue
        else:
            row.text = words[:MOST_TEXT]
        changed = True
    return changed


def pages(report: Report) -> Sequence[FaxPage]:
    """The pages of a report in order."""
    rows = select(FaxPage).join(ReportFile, ReportFile.id == FaxPage.file_id).where(ReportFile.report_id == report.id)
    return session.scalars(rows.order_by(FaxPage.file_id, FaxPage.page)).all()


def find(report: Report, file_id: int, page: int) -> FaxPage | None:
    """One page of this report that has a picture."""
    return next(
        (each for each in pages(report) if (each.file_id, each.page) == (file_id, page) and each.blob_key), None
    )


def save(report: Report, page: FaxPage, text: str, actor: User) -> None:
    """A person says what the page says; from now on the report is found and compared by it."""
    page.text, page.saved_at, page.saved_by = clean(text).strip()[:MOST_TEXT], clock.now(), actor.id
    file = session.get_one(ReportFile, page.file_id)
    file.words = "\n".join(each.text for each in pages(report) if each.file_id == file.id and each.saved_at)
    report.updated_at = clock.now()
    session.flush()
    compare(report)
    record(events.TRANSCRIBED, report.number, actor.actor, page=page.page)


def unfinished(limit: int = 100) -> list[int]:
    """Faxes with files that nobody has looked at, oldest first."""
    rows = select(Report.id).join(ReportFile, ReportFile.report_id == Report.id)
    rows = rows.where(Report.channel == Channel.FAX, *_UNREAD).distinct()
    return list(session.scalars(rows.order_by(Report.id).limit(limit)))


_UNREAD = (ReportFile.media_type.in_(TYPES), ~exists().where(FaxPage.file_id == ReportFile.id))
