"""Text messages in: one becomes a report, or joins the last open report of its number (001-20).

The number is all that is known of the sender, and networks let it be forged: it opens nothing, it only joins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from cert_portal.core import clock, sms, telephone
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language, language_of
from cert_portal.core.mail import letters
from cert_portal.core.text import clean
from cert_portal.intake import events, exercises
from cert_portal.intake.models import Outcome, PublicState, Report, ReportState, TextReceipt
from cert_portal.intake.receive import receive
from cert_portal.intake.status import add, secret_of
from cert_portal.intake.submission import Channel, Submission

NAME = "text_received"
MOST_TEXT, MOST_PARTS = 5000, 10
MOST_IN_AN_HOUR = 60
MOST_ANSWERS_AN_HOUR = 3
PART_PATIENCE = timedelta(minutes=5)
OVER = (ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE)


class TextRefused(Exception):
    """The gateway's message cannot be taken. `code`: malformed or too_many (from this number within the hour)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Incoming:
    """A text message, or one of the `parts` of one that share a `reference`, as the gateway tells it."""

    id: str
    number: str
    text: str
    reference: str = ""
    part: int = 1
    parts: int = 1


def take(told: Incoming) -> TextReceipt:
    """Keep a message and give it its outcome; the same id again changes nothing. A part waits for the others.

    Raises TextRefused: the gateway keeps the message and tries again later.
    """
    _check(told)
    before = session.get(TextReceipt, told.id)
    if before is not None:
        return before
    _hold_off(told.number)
    row = TextReceipt(
        gateway_id=told.id,
        at=clock.now(),
        number=told.number,
        telephone_key=telephone.key(told.number),
        text=clean(told.text)[:MOST_TEXT],
        reference=told.reference,
        part=told.part,
        parts=told.parts,
    )
    session.add(row)
    session.flush()
    together = _together(row)
    if len({each.part for each in together}) == row.parts:
        _decide(together)
    return row


def _check(told: Incoming) -> None:
    whole = 1 <= told.part <= told.parts <= MOST_PARTS and (told.parts == 1 or told.reference)
    sizes = 0 < len(told.id) <= 80 and 0 < len(told.number) <= 60 and len(told.reference) <= 20
    if not (whole and sizes and "\0" not in told.id + told.number + told.reference):
        raise TextRefused("malformed")


def _hold_off(number: str) -> None:
    since = clock.now() - timedelta(hours=1)
    rows = select(func.count()).where(TextReceipt.number == number, TextReceipt.at > since)
    if (session.scalar(rows) or 0) >= MOST_IN_AN_HOUR:
        raise TextRefused("too_many")


def _together(row: TextReceipt) -> list[TextReceipt]:
    """The parts of the same message that are here, in order, without those of an older one of that reference."""
    if row.parts == 1:
        return [row]
    rows = select(TextReceipt).where(
        TextReceipt.telephone_key == row.telephone_key,
        TextReceipt.number == row.number,
        TextReceipt.reference == row.reference,
        TextReceipt.parts == row.parts,
        TextReceipt.outcome == "",
    )
    return list(session.scalars(rows.order_by(TextReceipt.part, TextReceipt.at)))


def finish_parts() -> int:
    """Take what there is of messages whose other parts did not come within five minutes; answers how many."""
    before = clock.now() - PART_PATIENCE
    late = select(TextReceipt).where(TextReceipt.outcome == "", TextReceipt.at <= before)
    count = 0
    for row in session.scalars(late.order_by(TextReceipt.at)).all():
        if row.outcome == "":
            _decide(_together(row))
            count += 1
    return count


def _decide(rows: list[TextReceipt]) -> None:
    """One report or one addition from all parts."""
    text = "".join(each.text for each in rows)[:MOST_TEXT]
    report = _open_report(rows[0])
    if report is None:
        report, outcome = _new(rows[0], text), Outcome.REPORT
        _answer(report)
    else:
        add(report, Channel.SMS, text, [], sender=rows[0].number)
        outcome = Outcome.REPLY
    for each in rows:
        each.outcome, each.told = outcome, report.number


def _open_report(row: TextReceipt) -> Report | None:
    """The newest report of the number on which work may still go on; none for a sender that is a name."""
    rows = select(Report).where(
        Report.telephone_key == row.telephone_key,
        Report.telephone_key != "",
        Report.state.not_in(OVER),
        Report.public_state != PublicState.CLOSED,
    )
    return session.scalars(rows.order_by(Report.id.desc()).limit(1)).first()


def _new(row: TextReceipt, text: str) -> Report:
    language = language_of(text)
    submission = Submission(language=language, description=text, telephone=row.number)
    drill = bool(row.telephone_key) and exercises.is_part(f"+{row.telephone_key}")
    return receive(submission, Channel.SMS, ack_address="", drill=drill)


def _answer(report: Report) -> None:
    key = report.telephone_key
    if not key or sms.count_to(key, clock.now() - timedelta(hours=1)) >= MOST_ANSWERS_AN_HOUR:
        record(events.TEXT_NOT_ANSWERED, report.number, "system", reason="too_many" if key else "no_number")
        return
    language = Language(report.language)
    _subject, text = letters.render(NAME, language, {"number": report.number, "secret": secret_of(report.number)})
    sent = sms.post(NAME, report.number, key, text.strip(), drill=report.drill)
    record(events.TEXT_ANSWERED, report.number, "system", message=sent.id)
