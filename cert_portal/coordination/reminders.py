"""Reminding a party when its clock runs out, and giving up after the last reminder. Twice is harmless."""

from __future__ import annotations

from sqlalchemy import select

from cert_portal.cases.clocks import Ruler, ruler
from cert_portal.coordination import events, link, refer
from cert_portal.coordination.answers import take_bounce
from cert_portal.coordination.letters import ANSWER_CLOCK, REMINDER, post
from cert_portal.coordination.models import Referral
from cert_portal.coordination.sealing import Seal
from cert_portal.coordination.workflow import WAITING, Verb, move
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState

MOST = 2
"""Reminders; when the time after the last one is over too, the referral expires."""


def due(limit: int = 500) -> list[int]:
    """Referrals whose party has not answered in time, the longest waiting first."""
    rule = ruler(ANSWER_CLOCK)
    if rule is None:
        return []
    rows = select(Referral.id).where(Referral.state.in_(WAITING), Referral.asked_at <= rule.overdue_since())
    return list(session.scalars(rows.order_by(Referral.asked_at).limit(limit)))


def remind(referral_id: int) -> bool:
    """Remind the party, or give up after the last time; False when it is no longer due."""
    referral = session.get(Referral, referral_id, with_for_update=True)
    rule = ruler(ANSWER_CLOCK)
    if referral is None or rule is None or not _is_due(referral, rule):
        return False
    if referral.reminders >= MOST:
        move(referral, Verb.EXPIRE)
        record(events.EXPIRED, referral.number, "system")
        return True
    contact, how = refer.contact_of(referral), refer.sealing(referral)
    barred = next((code for code in refer.hindrances(referral) if code in ("tlp_red", "exercise")), "")
    if contact is None or how is None or barred or how.seal is Seal.HELD:
        refer.hold(referral, barred or (how.trouble if how else "no_contact"), "system")
        return True
    link.renew(referral)
    post(referral, contact, how, REMINDER)
    referral.reminders, referral.asked_at, referral.updated_at = referral.reminders + 1, clock.now(), clock.now()
    record(events.REMINDED, referral.number, "system", count=referral.reminders)
    return True


def letter_done(letter_id: int) -> None:
    """The outbox is through with a letter: one that could not be sealed holds its referral, a refused one bounced."""
    letter = session.get(Letter, letter_id)
    if letter is None:
        return
    if letter.state == LetterState.FAILED:
        take_bounce(letter_id, Verdict.HARD)
    referral = session.scalars(select(Referral).where(Referral.number == letter.about)).first()
    if referral and letter.state == LetterState.HELD and referral.state in WAITING:
        refer.hold(referral, "sealing", "system")


def _is_due(referral: Referral, rule: Ruler) -> bool:
    return referral.state in WAITING and referral.asked_at is not None and rule.due(referral.asked_at) < clock.now()
