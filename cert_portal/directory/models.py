"""Tables of the directory: people of the centre, how they tried to sign in, holidays and clock rules."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId


class User(Base):
    """A person with an account. Raising `session_epoch` ends every session that the person has open."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    totp_last_step: Mapped[int] = mapped_column(BigId, default=0)
    roles: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(String(8), default="en")
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]

    @property
    def actor(self) -> str:
        """How the record of events names this person."""
        return f"user:{self.id}"

    @property
    def is_authenticated(self) -> bool:
        """A row is always somebody (protocol of the session manager)."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """A row is always somebody (protocol of the session manager)."""
        return False

    @property
    def is_active(self) -> bool:
        """Whether the account may be used (protocol of the session manager)."""
        return self.active

    def get_id(self) -> str:
        """What a session keeps: worthless as soon as the epoch is raised."""
        return f"{self.id}.{self.session_epoch}"


class ApiToken(Base):
    """A token of a program, for the account that answers for it. Only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """One try to sign in, counted for a while. `account` is a keyed hash: an address that is not ours is not kept."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "account", "at"), Index(None, "source", "at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(80))
    known_device: Mapped[bool]
    at: Mapped[datetime] = mapped_column(index=True)
    ok: Mapped[bool]


class Holiday(Base):
    """A general holiday: no working day."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name_en: Mapped[str] = mapped_column(String(120))
    name_zh_hant: Mapped[str] = mapped_column(String(120))


class ClockUnit(StrEnum):
    """What the amount of a clock rule counts."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


class ClockRule(Base):
    """How long something may take. It warns when less than `warn_fraction` of the time is left."""

    __tablename__ = "clock_rules"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    warn_fraction: Mapped[float] = mapped_column(default=0.25)
    enabled: Mapped[bool] = mapped_column(default=True)
