"""Tables of the governance stage: annual reports, and what people said about their drafts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.directory.models import User


class AnnualState(StrEnum):
    """The life of an annual report: it is published once."""

    DRAFT = "draft"
    PUBLISHED = "published"


class AnnualReport(Base):
    """The report of a year. `words` holds texts by chapter and language; `frozen` all of it once it is published.

    `digest` is the SHA-256 of the public JSON file.
    """

    __tablename__ = "annual_reports"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(12), default=AnnualState.DRAFT)
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frozen: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class AnnualComment(Base):
    """What somebody of the staff, the liaison officer above all, says about a chapter before it is published."""

    __tablename__ = "annual_comments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey(AnnualReport.year), index=True)
    chapter: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
