"""Tables of the monitoring stage: sources that are watched, and what came from them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.directory.parties import Organisation


class ItemState(StrEnum):
    """What became of an item."""

    NEW = "new"
    TAKEN = "taken"
    DISMISSED = "dismissed"


class Source(Base):
    """An RSS or Atom feed of somebody else. `etag` and `modified` are what it last said: nothing is read twice."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(500), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    etag: Mapped[str] = mapped_column(String(200), default="")
    modified: Mapped[str] = mapped_column(String(80), default="")
    next_at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")


class Item(Base):
    """One entry of a source; `guid` is what the source calls it, shortened to a digest."""

    __tablename__ = "source_items"
    __table_args__ = (UniqueConstraint("source_id", "guid"), Index(None, "state", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey(Source.id))
    guid: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    taken_for: Mapped[str] = mapped_column(String(40), default="")


class FindingState(StrEnum):
    """What became of a finding."""

    OPEN = "open"
    IN_CASE = "in_case"
    SET_ASIDE = "set_aside"


class Finding(Base):
    """One thing that a machine saw somewhere. `key` tells the same sighting apart from a new one.

    `organisation_id` is who answers for the address, as the directory knew it when the finding came.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "feed", "id"),
        Index(None, "ip"),
        Index(None, "domain"),
        Index(None, "asn"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    feed: Mapped[str] = mapped_column(String(60))
    external_id: Mapped[str] = mapped_column(String(200), default="")
    seen_at: Mapped[datetime | None]
    taken_at: Mapped[datetime]
    ip: Mapped[str] = mapped_column(String(45), default="")
    asn: Mapped[int | None] = mapped_column(BigInteger)
    url: Mapped[str] = mapped_column(Text, default="")
    domain: Mapped[str] = mapped_column(String(253), default="")
    kind: Mapped[str] = mapped_column(String(20))
    rsit: Mapped[str] = mapped_column(String(80), default="")
    confidence: Mapped[int | None]  # per cent
    restriction: Mapped[str] = mapped_column(String(20), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id), index=True)
    state: Mapped[str] = mapped_column(String(12))
    case_number: Mapped[str] = mapped_column(String(16), default="")
    receipt: Mapped[str | None] = mapped_column(String(40), index=True)
    raw: Mapped[dict[str, Any]]

    @property
    def subject(self) -> str:
        """By what the record names it."""
        return f"finding:{self.id}"

    @property
    def where(self) -> str:
        """Where it was seen, by the first of these that was told."""
        return self.url or self.ip or self.domain or (f"AS{self.asn}" if self.asn else "")
