"""What happens to a report after it is stored: read, compare, put into the queue, acknowledge. Twice is harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record, record_many
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.mail.exercise import is_registered
from cert_portal.core.mail.outbox import Draft, Letter
from cert_portal.core.numbers import NumberKind, issue_many
from cert_portal.core.tlp import TLP
from cert_portal.guidance.advice import advice_text
from cert_portal.guidance.kinds import named
from cert_portal.intake import events, groups
from cert_portal.intake.compare import Seen, keep, look
from cert_portal.intake.models import MailReceipt, Report, ReportFile, ReportState
from cert_portal.intake.receive import put_all
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
    to_queue([Placed(report, look(report), receipt)])
    return True


@dataclass(frozen=True)
class Placed:
    """A report that was read, with what came with it."""

    report: Report
    seen: Seen
    receipt: MailReceipt | None
    files: Sequence[ReportFile] = ()


def to_queue(placed: Sequence[Placed]) -> None:
    """Take reports, one or more, to the queue and post their acknowledgements; those without a row get it first.

    Their numbers are taken as late as can be: until the commit all others wait for theirs.
    """
    now, reports = clock.now(), [each.report for each in placed]
    for report in reports:
        set_aside = (SUSPECT | SEVERE) & set(report.trouble)
        report.state = ReportState.QUARANTINED if set_aside else ReportState.WAITING_TRIAGE
    waiting = [each for each in reports if each.state == ReportState.WAITING_TRIAGE]
    with session.no_autoflush:
        joined = groups.join(waiting)
        reasons = _no_ack_reasons(reports)
        _store([each for each in placed if each.report.number is None])
        letters = _acknowledge(placed, reasons, dict(zip(waiting, joined.waiting, strict=True)))
        keep([(each.report, each.seen) for each in placed])
        groups.mark(reports, joined.behind)
    _write_down(placed, reasons, letters, now)


def _write_down(
    placed: Sequence[Placed], reasons: Sequence[str], letters: Mapping[int, Letter], read_at: datetime
) -> None:
    """One event for what was read, before its letter, and one for the letter or why there is none."""
    facts = [
        (
            each.report.number,
            {"state": each.report.state, "observables": len(each.seen.fresh), "trouble": each.report.trouble},
        )
        for each in placed
    ]
    record_many(events.PROCESSED, "system", facts, at=[read_at] * len(facts))
    told = list(zip((each.report for each in placed), reasons, strict=True))
    record_many(events.NOT_ACKNOWLEDGED, "system", [(report.number, {"reason": why}) for report, why in told if why])
    posted = [(report.number, {"letter": letters[report.id].id}) for report, why in told if not why]
    record_many(events.ACKNOWLEDGED, "system", posted)


def _store(placed: Sequence[Placed]) -> None:
    reports = [each.report for each in placed]
    numbers = issue_many(NumberKind.REPORT, len(reports)) if reports else ()
    for each, number in zip(placed, numbers, strict=True):
        each.report.number = number
    put_all(reports)
    for each in placed:
        for file in each.files:
            file.report_id = each.report.id
        session.add_all(each.files)


def acknowledge_after_all(report: Report) -> None:
    """A person brought back what looked like spam: the sender gets what all others get."""
    if not SUSPECT & set(report.trouble) or outbox.about([report.number]):
        return
    [reason] = _no_ack_reasons([report], may_be_spam=True)
    if reason:
        record(events.NOT_ACKNOWLEDGED, report.number, "system", reason=reason)
        return
    receipt = session.get(MailReceipt, report.receipt) if report.receipt else None
    letter = outbox.post(_acknowledgement(report, receipt, many=False))
    record(events.ACKNOWLEDGED, report.number, "system", letter=letter.id)


def _acknowledge(placed: Sequence[Placed], reasons: Sequence[str], waiting: Mapping[Report, int]) -> dict[int, Letter]:
    """Post the acknowledgements of those that have no reason against it; answers them by report."""
    drafts = {
        each.report.id: _acknowledgement(
            each.report, each.receipt, many=waiting.get(each.report, 1) >= current().surge_least
        )
        for each, reason in zip(placed, reasons, strict=True)
        if not reason
    }
    return dict(zip(drafts, outbox.post_all(list(drafts.values())), strict=True))


def _acknowledgement(report: Report, receipt: MailReceipt | None, *, many: bool) -> Draft:
    language = Language(report.language)
    facts = {
        "number": report.number,
        "secret": secret_of(report.number),
        "kind": named(report.kind, language),
        "advice": advice_text(report.kind, language),
        "tlp": TLP.AMBER,
        "by_mail": report.receipt is not None,
        "many": many,
    }
    subject, text = letters.render("report_received", language, facts)
    return Draft(
        name="report_received",
        about=report.number,
        language=language,
        recipient=report.ack_address,
        subject=subject,
        text=text,
        automatic="auto-replied",
        null_sender=True,
        in_reply_to=answerable(receipt),
        drill=report.drill,
    )


def _no_ack_reasons(reports: Sequence[Report], *, may_be_spam: bool = False) -> list[str]:
    """Why each of these is not acknowledged, "" for those that are."""
    addresses = [each.ack_address for each in reports if each.ack_address]
    sent = outbox.counts_to(addresses, "report_received", clock.now() - timedelta(hours=1))
    reasons = []
    for report in reports:
        address = report.ack_address.lower()
        if SUSPECT & set(report.trouble) and not may_be_spam:
            reasons.append("suspected_spam")
        elif not address:
            reasons.append("no_address")
        elif sent[address] >= MOST_ACKS_AN_HOUR:
            reasons.append("too_many_to_this_address")
        elif report.drill and not is_registered(address):
            reasons.append("exercise")
        else:
            reasons.append("")
            sent[address] += 1
    return reasons


def answerable(receipt: MailReceipt | None) -> str:
    """The Message-ID of a message as an answer can name it (RFC 5322, section 3.6.4); "" for none, or an odd one."""
    told = receipt.message_id if receipt else ""
    return told if told.startswith("<") and len(told) < 900 and told.isascii() else ""


def unfinished(limit: int = 1000) -> list[int]:
    """Reports that are stored and not in the queue yet, oldest first; processing one twice is harmless."""
    before = clock.now() - timedelta(seconds=current().lease_seconds)
    rows = select(Report.id).where(Report.state == ReportState.RECEIVED, Report.received_at <= before)
    return list(session.scalars(rows.order_by(Report.id).limit(limit)))
