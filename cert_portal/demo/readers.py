"""Subscribers, digests and watched sources of the demonstration."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from random import Random

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.feeds import Entry
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.schedule import digest_moment
from cert_portal.demo.cast import staff, words
from cert_portal.demo.diary import Diary, keep
from cert_portal.demo.mailings import told
from cert_portal.directory.permissions import Role
from cert_portal.monitoring import service as monitoring
from cert_portal.subscriptions import digest, events, service
from cert_portal.subscriptions.models import Digest, Rhythm, Subscriber, SubscriberState
from cert_portal.subscriptions.service import Wishes

NEVER = timedelta(days=3650)


def plan(diary: Diary, begin: datetime, count: int, dice: Random) -> None:
    """Let people subscribe between `begin` and the end, a few leave, and each half-month have its digest."""
    for number in range(count):
        diary.on(begin + (diary.end - begin) * dice.random(), partial(_subscribe, diary, number, dice))
    until = digest_moment(begin)
    since = begin
    while until < clock.now():
        diary.on(until, partial(_digest, since, until))
        since, until = until, digest_moment(until)
    diary.on(begin + timedelta(hours=2), _sources)
    diary.on(diary.end - timedelta(hours=3), _items)


def _subscribe(diary: Diary, number: int, dice: Random) -> None:
    house = dice.choice(words("reports")["reporters"]["houses"])
    language = dice.choice((Language.EN, Language.ZH_HANT, Language.ZH_HANT))
    wishes = Wishes(language, dice.choice((1, 2, 2, 3)), dice.choice(tuple(Rhythm)))
    address = f"reader{number}@{house}.example"
    service.request(address, wishes)
    if dice.random() < 0.12:
        return  # never confirmed
    letter = session.scalars(select(Letter).where(Letter.recipient == address).order_by(Letter.id.desc())).first()
    found = re.search(r"/subscribe/confirm/(\S+)", letter.text) if letter else None
    subscriber = service.confirm(found[1]) if found else None
    if subscriber is None:
        return
    roll, days = dice.random(), dice.uniform(5, 200)
    if roll < 0.1:
        diary.later(24 * days, partial(service.end, subscriber, "link"))
    elif roll < 0.16:
        diary.later(24 * days, partial(_suspend, subscriber))


def _suspend(subscriber: Subscriber) -> None:
    subscriber.state = SubscriberState.SUSPENDED
    record(events.SUSPENDED, subscriber.subject, "system", letter=0)


def _digest(since: datetime, until: datetime) -> None:
    """An issue that was mailed, signed where there is a publication key; no letter of it is kept."""
    issue = Digest(since=since, until=until)
    session.add(issue)
    keep()
    number, signed = issue.id, digest.sign(issue) if current().publication_key else {}
    digest.mail(number, signed)
    told()


def _sources() -> None:
    """Feeds that are watched; their addresses lead nowhere, so they are not asked."""
    for each in words("sources")["source"]:
        source = monitoring.add(each["name"], each["address"], staff(Role.EDITOR))
        source.next_at = clock.now() + NEVER


def _items() -> None:
    for source in monitoring.sources():
        told = [each for each in words("sources")["item"] if each["source"] == source.name]
        entries = [
            Entry(
                guid=sha256(each["link"].encode()).hexdigest(),
                title=each["title"],
                link=each["link"],
                summary=each["summary"],
                published_at=clock.now() - timedelta(hours=5 + 9 * number),
            )
            for number, each in enumerate(told)
        ]
        monitoring.store(source.id, entries, "", "")
    found = monitoring.items().rows
    if found:
        monitoring.dismiss(found[0][0].id, staff(Role.EDITOR))
