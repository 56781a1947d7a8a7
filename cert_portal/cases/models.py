"""Tables of the cases stage. Every query for their rows goes through `visible.visible_to`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.directory.models import User
from cert_portal.intake.models import Report


class Case(Base):
    """One incident, whoever reported it and however often.

    `level_rule` is empty until the level was decided; a level of None with a rule means an attempt with no effect.
    """

    __tablename__ = "cases"
    __table_args__ = (Index(None, "state", "id"), Index(None, "owner_id", "state"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    phase: Mapped[str] = mapped_column(String(40))
    level: Mapped[int | None]
    level_rule: Mapped[str] = mapped_column(String(40), default="")
    level_override_reason: Mapped[str] = mapped_column(Text, default="")
    impact: Mapped[dict[str, Any]] = mapped_column(default=dict)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    restricted: Mapped[bool] = mapped_column(default=False)
    drill: Mapped[bool] = mapped_column(default=False)
    waiting_until: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CaseReport(Base):
    """A report belongs to a case; one report may belong to several."""

    __tablename__ = "case_reports"

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey(Report.id), primary_key=True, index=True)


class CaseAccess(Base):
    """A person who may see a restricted case, and why."""

    __tablename__ = "case_access"

    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(Text)
