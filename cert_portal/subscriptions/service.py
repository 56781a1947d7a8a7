"""Asking to be told, confirming, changing, leaving. An address is never told to a stranger, nor flooded through us.

Links carry an HMAC over the subscriber's own key: they cannot be guessed, and they end when the subscriber leaves.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.text import whole
from cert_portal.core.tlp import TLP
from cert_portal.publishing.text import LEVELS
from cert_portal.subscriptions import events
from cert_portal.subscriptions.models import Rhythm, Subscriber, SubscriberState

ONCE_IN = timedelta(hours=1)
CONFIRM_WITHIN = timedelta(days=7)
SOFT_LIMIT = 5
"""Letters that came back for now before an address counts as dead."""
MAILINGS = ("advisory", "digest")


@dataclass(frozen=True)
class Wishes:
    """What a subscriber wants to get."""

    language: Language
    least_level: int
    rhythm: Rhythm

    def as_facts(self) -> dict[str, Any]:
        """As events and rows keep them."""
        return {"language": self.language.value, "least_level": self.least_level, "rhythm": self.rhythm.value}


def request(address: str, wishes: Wishes) -> None:
    """Ask the owner of an address whether they want this. One who is subscribed is sent the way to change it.

    The caller learns nothing about the address, and it is written to once an hour at most, whoever asks.
    """
    plain, now = address.strip().lower(), clock.now()
    found = session.scalars(select(Subscriber).where(Subscriber.address == plain).with_for_update()).first()
    if found is None:
        found = Subscriber(
            address=plain,
            key=secrets.token_hex(16),
            state=SubscriberState.PENDING,
            created_at=now,
            wanted={},
            **wishes.as_facts(),
        )
        session.add(found)
        session.flush()
    elif found.told_at and found.told_at > now - ONCE_IN:
        return
    found.told_at = now
    if found.state == SubscriberState.ACTIVE:
        _write(found, "subscription_known", wishes.language)
        return
    found.wanted = dict(wishes.as_facts())
    record(events.REQUESTED, found.subject, "subscriber", language=wishes.language.value)
    _write(found, "subscription_confirm", wishes.language)


def confirm(token: str) -> Subscriber | None:
    """The owner of the address agrees; doing it twice changes nothing. None for a link that is wrong or too old."""
    found = awaiting(token)
    if found is None:
        return None
    if found.state != SubscriberState.ACTIVE:
        for name, value in found.wanted.items():
            setattr(found, name, value)
        found.state, found.confirmed_at, found.soft_bounces = SubscriberState.ACTIVE, clock.now(), 0
        record(events.CONFIRMED, found.subject, "subscriber", **wishes_of(found).as_facts())
        found.wanted = {}
    return found


def awaiting(token: str) -> Subscriber | None:
    """Whose confirmation this link is; None for one that is wrong or too old."""
    number, _, rest = token.partition(".")
    ends, _, mark = rest.partition(".")
    found = _of_number(number)
    if found is None or not _is_mark(f"confirm {ends}", found, mark):
        return None
    return found if whole(ends) > clock.now().timestamp() else None


def change(subscriber: Subscriber, wishes: Wishes) -> None:
    """Send this from now on."""
    if wishes_of(subscriber) != wishes:
        for name, value in wishes.as_facts().items():
            setattr(subscriber, name, value)
        record(events.CHANGED, subscriber.subject, "subscriber", **wishes.as_facts())


def end(subscriber: Subscriber, how: str) -> None:
    """Take the address off the list and forget it; the links end with it. Twice is no error."""
    if subscriber.state == SubscriberState.ENDED:
        return
    subscriber.state, subscriber.ended_at, subscriber.address = SubscriberState.ENDED, clock.now(), None
    record(events.ENDED, subscriber.subject, "subscriber", how=how)


def of_token(token: str) -> Subscriber | None:
    """The subscriber of a personal link (preferences, unsubscribe), also one who has left; None for a wrong link."""
    number, _, mark = token.partition(".")
    found = _of_number(number)
    return found if found and _is_mark("personal", found, mark) else None


def token_of(subscriber: Subscriber) -> str:
    """The personal link of a subscriber."""
    return f"{subscriber.id}.{_mark('personal', subscriber)}"


def wishes_of(subscriber: Subscriber) -> Wishes:
    """What the subscriber gets now."""
    return Wishes(Language(subscriber.language), subscriber.least_level, Rhythm(subscriber.rhythm))


def take_bounce(letter_id: int, verdict: Verdict) -> None:
    """A letter came back: for good suspends the subscriber, for now is counted. Letters of others are left alone."""
    letter = session.get(Letter, letter_id)
    if letter is None or letter.name not in MAILINGS or verdict is Verdict.DELIVERED:
        return
    rows = select(Subscriber).where(Subscriber.address == letter.recipient).with_for_update()
    found = session.scalars(rows).first()
    if found is None or found.state != SubscriberState.ACTIVE:
        return
    found.soft_bounces += verdict is Verdict.SOFT
    if verdict is Verdict.HARD or found.soft_bounces >= SOFT_LIMIT:
        found.state = SubscriberState.SUSPENDED
        record(events.SUSPENDED, found.subject, "system", letter=letter_id)


def counts() -> dict[str, int]:
    """How many subscribers are in which state."""
    found = session.execute(select(Subscriber.state, func.count()).group_by(Subscriber.state)).all()
    told = {state: count for state, count in found}  # noqa: C416  # rows are no pairs to the type checker
    return {state.value: told.get(state.value, 0) for state in SubscriberState}


def _write(subscriber: Subscriber, name: str, language: Language) -> None:
    here = current()
    ends = int((clock.now() + CONFIRM_WITHIN).timestamp())
    token = f"{subscriber.id}.{ends}.{_mark(f'confirm {ends}', subscriber)}"
    facts = {
        "confirm": f"{here.base_url}/{language.value}/subscribe/confirm/{token}",
        "preferences": f"{here.base_url}/{language.value}/subscribe/preferences/{token_of(subscriber)}",
        "days": CONFIRM_WITHIN.days,
        "level": LEVELS[language][int(subscriber.wanted.get("least_level", subscriber.least_level))],
        "tlp": TLP.CLEAR,
    }
    subject, text = letters.render(name, language, facts)
    to = subscriber.address or ""
    outbox.post(outbox.Draft(name, subscriber.subject, language.value, to, subject, text))


def _of_number(told: str) -> Subscriber | None:
    return session.get(Subscriber, whole(told))


def _is_mark(purpose: str, subscriber: Subscriber, told: str) -> bool:
    return hmac.compare_digest(_mark(purpose, subscriber).encode(), told.encode())


def _mark(purpose: str, subscriber: Subscriber) -> str:
    whole = f"subscriber {purpose} {subscriber.id} {subscriber.key}"
    return hmac.new(current().secret_key.encode(), whole.encode(), hashlib.sha256).hexdigest()[:32]
