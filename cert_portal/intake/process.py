"""What happens to a report after it is stored: read, compare, put into the queue, acknowledge. Twice is harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.tlp import TLP
from cert_portal.guidance.advice import advice_text
from cert_portal.guidance.kinds import by_code
from cert_portal.intake import events, groups
from cert_portal.intake.compare import compare, keep
from cert_portal.intake.models import MailReceipt, Report, ReportFile, ReportState
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
    _finish(report, compare(report), receipt)
    return True


def process_fresh(report: Report, files: Sequence[ReportFile], receipt: MailReceipt) -> None:
    """The same for a message that was stored in this very transaction: one commit instead of two, and no job."""
    _finish(report, keep(report, files), receipt)


def _finish(report: Report, found: int, receipt: MailReceipt | None) -> None:
    report.state = ReportState.QUARANTINED if (SEVERE | SUSPECT) & set(report.trouble) else ReportState.WAITING_TRIAGE
    record(
        events.PROCESSED,
        report.number,
        "system",
        state=report.state,
        observables=found,
        trouble=report.trouble,
    )
    waiting = groups.join(report) if report.state == ReportState.WAITING_TRIAGE else 1
    if SUSPECT & set(report.trouble):
        record(events.NOT_ACKNOWLEDGED, report.number, "system", reason="suspected_spam")
        return
    _acknowledge(report, receipt, many=waiting >= current().surge_least)


def acknowledge_after_all(report: Report) -> None:
    """A person brought back what looked like spam: the sender gets what all others get."""
    if SUSPECT & set(report.trouble) and not outbox.about([report.number]):
        _acknowledge(report, session.get(MailReceipt, report.receipt) if report.receipt else None, many=False)


def _acknowledge(report: Report, receipt: MailReceipt | None, *, many: bool) -> None:
    reason = _no_ack_reason(report)
    if reason:
        record(events.NOT_ACKNOWLEDGED, report.number, "system", reason=reason)
        return
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
    letter = outbox.post(
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
    record(events.ACKNOWLEDGED, report.number, "system", letter=letter.id)


def _no_ack_reason(report: Report) -> str:
    if not report.ack_address:
        return "no_address"
    if outbox.count_to(report.ack_address, "report_received", clock.now() - timedelta(hours=1)) >= MOST_ACKS_AN_HOUR:
        return "too_many_to_this_address"
    return ""


def _message_id(receipt: MailReceipt | None) -> str:
    told = receipt.message_id if receipt else ""
    return told if told.startswith("<") and len(told) < 900 and told.isascii() else ""


def unfinished(limit: int = 1000) -> list[int]:
    """Reports that are stored and not in the queue yet, oldest first; processing one twice is harmless."""
    before = clock.now() - timedelta(seconds=current().lease_seconds)
    rows = select(Report.id).where(Report.state == ReportState.RECEIVED, Report.received_at <= before)
    return list(session.scalars(rows.order_by(Report.id).limit(limit)))
