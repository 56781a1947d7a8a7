"""Tables of the coordination stage. Every query for their rows goes through `visible.referrals_visible_to`."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cert_portal.cases.models import Case
from cert_portal.core.db import Base, BigId
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.directory.parties import Contact, Organisation


class Referral(Base):
    """A case passed on to one party: what, why them, how sealed, and what came of it.

    `observables` are pairs (kind, value); `reasons` tell why this party (chains of the directory). `asked_at` is when
    the party was last asked, `answered_at` stops its clock. `link_epoch` is raised to make its old links worthless.
    """

    __tablename__ = "referrals"
    __table_args__ = (Index(None, "state", "asked_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey(Case.id), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey(Contact.id))
    state: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(8))
    tlp: Mapped[str] = mapped_column(String(20), default=TLP.AMBER)
    observables: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    reasons: Mapped[list[list[dict[str, str]]]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    deadline_on: Mapped[date | None] = mapped_column(Date)
    consent_who: Mapped[str] = mapped_column(String(200), default="")
    consent_at: Mapped[datetime | None]
    held_reason: Mapped[str] = mapped_column(String(24), default="")
    their_reference: Mapped[str] = mapped_column(String(80), default="")
    letter_id: Mapped[int | None] = mapped_column(ForeignKey(Letter.id))
    recipient: Mapped[str] = mapped_column(String(320), default="")
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    link_epoch: Mapped[int] = mapped_column(Integer, default=1)
    link_expires_at: Mapped[datetime | None]
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    drafted_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    files: Mapped[list[ReferralFile]] = relationship(order_by="ReferralFile.id", viewonly=True)


class PlannedReferral(Base):
    """A referral that a person dated for later; `reason` says why it was stopped. When it leaves the row goes."""

    __tablename__ = "planned_referrals"

    referral_id: Mapped[int] = mapped_column(ForeignKey(Referral.id, ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    leaves_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(24), default="")


class ReferralMessage(Base):
    """What came back from a party: by its page, by mail, or by telephone as somebody noted it."""

    __tablename__ = "referral_messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey(Referral.id), index=True)
    at: Mapped[datetime]
    verb: Mapped[str] = mapped_column(String(12))
    how: Mapped[str] = mapped_column(String(12))
    sender: Mapped[str] = mapped_column(String(320), default="")
    known_sender: Mapped[bool] = mapped_column(default=True)
    text: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[str | None] = mapped_column(String(40))


class ReferralFile(Base):
    """A file that a party sent: never executed, never shown inline."""

    __tablename__ = "referral_files"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey(Referral.id), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey(ReferralMessage.id))
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    blob_key: Mapped[str] = mapped_column(String(64))
    notes: Mapped[list[str]] = mapped_column(default=list)
    added_at: Mapped[datetime]
