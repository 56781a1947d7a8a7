"""Tables of the letters of a case: templates with all their versions, and letters that leave at a later time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.cases.models import Case
from cert_portal.core.db import Base, BigId
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.models import User
from cert_portal.intake.models import Report


class LetterTemplate(Base):
    """Words that the desk writes again and again; `code` names it in files, `version` is the one in use."""

    __tablename__ = "letter_templates"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    version: Mapped[int]
    retired_at: Mapped[datetime | None]


class TemplateVersion(Base):
    """What a template said: name, subject and text for each language. Without `user_id` it came with the portal."""

    __tablename__ = "letter_template_versions"

    template_id: Mapped[int] = mapped_column(ForeignKey(LetterTemplate.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    at: Mapped[datetime]


class PlannedState(StrEnum):
    """The life of a letter that leaves later."""

    WAITS = "waits"
    LEFT = "left"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class PlannedLetter(Base):
    """A letter to a reporter that a person dated for later. `reason` says why it was stopped.

    Without `case_id` it was written on the page of the report.
    """

    __tablename__ = "planned_letters"
    __table_args__ = (Index(None, "state", "leaves_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey(Case.id), index=True)
    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    wants_answer: Mapped[bool]
    written_at: Mapped[datetime]
    leaves_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(24), default="")
    letter_id: Mapped[int | None] = mapped_column(ForeignKey(Letter.id), index=True)
