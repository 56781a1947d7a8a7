"""Tables of the subscriptions stage. A subscriber who left keeps a row for the count, without the address."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.core.mail.outbox import LetterBody


class SubscriberState(StrEnum):
    """Whether mail may go to an address."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Rhythm(StrEnum):
    """When a subscriber wants mail."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    BOTH = "both"


class Subscriber(Base):
    """An address that asked to be told. `wanted` are wishes that the owner of the address has not confirmed yet."""

    __tablename__ = "subscribers"
    __table_args__ = (Index(None, "state", "language", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address: Mapped[str | None] = mapped_column(String(320), unique=True)
    key: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(8))
    least_level: Mapped[int]
    rhythm: Mapped[str] = mapped_column(String(8))
    wanted: Mapped[dict[str, Any]] = mapped_column(default=dict)
    soft_bounces: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def subject(self) -> str:
        """How the record of events names the subscriber: never by the address."""
        return f"subscriber:{self.id}"


class Mailing(Base):
    """One signed text to many, in one language: how far it went. A `level` of 0 (a digest) goes to everybody."""

    __tablename__ = "mailings"
    __table_args__ = (UniqueConstraint("about", "version", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    level: Mapped[int]
    advisories: Mapped[int] = mapped_column(default=1)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(ForeignKey(LetterBody.digest))
    reached: Mapped[int] = mapped_column(BigId, default=0)
    letters: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class Digest(Base):
    """One issue of the digest: what was published from `since` up to `until`; sent on the 1st and the 16th (001-25)."""

    __tablename__ = "digests"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(unique=True)
    mailed_at: Mapped[datetime | None]
