"""Tables of the people at the desk: who is on duty, who is away, what was handed over, and what each was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.directory.models import User


class Shift(Base):
    """A person is on duty from one moment to another."""

    __tablename__ = "shifts"
    __table_args__ = (Index(None, "ends_at"), UniqueConstraint("user_id", "begins_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Absence(Base):
    """A person is away on these days, the first and the last among them. Why is nobody's business."""

    __tablename__ = "absences"
    __table_args__ = (Index(None, "last"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)


class Handover(Base):
    """A note at the change of shifts; its event tells what it says. Without `to_id` it is for whoever is next."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    to_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(index=True)
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    @property
    def subject(self) -> str:
        """How the record of events names it."""
        return f"handover:{self.id}"


class Unsent(Base):
    """What a person has begun to write about a case or a report: the fields of a form, as it was typed.

    `about` is the number of the case or of the report.
    """

    __tablename__ = "unsent"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    about: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    form: Mapped[str] = mapped_column(String(12), primary_key=True)
    fields: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class Notice(Base):
    """Something that a person was told once: `key` names what happened, `subject` the case or handover."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index(None, "user_id", "read_at"), Index(None, "mailed_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    in_portal: Mapped[bool]
    by_mail: Mapped[bool]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NoticeChoice(Base):
    """What a person wants to be told of, and how; without a row it is as usual."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    in_portal: Mapped[list[str]]
    by_mail: Mapped[list[str]]


class NoticeMark(Base):
    """Up to when the record of events was read for notices, and which of the last events: one row.

    It also lets one reader at a time in.
    """

    __tablename__ = "notice_marks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    until: Mapped[datetime]
    seen: Mapped[list[Any]] = mapped_column(JSON)
