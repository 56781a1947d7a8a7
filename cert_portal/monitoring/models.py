"""Tables of the monitoring stage: sources that are watched, and what came from them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId


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
