"""What happens to a report after it is stored: read, compare, put into the queue, acknowledge. Twice is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.mail.exercise import is_registered
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.numbers import NumberKind, issue
from cert_portal.core.tlp import TLP
from cert_portal.guidance.advice import advice_text
from cert_portal.guidance.kinds import by_code
from cert_portal.intake import events, groups
from cert_portal.intake.compare import Seen, keep, look, read
from cert_portal.intake.models import MailReceipt, Report, ReportFile, ReportState
from cert_portal.intake.receive import put
from cert_portal.intake.status import secret_of

SEVERE = frozenset({"header_too_long", "too_many_parts", "nested_too_deep", "message_too_big", "unreadable"})
SUSPECT = frozenset({"honeypot", "unproven", "flagged_as_spam"})
"""What lets a report look like spam: it is set aside, never deleted, and acknowledged when a person brings it back."""
MOST_ACKS_AN_HOUR = 20


def process(report_id: int) -> bool:
    """Take a stored report to the queue and post its acknowledgement; False when that was done before."""
    report = session.get(Report, report_id, with_for_update=True)
    if report is None or report.state != ReportState.RECEIVED:
        return False
    receipt = session.get(MailReceipt, report.receipt) if report.receipt else None
    _to_queue(report, look(report), receipt)
    return True


def process_fresh(report: Report, files: Sequence[ReportFile], receipt: MailReceipt) -> None:
    """Store and process a report of a mail in one transaction, without a job.

    Its number is taken as late as can be: until the commit all others wait for theirs.
    """
    _to_queue(report, read(report, files), receipt, files)


def _to_queue(report: Report, seen: Seen, receipt: MailReceipt | None, files: Sequence[ReportFile] = ()) -> None:
    now = clock.now()
    suspect = SUSPECT & set(report.trouble)
    report.state = ReportState.QUARANTINED if suspect or SEVERE & set(report.trouble) else ReportState.WAITING_TRIAGE
    waiting = groups.join(report) if report.state == ReportState.WAITING_TRIAGE else 1
    reason = "suspected_spam" if suspect else _no_ack_reason(report)
    is_new = report.number is None
    if is_new:
        report.number = issue(NumberKind.REPORT)
        session.add(report)
    letter = None if reason else _acknowledge(report, receipt, many=waiting >= current().surge_least)
    if is_new:
        put(report)
        for file in files:
            file.report_id = report.id
        session.add_all(files)
    keep(report, seen)
    groups.mark(report)
    facts: dict[str, Any] = {"state": report.state, "observables": len(seen.fresh), "trouble": report.trouble}
    record(events.PROCESSED, report.number, "system", at=now, **facts)
    if letter is None:
        record(events.NOT_ACKNOWLEDGED, report.number, "system", reason=reason)
    else:
        record(events.ACKNOWLEDGED, report.number, "system", letter=letter.id)


def acknowledge_after_all(report: Report) -> None:
    """A person brought back what looked like spam: the sender gets what all others get."""
    if not SUSPECT & set(report.trouble) or outbox.about([report.number]):
        return
    if reason := _no_ack_reason(report):
        record(events.NOT_ACKNOWLEDGED, report.number, "system", reason=reason)
        return
    receipt = session.get(MailReceipt, report.receipt) if report.receipt else None
    letter = _acknowledge(report, receipt, many=False)
    record(events.ACKNOWLEDGED, report.number, "system", letter=letter.id)


def _acknowledge(report: Report, receipt: MailReceipt | None, *, many: bool) -> Letter:
    language = Language(report.language)
    facts = {
        "number": report.number,
        "secret": secret_of(report.number),
        "kind": by_code(report.kind).name(language),
        "advice": advice_text(report.kind, language),
        "tlp": TLP.AMBER,
        "by_mail": report.receipt is not None,
        "many": many,
    }
    subject, text = letters.render("report_received", language, facts)
    return outbox.post(
        outbox.Draft(
            name="report_received",
            about=report.number,
            language=language,
            recipient=report.ack_address,
            subject=subject,
            text=text,
            automatic="auto-replied",
            null_sender=True,
            in_reply_to=_message_id(receipt),
            drill=report.drill,
        )
    )


def _no_ack_reason(report: Report) -> str:
    if not report.ack_address:
        return "no_address"
    if outbox.count_to(report.ack_address, "report_received", clock.now() - timedelta(hours=1)) >= MOST_ACKS_AN_HOUR:
        return "too_many_to_this_address"
    return "exercise" if report.drill and not is_registered(report.ack_address) else ""


def _message_id(receipt: MailReceipt | None) -> str:
    told = receipt.message_id if receipt else ""
    return told if told.startswith("<") and len(told) < 900 and told.isascii() else ""


def unfinished(limit: int = 1000) -> list[int]:
    """Reports that are stored and not in the queue yet, oldest first; processing one twice is harmless."""
    before = clock.now() - timedelta(seconds=current().lease_seconds)
    rows = select(Report.id).where(Report.state == ReportState.RECEIVED, Report.received_at <= before)
    return list(session.scalars(rows.order_by(Report.id).limit(limit)))
