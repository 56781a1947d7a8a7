"""Text messages counted from two sides, as mail is: what the gateway gave against what became of it, and what we
answered, by the record of events, against the table that leaves the centre.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.outgoing import LetterState
from cert_portal.core.sms import TEXT_FAILED, TEXT_SENT, OutgoingText
from cert_portal.intake import events
from cert_portal.intake.models import Outcome, Report, ReportAddition, TextReceipt
from cert_portal.intake.reconcile import ON_ITS_WAY, Balance
from cert_portal.intake.submission import Channel

INCOMING, OUTGOING = "sms", "sms-out"
NAMES_IN = ("reports", "replies", "waiting")
NAMES_OUT = ("sent", "waiting", "failed")
ENDS = {LetterState.SENT: TEXT_SENT.name, LetterState.FAILED: TEXT_FAILED.name}


def balances() -> list[Balance]:
    """Both directions now; a direction in which nothing ever went is left out."""
    return [each for each in (incoming(), outgoing()) if each.taken or each.lost]


def incoming() -> Balance:
    """Each message of the gateway is in the report that it made or joined. A part waits a while for the others.

    `lost` names receipts whose report or addition is gone, and reports by text message that no receipt made.
    """
    rows = session.scalars(select(TextReceipt).order_by(TextReceipt.at)).all()
    made = set(session.scalars(select(Report.number).where(Report.channel == Channel.SMS)))
    joined = select(Report.number).join(ReportAddition, ReportAddition.report_id == Report.id)
    there = {
        Outcome.REPORT: made,
        Outcome.REPLY: set(session.scalars(joined.where(ReportAddition.channel == Channel.SMS))),
    }
    late = clock.now() - ON_ITS_WAY
    waiting = [each for each in rows if not each.outcome]
    found = Counter(each.outcome for each in rows if each.outcome and each.told in there[Outcome(each.outcome)])
    told = {each.told for each in rows if each.outcome == Outcome.REPORT}
    unknown = made - told
    unknown -= set(session.scalars(select(TextReceipt.told).where(TextReceipt.told.in_(unknown))))  # came meanwhile
    gone = [each.gateway_id for each in rows if each.outcome and each.told not in there[Outcome(each.outcome)]]
    return Balance(
        taken=len(rows),
        outcomes={
            "reports": found[Outcome.REPORT],
            "replies": found[Outcome.REPLY],
            "waiting": sum(each.at >= late for each in waiting),
        },
        unfinished=[each.gateway_id for each in waiting if each.at < late],
        lost=gone + sorted(unknown),
        mailbox=INCOMING,
    )


def outgoing() -> Balance:
    """Each answer that the record tells of lies in the table, and its end is the one that the record tells of.

    `unfinished` names answers without a row, `lost` rows that the record does not know or tells otherwise.
    """
    kinds = (events.TEXT_ANSWERED.name, *ENDS.values())
    told = session.execute(select(Event.kind, Event.data).where(Event.kind.in_(kinds))).all()
    answered = {data["message"] for kind, data in told if kind == events.TEXT_ANSWERED.name}
    ended = {(kind, data["message"]) for kind, data in told if kind != events.TEXT_ANSWERED.name}
    rows = dict(iter(session.execute(select(OutgoingText.id, OutgoingText.state))))
    wrong = {key for key, state in rows.items() if state in ENDS and (ENDS[LetterState(state)], key) not in ended}
    wrong |= {key for key in rows if key not in answered}
    right = Counter(state if state in ENDS else "waiting" for key, state in rows.items() if key not in wrong)
    return Balance(
        taken=len(answered),
        outcomes={name: right[name] for name in NAMES_OUT},
        unfinished=[_named(key) for key in sorted(answered - set(rows))],
        lost=[_named(key) for key in sorted(wrong)],
        mailbox=OUTGOING,
    )


def _named(key: int) -> str:
    return f"text:{key}"
