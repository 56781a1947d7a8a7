"""Watching what others publish: sources, their items, and what an editor does with one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.feeds import Entry
from cert_portal.core.pages import Page, below, cut
from cert_portal.core.queue import READ_SOURCE, after_commit
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.monitoring import events
from cert_portal.monitoring.models import Item, ItemState, Source

EVERY = timedelta(minutes=30)
LONGEST_WAIT = timedelta(days=1)
PAGE = 50


class SourceRefused(Exception):
    """The step is not possible; `reason` is a code: no_name, bad_address, address_taken, not_new."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def add(name: str, address: str, editor: User) -> Source:
    """Watch a feed from now on. Raises SourceRefused: no_name, bad_address, address_taken."""
    title, place = " ".join(clean(name).split())[:120], address.strip()
    if not title:
        raise SourceRefused("no_name")
    if not place.startswith(("http://", "https://")) or len(place) > 500:
        raise SourceRefused("bad_address")
    if session.scalar(select(Source.id).where(Source.address == place)):
        raise SourceRefused("address_taken")
    source = Source(name=title, address=place, next_at=clock.now())
    session.add(source)
    session.flush()
    record(events.SOURCE_ADDED, _subject(source), editor.actor)
    after_commit(READ_SOURCE, source.id)
    return source


def switch(source: Source, active: bool, editor: User) -> None:
    """Stop watching, or go on."""
    if source.active != active:
        source.active, source.next_at, source.failures, source.trouble = active, clock.now(), 0, ""
        record(events.SOURCE_CHANGED, _subject(source), editor.actor, active=active)


def sources() -> list[Source]:
    """All sources by name."""
    return list(session.scalars(select(Source).order_by(Source.name, Source.id)))


def due() -> list[int]:
    """Sources whose time has come."""
    rows = select(Source.id).where(Source.active, Source.next_at <= clock.now())
    return list(session.scalars(rows.order_by(Source.id)))


def claim(source_id: int) -> tuple[str, str, str] | None:
    """Address, etag and time to ask with; None when it is not due. Commit before the network is touched."""
    source = session.get(Source, source_id, with_for_update=True)
    if source is None or not source.active or source.next_at > clock.now():
        return None
    source.next_at = clock.now() + EVERY
    return source.address, source.etag, source.modified


def store(source_id: int, entries: Sequence[Entry], etag: str, modified: str) -> int:
    """Keep the entries that are new; answers how many. An entry that we have is left alone, whatever became of it."""
    source = session.get_one(Source, source_id, with_for_update=True)
    known = set(
        session.scalars(
            select(Item.guid).where(Item.source_id == source_id, Item.guid.in_([each.guid for each in entries]))
        )
    )
    fresh = [each for each in entries if each.guid not in known]
    for each in reversed(fresh):
        session.add(
            Item(
                source_id=source_id,
                guid=each.guid,
                title=each.title,
                link=each.link,
                summary=each.summary,
                published_at=each.published_at,
                found_at=clock.now(),
                state=ItemState.NEW,
            )
        )
    source.etag, source.modified, source.read_at = etag, modified, clock.now()
    source.failures, source.trouble = 0, ""
    return len(fresh)


def unread(source_id: int, reason: str) -> None:
    """It could not be read: wait longer each time, a day at most; the first failure in a row is an event."""
    source = session.get_one(Source, source_id, with_for_update=True)
    source.failures, source.trouble = source.failures + 1, reason
    source.next_at = clock.now() + min(EVERY * 2**source.failures, LONGEST_WAIT)
    if source.failures == 1:
        record(events.SOURCE_FAILED, _subject(source), "system", reason=reason, failures=1)


def items(after: str = "") -> Page[tuple[Item, Source]]:
    """Items that nobody has dealt with, newest first."""
    rows = select(Item, Source).join(Source, Source.id == Item.source_id).where(Item.state == ItemState.NEW)
    key = Item.id.expression
    found = [
        (item, source) for item, source in session.execute(below(rows, key, after).order_by(key.desc()).limit(PAGE + 1))
    ]
    return cut(found, [item.id for item, _source in found], PAGE)


def waiting() -> int:
    """How many items nobody has dealt with."""
    return session.scalar(select(func.count(Item.id)).where(Item.state == ItemState.NEW)) or 0


def take(item_id: int) -> Item:
    """Hold an item that is to become a draft. Raises SourceRefused("not_new") when somebody was quicker."""
    item = _held(item_id)
    item.state = ItemState.TAKEN
    return item


def taken(item: Item, advisory: str, editor: User) -> None:
    """Say for which advisory an item was taken."""
    item.taken_for = advisory
    record(events.ITEM_TAKEN, f"item:{item.id}", editor.actor, advisory=advisory)


def dismiss(item_id: int, editor: User) -> None:
    """Set an item aside. Raises SourceRefused("not_new")."""
    item = _held(item_id)
    item.state = ItemState.DISMISSED
    record(events.ITEM_DISMISSED, f"item:{item.id}", editor.actor)


def _held(item_id: int) -> Item:
    item = session.get(Item, item_id, with_for_update=True)
    if item is None or item.state != ItemState.NEW:
        raise SourceRefused("not_new")
    return item


def _subject(source: Source) -> str:
    return f"source:{source.id}"
