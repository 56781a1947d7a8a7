"""Stored originals are read again: a better reader, a key that arrived late or a new list of known values tell more.

What was received stays one report with one acknowledgement: nothing is received, answered or moved here. What a person
wrote (a transcription, an answer in the form) stays as it is; what came out worse than before is left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Select, delete, select

from cert_portal.core import blobs, clock, telephone
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import language_of
from cert_portal.core.mail import spool
from cert_portal.core.mail.message import InboundMail
from cert_portal.core.text import one_line
from cert_portal.intake import beside, events, fax, files, inside, opening, paper, transcript
from cert_portal.intake.compare import compare
from cert_portal.intake.editing import EDITED, guess_language, narrow
from cert_portal.intake.models import FaxPage, MailReceipt, Observable, Report, ReportAddition, ReportFile
from cert_portal.intake.process import SEVERE, SUSPECT
from cert_portal.intake.submission import Channel
from cert_portal.intake.transcript import Seen

log = structlog.get_logger(__name__)
_WORSE = SEVERE | {"cannot_decrypt"}


@dataclass(frozen=True)
class Opened:
    """What lies behind a report, opened again: messages by receipt, looks and pages by file. `gone` cannot be read."""

    report_id: int
    mails: dict[str, InboundMail]
    looks: dict[int, inside.Inside]
    pages: dict[int, Seen]
    form: paper.Read | None
    gone: list[str]


@dataclass
class Changes:
    """What a second reading changed: names of parts; how many observables came and went; how many files came."""

    number: str
    parts: list[str] = field(default_factory=list)
    observables: int = 0
    dropped: int = 0
    files: int = 0
    gone: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.parts or self.observables or self.dropped or self.files)


def reports(first: datetime | None = None, before: datetime | None = None) -> list[int]:
    """Reports that were received from `first` on and before `before`, oldest first; without bounds all."""
    rows = select(Report.id).order_by(Report.id)
    rows = rows.where(Report.received_at >= first) if first else rows
    return list(session.scalars(rows.where(Report.received_at < before) if before else rows))


def of_receipt(receipt: str) -> int | None:
    """The report that a message made or joined; None when it did neither, or nobody knows the receipt."""
    made: Select[Any] = select(Report.id).where(Report.receipt == receipt)
    joined = select(ReportAddition.report_id).where(ReportAddition.receipt == receipt)
    return session.scalar(made) or session.scalar(joined)


def look(report_id: int) -> Opened:
    """Open everything behind a report. Runs gpg and reads pages: ends the transaction that is open."""
    report = session.get_one(Report, report_id)
    added = select(ReportAddition.receipt).where(ReportAddition.report_id == report_id)
    receipts = [each for each in [report.receipt, *session.scalars(added)] if each]
    rows = select(ReportFile.id, ReportFile.media_type, ReportFile.filename, ReportFile.blob_key)
    stored = session.execute(rows.where(ReportFile.report_id == report_id).order_by(ReportFile.id)).all()
    is_fax = report.channel == Channel.FAX
    unread = {file_id for file_id, _key in transcript.unread(report_id)}
    session.rollback()
    gone: list[str] = []
    mails = dict(_mails(receipts, gone))
    data = dict(_data([(each.id, each.blob_key) for each in stored], gone))
    looks = {each.id: inside.look(each.media_type, each.filename, data[each.id]) for each in stored if each.id in data}
    seen_before = data.keys() - unread
    scans = [each for each in stored if is_fax and each.media_type in transcript.TYPES and each.id in seen_before]
    pages = {each.id: transcript.look(each.blob_key) for each in scans}
    form = paper.read([picture for seen in pages.values() for picture, _words in seen if picture])
    return Opened(report_id, mails, looks, pages, form, gone)


def keep(opened: Opened) -> Changes:
    """Write down what was seen this time, and one event when it is other than before. The caller commits."""
    report = session.get_one(Report, opened.report_id, with_for_update=True)
    changes = Changes(report.number, gone=opened.gone)
    for receipt, mail in opened.mails.items():
        if receipt == report.receipt:
            _message(report, receipt, mail, changes)
        else:
            _addition(receipt, mail, changes)
    _looks(opened.looks, changes)
    for file_id, seen in opened.pages.items():
        if transcript.renew(file_id, seen):
            changes.parts.append("pages")
    if opened.form is not None and not report.details.get("form"):
        paper.fill(report, opened.form)
        changes.parts.append("form")
    session.flush()
    _observables(report, changes)
    if changes.any:
        changes.parts = sorted(set(changes.parts))
        report.updated_at = clock.now()
        _record(changes)
    return changes


def _mails(receipts: Sequence[str], gone: list[str]) -> Iterator[tuple[str, InboundMail]]:
    for receipt in receipts:
        try:
            _, raw = spool.read(receipt)
        except (FileNotFoundError, BlobDamaged) as error:
            log.warning("original_gone", receipt=receipt, error=type(error).__name__)
            gone.append(receipt)
        else:
            yield receipt, opening.read(raw)


def _data(stored: Sequence[tuple[int, str]], gone: list[str]) -> Iterator[tuple[int, bytes]]:
    for file_id, key in stored:
        try:
            yield file_id, blobs.get(key)
        except (FileNotFoundError, BlobDamaged) as error:
            log.warning("file_gone", file=file_id, error=type(error).__name__)
            gone.append(f"file {file_id}")


def _message(report: Report, receipt: str, mail: InboundMail, changes: Changes) -> None:
    if (_WORSE & set(mail.trouble)) - set(report.trouble):  # a key that is gone today opened it once
        return
    trouble = sorted((SUSPECT & set(report.trouble)) | set(mail.trouble))
    _set(report, "trouble", trouble, changes)
    _seal(session.get_one(MailReceipt, receipt), mail, changes)
    before = report.text, report.title
    text, told = mail.text or mail.subject, fax.caller(mail)
    is_fax = report.channel == Channel.FAX
    title = fax.title(told) if is_fax else mail.subject or " ".join(mail.text.split())[:100] or mail.sender
    _set(report, "text", text, changes)
    title = report.title if "title" in report.details.get(EDITED, ()) else one_line(title)[:200]
    _set(report, "title", title, changes)
    if not is_fax:
        _links(report, mail, changes)
        changes.parts += ["label"] if narrow(report, mail.subject) else []
    if report.details.get("description") in before:  # else a person or a printed form told it
        report.details = report.details | {"description": text}
    if not is_fax and report.text != before[0]:
        report.details = report.details | {"language": language_of(f"{mail.subject}\n{mail.text}").value}
        guess_language(report)
    if is_fax and told.number and not report.reporter_telephone:
        report.reporter_telephone, report.telephone_key = told.number, telephone.key(told.number)
        changes.parts.append("telephone")
    changes.files += _attachments(report, mail)


def _links(report: Report, mail: InboundMail, changes: Changes) -> None:
    kept = {name: value for name, value in report.details.items() if name not in beside.NAMES}
    if (told := kept | beside.of(mail)) != report.details:
        report.details = told
        changes.parts.append("links")


def _addition(receipt: str, mail: InboundMail, changes: Changes) -> None:
    rows = select(ReportAddition).where(ReportAddition.receipt == receipt)
    row = session.scalars(rows.with_for_update()).one()
    if not _WORSE & set(mail.trouble):
        _set(row, "text", mail.text, changes)
        _seal(session.get_one(MailReceipt, receipt), mail, changes)
        changes.files += _attachments(session.get_one(Report, row.report_id), mail, row.id)


def _seal(row: MailReceipt, mail: InboundMail, changes: Changes) -> None:
    """A verdict that was once found stays: a key that expired since was good then."""
    if row.signature in ("", "none", "no_key"):
        for name, value in (("sealing", mail.sealing), ("signature", mail.signature), ("signer", mail.signer[:320])):
            _set(row, name, value, changes)


def _attachments(report: Report, mail: InboundMail, addition_id: int | None = None) -> int:
    """Keep what was not found in the message before; nothing that was is taken away."""
    rows = select(ReportFile.sha256).where(ReportFile.report_id == report.id)
    known = set(session.scalars(rows))
    named = {hashlib.sha256(each.data).hexdigest(): each for each in mail.attachments}
    fresh = [each for digest, each in named.items() if digest not in known]
    for each in fresh:
        files.keep(each.filename, each.data, report_id=report.id, addition_id=addition_id)
    return len(fresh)


def _looks(looks: dict[int, inside.Inside], changes: Changes) -> None:
    """The words of a fax that a person wrote down are the words of its file."""
    written = select(FaxPage.file_id).where(FaxPage.file_id.in_(looks), FaxPage.saved_at.is_not(None))
    for file_id in looks.keys() - set(session.scalars(written)):
        row = session.get_one(ReportFile, file_id)
        if (row.words, row.facts) != (looks[file_id].words, looks[file_id].facts):
            row.words, row.facts = looks[file_id].words, looks[file_id].facts
            changes.parts.append("inside")


def _observables(report: Report, changes: Changes) -> None:
    """As if the report came today: what is no longer found goes, what is known by now is marked."""
    rows = select(Observable).where(Observable.report_id == report.id)
    before = {(each.kind, each.digest): each.known for each in session.scalars(rows)}
    session.execute(delete(Observable).where(Observable.report_id == report.id))
    compare(report)
    session.flush()
    after = {(each.kind, each.digest): each.known for each in session.scalars(rows)}
    changes.observables, changes.dropped = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    if any(after[each] != before[each] for each in after.keys() & before.keys()):
        changes.parts.append("known")


def _record(changes: Changes) -> None:
    record(
        events.READ_AGAIN,
        changes.number,
        "system",
        parts=changes.parts,
        observables=changes.observables,
        dropped=changes.dropped,
        files=changes.files,
    )


def _set(row: Any, name: str, value: Any, changes: Changes) -> None:
    if getattr(row, name) != value:
        setattr(row, name, value)
        changes.parts.append(name)
