"""Tables of the publishing stage: an advisory, and its versions one after the other."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cert_portal.cases.models import Case
from cert_portal.core.db import Base, BigId
from cert_portal.directory.models import User


class AdvisoryState(StrEnum):
    """The life of one version of an advisory."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    EMBARGOED = "embargoed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class RiskLevel(IntEnum):
    """How much an advisory matters: impact and exploitation together, not a score alone."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    EXTREME = 4


class Advisory(Base):
    """One matter that the public is told about. The id is given once and never again; the page never goes away."""

    __tablename__ = "advisories"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    source: Mapped[str] = mapped_column(Text, default="")
    first_published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    versions: Mapped[list[AdvisoryVersion]] = relationship(order_by="AdvisoryVersion.version", viewonly=True)


class AdvisoryVersion(Base):
    """What an advisory says at one time. `content` is a publishing.content.Content as JSON.

    `editors` are all who had a hand in the words: none of them may approve. `approved_digest` is of exactly what the
    second reader saw; `issued_at` is when the version counts from, set before it is signed so that signing it again
    after a kill makes the same documents; `published_at` is when that was done. `bodies` holds, by language, the
    subject and the digest of the signed body of the mail.
    """

    __tablename__ = "advisory_versions"
    __table_args__ = (
        UniqueConstraint("advisory_id", "version"),
        Index(None, "state", "issued_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    advisory_id: Mapped[int] = mapped_column(ForeignKey(Advisory.id))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    content: Mapped[dict[str, Any]]
    level: Mapped[int]
    withdrawal: Mapped[bool] = mapped_column(default=False)
    editors: Mapped[list[str]]
    approver_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    approved_digest: Mapped[str] = mapped_column(String(64), default="")
    embargo_until: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(Text, default="")
    issued_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    bodies: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    advisory: Mapped[Advisory] = relationship(viewonly=True)

    @property
    def change(self) -> str:
        """What the version is to its readers: new, update or withdrawal."""
        return "withdrawal" if self.withdrawal else "new" if self.version == 1 else "update"


class AdvisoryCase(Base):
    """A case that led to an advisory: the line from report to warning."""

    __tablename__ = "advisory_cases"

    advisory_id: Mapped[int] = mapped_column(ForeignKey(Advisory.id), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), primary_key=True, index=True)
