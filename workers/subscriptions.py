"""Jobs of the subscriptions stage: a mailing goes out in turns, so that other letters are not kept waiting."""

from __future__ import annotations

from datetime import timedelta

from cert_portal.config import current
from cert_portal.core import clock, queue
from cert_portal.core.db import session
from cert_portal.core.mail import bulk, outbox, transport
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.journal import Journal
from cert_portal.core.mail.outbox import Envelope
from cert_portal.core.mail.transport import WayOut
from cert_portal.core.queue import SEND_MAILING
from cert_portal.subscriptions import mailing, service
from workers.job import job

TURNS = 5


@job
def send_mailing(mailing_id: int) -> None:
    """Some turns of a mailing over one connection, then the back of the queue; a blocked way out ends it for now."""
    with WayOut() as way_out, Journal() as journal:
        for _ in range(TURNS):
            letters = mailing.next_turn(mailing_id)
            session.commit()
            if not letters or not _send_all(letters, way_out, journal):
                return
    session.rollback()
    queue.push([(SEND_MAILING, (mailing_id,))])


def _send_all(letters: list[Envelope], way_out: WayOut, journal: Journal) -> bool:
    """Send each, note it before the next, mark all at the end; False when the way out is blocked, the rest put off."""
    half = timedelta(seconds=current().lease_seconds / 2)
    renew_at, blocked = clock.now() + half, False
    for position, letter in enumerate(letters):
        if clock.now() > renew_at:
            bulk.renew([each.id for each in letters[position:]])
            session.commit()
            renew_at = clock.now() + half
        blocked = not _send(letter, way_out, journal)
        if blocked:
            for each in letters[position:]:
                outbox.put_off(each.id, "the way out is blocked")
            break
    bulk.sent(journal.noted)
    session.commit()
    journal.forget()
    return not blocked


def _send(letter: Envelope, way_out: WayOut, journal: Journal) -> bool:
    try:
        way_out.send(letter.mail_from, letter.recipient, letter.head + letter.content, f"{letter.id:08d}")
    except transport.SendLater as error:
        if way_out.is_blocked:
            return False
        outbox.put_off(letter.id, str(error))
        session.commit()
    except transport.SendRefused as error:
        outbox.give_up(letter.id, str(error))
        service.take_bounce(letter.id, Verdict.HARD)
        session.commit()
    else:
        journal.note(letter.id)
    return True
