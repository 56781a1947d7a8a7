"""Sending one signed text to many, in turns that survive a kill: how far it went is a row, letters are made claimed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.mail import bulk
from cert_portal.core.mail.outbox import Envelope
from cert_portal.core.queue import SEND_MAILING, after_commit
from cert_portal.publishing.content import Content
from cert_portal.publishing.models import AdvisoryVersion
from cert_portal.subscriptions import events
from cert_portal.subscriptions.models import Mailing, Rhythm, Subscriber, SubscriberState
from cert_portal.subscriptions.service import token_of

TURN = 200
"""Letters that a process takes at a time: what is left of them after a kill is sent when their lease ends."""


def announce(version: AdvisoryVersion) -> None:
    """Tell subscribers of a version that was just published, each language in its own signed text."""
    content = Content.of_json(version.content)
    for language, (subject, body) in version.bodies.items():
        _begin("advisory", version.advisory.public_id, version.version, language, subject, body, content.level)


def begin_digest(about: str, mails: dict[str, tuple[str, str]], advisories: int) -> None:
    """Send an issue of the digest; `mails` holds subject and body digest by language."""
    for language, (subject, body) in mails.items():
        _begin("digest", about, 1, language, subject, body, 0, advisories)


def _begin(
    name: str, about: str, version: int, language: str, subject: str, body: str, level: int, advisories: int = 1
) -> None:
    mailing = Mailing(
        name=name,
        about=about,
        version=version,
        language=language,
        level=level,
        subject=subject,
        body=body,
        advisories=advisories,
        created_at=clock.now(),
    )
    session.add(mailing)
    session.flush()
    after_commit(SEND_MAILING, mailing.id)


def next_turn(mailing_id: int) -> list[Envelope]:
    """Make the letters of the next turn, claimed by this process; none when the mailing is done. Commit at once."""
    mailing = session.get(Mailing, mailing_id, with_for_update=True)
    if mailing is None or mailing.finished_at is not None:
        return []
    found = list(session.scalars(waiting(mailing).limit(TURN)))
    now = clock.now()
    if not found:
        finish(mailing)
        return []
    mailing.reached, mailing.letters = found[-1].id, mailing.letters + len(found)
    mailing.lease_until = now + timedelta(seconds=current().lease_seconds)
    here = current()
    shared = bulk.Mailing(
        name=mailing.name,
        about=mailing.about,
        language=mailing.language,
        subject=mailing.subject,
        sender=(here.centre_name(mailing.language), here.advisory_address),
        body=mailing.body,
        content=bulk.stored(mailing.body),
    )
    return bulk.claim(shared, [_recipient(each) for each in found])


def finish(mailing: Mailing) -> None:
    """Everybody who is due a letter of it has one: say so, with the count."""
    mailing.finished_at = clock.now()
    facts: dict[str, Any] = {"language": mailing.language, "letters": mailing.letters}
    if mailing.name == "digest":
        record(events.DIGEST_ISSUED, mailing.about, "system", advisories=mailing.advisories, **facts)
    else:
        record(events.ANNOUNCED, mailing.about, "system", version=mailing.version, **facts)


def unfinished() -> list[int]:
    """Mailings that are not done and that nobody is at work on."""
    free = or_(Mailing.lease_until.is_(None), Mailing.lease_until <= clock.now())
    return list(session.scalars(select(Mailing.id).where(Mailing.finished_at.is_(None), free).order_by(Mailing.id)))


def latest(limit: int = 30) -> list[Mailing]:
    """The last mailings, newest first."""
    return list(session.scalars(select(Mailing).order_by(Mailing.id.desc()).limit(limit)))


def waiting(mailing: Mailing) -> Select[Subscriber]:
    """Those who are due a letter of this mailing and have none yet, in the order of turns."""
    wanted = (Rhythm.AT_ONCE, Rhythm.BOTH) if mailing.name == "advisory" else (Rhythm.DIGEST, Rhythm.BOTH)
    rows = select(Subscriber).where(
        Subscriber.state == SubscriberState.ACTIVE,
        Subscriber.language == mailing.language,
        Subscriber.rhythm.in_(wanted),
        Subscriber.id > mailing.reached,
        Subscriber.confirmed_at <= mailing.created_at,
    )
    if mailing.level:
        rows = rows.where(Subscriber.least_level <= mailing.level)
    return rows.order_by(Subscriber.id)


def _recipient(subscriber: Subscriber) -> bulk.Recipient:
    here = current()
    headers = {
        "List-Id": f"Security advisories <advisories.{here.mail_domain}>",
        "List-Unsubscribe": f"<{here.base_url}/unsubscribe/{token_of(subscriber)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": f"<{here.base_url}/{subscriber.language}/subscribe>",
        "List-Post": "NO",
    }
    return bulk.Recipient(subscriber.address or "", str(subscriber.id), headers)
