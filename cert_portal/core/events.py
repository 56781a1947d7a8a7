"""The one record of what happened: typed, append-only, chained by an HMAC whose key is kept outside the database.

Figures and timelines read events and nothing else. Rows are written first; `seal` chains committed rows afterwards, so
writers never wait for each other. Personal text is bound into the chain by a salted hash: erasing text and salt leaves
the chain whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock, crypto
from cert_portal.core.db import Base, BigId, insert_many, session

LATE_ROWS = 10_000
"""How far below the newest sealed id a slow transaction may still turn up."""


@dataclass(frozen=True)
class EventKind:
    """A kind of event: `subject.verb`, what it means and which data it carries."""

    name: str
    meaning: str
    data: frozenset[str]


_kinds: dict[str, EventKind] = {}


def declare(name: str, meaning: str, *data: str) -> EventKind:
    """Declare a kind of event; each stage does so once for its own."""
    kind = EventKind(name, meaning, frozenset(data))
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"event kind {name} is declared twice")
    return kind


def kinds() -> list[EventKind]:
    """All declared kinds by name."""
    return [_kinds[name] for name in sorted(_kinds)]


TOLD_LATER = sql("at <> recorded_at AND kind LIKE 'case.%'")
"""The condition for lines about a case that were written down after the time that they tell of: people do that."""


class Event(Base):
    """One line of the record. `at` is when it happened, `recorded_at` when we wrote it down."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "subject", "at"),
        Index(None, "kind", "at"),
        Index("ix_events_told_later", "recorded_at", postgresql_where=TOLD_LATER, sqlite_where=TOLD_LATER),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    text: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[str | None] = mapped_column(String(32))
    text_digest: Mapped[str | None] = mapped_column(String(64))


_EVENTS = Event.metadata.tables[Event.__tablename__]


class Seal(Base):
    """The link that holds an event in the chain; `seq` is the order of sealing."""

    __tablename__ = "event_seals"

    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey(Event.id), unique=True)
    mac: Mapped[str] = mapped_column(String(64))


class SealedHead(Base):
    """The head of the chain at the end of a day, signed: a shortened chain cannot be passed off as whole."""

    __tablename__ = "event_heads"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seq: Mapped[int] = mapped_column(BigId)
    mac: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(Text)


def record(
    kind: EventKind, subject: str, actor: str, /, *, at: datetime | None = None, text: str | None = None, **data: Any
) -> Event:
    """Write one event. `subject` is a number (or user:ID), `text` may hold personal words and can be erased later.

    Raises ValueError when `data` has other fields than the kind declares.
    """
    if set(data) != kind.data:
        raise ValueError(f"{kind.name} carries {sorted(kind.data)}, not {sorted(data)}")
    now = clock.now()
    event = Event(kind=kind.name, subject=subject, actor=actor, at=at or now, recorded_at=now, data=data)
    if text is not None:
        event.text, event.salt = text, secrets.token_hex(16)
        event.text_digest = _digest(event.salt, text)
    session.add(event)
    return event


def record_many(
    kind: EventKind, actor: str, told: Sequence[tuple[str, dict[str, Any]]], *, at: Sequence[datetime] | None = None
) -> None:
    """Write one event of a kind for each of many subjects, each with its data and, unless it is now, when it was.

    Raises ValueError as `record` does.
    """
    now = clock.now()
    rows = []
    for (subject, data), when in zip(told, at or [now] * len(told), strict=True):
        if set(data) != kind.data:
            raise ValueError(f"{kind.name} carries {sorted(kind.data)}, not {sorted(data)}")
        rows.append(
            {"kind": kind.name, "subject": subject, "actor": actor, "at": when, "recorded_at": now, "data": data}
        )
    insert_many(_EVENTS, rows)


def of_subjects(subjects: list[str]) -> list[Event]:
    """The events of these numbers in the order in which they happened."""
    rows = session.scalars(select(Event).where(Event.subject.in_(subjects)).order_by(Event.at, Event.id))
    return list(rows)


def just_said(kind: EventKind, subject: str, actor: str, text: str) -> Event | None:
    """The same words of the same person, written down within the last minute: a button was pressed twice."""
    rows = select(Event).where(Event.subject == subject, Event.kind == kind.name, Event.actor == actor)
    rows = rows.where(Event.text == text, Event.recorded_at > clock.now() - timedelta(minutes=1))
    return session.scalars(rows.order_by(Event.id.desc()).limit(1)).first()


def erase_text(event: Event) -> None:
    """Remove the personal words of an event; the chain goes on verifying."""
    event.text = event.salt = None


def seal(limit: int = 5000) -> int:
    """Chain up to `limit` committed events that are not chained yet; answers how many. One process at a time."""
    last = session.scalars(select(Seal).order_by(Seal.seq.desc()).limit(1)).first()
    newest: int = session.scalar(select(func.max(Seal.event_id))) or 0
    open_rows = select(Event).where(
        Event.id > newest - LATE_ROWS, ~select(Seal.seq).where(Seal.event_id == Event.id).exists()
    )
    seq, mac, count = (last.seq, last.mac, 0) if last else (0, "", 0)
    for count, event in enumerate(session.scalars(open_rows.order_by(Event.id).limit(limit)), start=1):
        mac = _mac(mac, event)
        session.add(Seal(seq=seq + count, event_id=event.id, mac=mac))
    return count


def sign_head(day: date) -> SealedHead | None:
    """Sign where the chain stands at the end of `day` with the desk key; None when nothing is sealed or it is done.

    Call it without an open write transaction: it runs gpg.
    """
    last = session.scalars(select(Seal).order_by(Seal.seq.desc()).limit(1)).first()
    if last is None or session.get(SealedHead, day) is not None:
        return None
    seq, mac = last.seq, last.mac
    session.rollback()
    head = SealedHead(day=day, seq=seq, mac=mac, signature=crypto.desk().sign(_head_text(day, seq, mac)))
    session.add(head)
    return head


def broken_links() -> Iterator[str]:
    """Walk the chain and the signed heads; yields one sentence for the first broken link and for each broken head."""
    mac = ""
    macs: dict[int, str] = {}
    for expected, (link, event) in enumerate(_links(), start=1):
        mac = _mac(mac, event)
        if link.seq != expected or not hmac.compare_digest(mac, link.mac) or not _text_is_whole(event):
            yield f"seal {link.seq}: event {event.id} ({event.kind} of {event.subject}) is not what was sealed"
            return
        macs[link.seq] = mac
    for head in session.scalars(select(SealedHead).order_by(SealedHead.day)):
        if macs.get(head.seq) != head.mac:
            yield f"day {head.day}: the signed head is missing from the chain"
        elif not crypto.desk().is_signed(_head_text(head.day, head.seq, head.mac), head.signature):
            yield f"day {head.day}: the signature of the head is not ours"


def _links() -> Iterator[Any]:
    rows = session.execute(select(Seal, Event).join(Event, Event.id == Seal.event_id).order_by(Seal.seq))
    return iter(rows.yield_per(1000))


def _mac(previous: str, event: Event) -> str:
    facts = [event.id, event.kind, event.subject, event.actor, event.at.isoformat(), event.recorded_at.isoformat()]
    whole = json.dumps([previous, *facts, event.data, event.text_digest], sort_keys=True, ensure_ascii=False)
    return hmac.new(current().audit_key.encode(), whole.encode(), hashlib.sha256).hexdigest()


def _digest(salt: str, text: str) -> str:
    return hashlib.sha256((salt + text).encode()).hexdigest()


def _text_is_whole(event: Event) -> bool:
    return event.text is None or _digest(event.salt or "", event.text) == event.text_digest


def _head_text(day: date, seq: int, mac: str) -> bytes:
    return f"head of the event record\nday {day.isoformat()}\nseal {seq}\nmac {mac}\n".encode()


def table() -> str:
    """The list of events of the manual, in Markdown."""
    rows = ["| Event | Meaning | Data |", "|---|---|---|"]
    for kind in kinds():
        rows.append(f"| `{kind.name}` | {kind.meaning} | {', '.join(sorted(kind.data)) or '–'} |")
    return "\n".join(rows)
