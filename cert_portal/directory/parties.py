"""Tables of who is who outside the centre: organisations, their contacts and keys, and the networks they answer for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.core.db import Base, BigId
from cert_portal.core.i18n import Language
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User


class OrganisationKind(StrEnum):
    """What an organisation is to the centre (001-28)."""

    ISP = "isp"
    HOSTING = "hosting"
    REGISTRY = "registry"
    REGISTRAR = "registrar"
    ASSOCIATION = "association"
    POLICE = "police"
    REGULATOR = "regulator"
    GOVERNMENT = "government"
    VENDOR = "vendor"
    CERT = "cert"
    MEMBER = "member"
    GROUP = "group"
    BANK = "bank"
    MEDIA = "media"
    OTHER = "other"


class Reach(StrEnum):
    """For whom a body works (001-04): the whole society, or a defined group."""

    UNKNOWN = ""
    NATIONAL = "national"
    CONSTITUENCY = "constituency"


class ContactRole(StrEnum):
    """What a contact is for."""

    GENERAL = "general"
    ABUSE = "abuse"
    SECURITY = "security"
    DUTY = "duty"
    LEGAL = "legal"
    PRESS = "press"
    MANAGEMENT = "management"


class ServiceLevel(StrEnum):
    """When a service desk answers (000-61)."""

    UNKNOWN = ""
    NEXT_WORKING_DAY = "8x5xNBD"
    ROUND_THE_CLOCK = "7x24x4"


class LetterFormat(StrEnum):
    """How a contact wants to be told of many findings."""

    TEXT = "text"
    CSV = "csv"
    XARF = "xarf"


class Organisation(Base):
    """A body outside. `sort_key` is its name as it is compared: no two have the same.

    `body` is the code of who_to_tell.toml for the bodies that reporters are told about.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), index=True)
    reach: Mapped[str] = mapped_column(String(12), default=Reach.UNKNOWN)
    body: Mapped[str] = mapped_column(String(24), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_zh_hant: Mapped[str] = mapped_column(String(200), default="")
    sort_key: Mapped[str] = mapped_column(String(200), unique=True)
    sector: Mapped[str] = mapped_column(String(60), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    fictional: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def subject(self) -> str:
        """How the record of events names this organisation."""
        return f"organisation:{self.id}"

    def name(self, language: str) -> str:
        """The name in a language, else the one that there is."""
        names = (self.name_zh_hant, self.name_en) if language == Language.ZH_HANT else (self.name_en, self.name_zh_hant)
        return names[0] or names[1]


class Unit(Base):
    """A part of an organisation that reports only through the organisation's coordinator (004-11)."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id))
    name: Mapped[str] = mapped_column(String(120))


class Member(Base):
    """A person who reports for an organisation. Without a unit: its coordinator, who speaks for all of it."""

    __tablename__ = "members"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)

    @property
    def is_coordinator(self) -> bool:
        """Whether this person may send reports to the centre and sees those of all units."""
        return self.unit_id is None


class Importance(StrEnum):
    """What a system is to its organisation: the level rules ask for it (004-03 to 004-06)."""

    NON_CORE = "non_core"
    CORE = "core"
    CII = "cii"


class OwnSystem(Base):
    """What one of the kinds of system is to an organisation. With a supervisor it is a central, common one (004-12)."""

    __tablename__ = "own_systems"

    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    importance: Mapped[str] = mapped_column(String(8))
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id), index=True)


class PartyKey(Base):
    """Facts about an OpenPGP key of somebody outside; the key itself lies in the desk key ring."""

    __tablename__ = "party_keys"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    user_ids: Mapped[list[str]]
    created_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked: Mapped[bool] = mapped_column(default=False)
    can_encrypt: Mapped[bool] = mapped_column(default=True)
    read_at: Mapped[datetime]


class Contact(Base):
    """A desk or a person of an organisation.

    `tlp` is the most that may go there in clear; above it a letter must be encrypted. `bounces` counts letters that
    came back for good since somebody last verified the contact or an answer came.
    """

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(12), default=ContactRole.GENERAL)
    email: Mapped[str] = mapped_column(String(320), default="", index=True)
    telephone: Mapped[str] = mapped_column(String(60), default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    service_level: Mapped[str] = mapped_column(String(8), default=ServiceLevel.UNKNOWN)
    covers: Mapped[str] = mapped_column(String(200), default="")
    tlp: Mapped[str] = mapped_column(String(20), default=TLP.AMBER)
    format: Mapped[str] = mapped_column(String(8), default=LetterFormat.TEXT)
    key_fingerprint: Mapped[str] = mapped_column(String(64), default="")
    must_encrypt: Mapped[bool] = mapped_column(default=False)
    preferred: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    verified_on: Mapped[date | None] = mapped_column(Date)
    bounces: Mapped[int] = mapped_column(Integer, default=0)


class AutonomousSystem(Base):
    """A network number and whose it is."""

    __tablename__ = "autonomous_systems"

    asn: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)


class Domain(Base):
    """A domain and who answers for it and for what lies below it."""

    __tablename__ = "domains"

    name: Mapped[str] = mapped_column(String(253), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(Organisation.id), index=True)


class NetworkSource(StrEnum):
    """Where a prefix was learnt from. The directory's own word comes before the others."""

    DIRECTORY = "directory"
    CSV = "csv"
    PFX2AS = "pfx2as"
    DELEGATED = "delegated"


class Network(Base):
    """A prefix. `key` has a fixed width and sorts as the ranges do: the first address in hexadecimal (IPv4 is mapped
    into IPv6), then the length. So the longest prefix of an address is found by primary keys alone.
    """

    __tablename__ = "networks"

    key: Mapped[str] = mapped_column(String(35), primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    asn: Mapped[int | None] = mapped_column(BigInteger)
    origins: Mapped[str] = mapped_column(String(200), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(Organisation.id), index=True)
    country: Mapped[str] = mapped_column(String(2), default="")
    batch: Mapped[int] = mapped_column(BigInteger, default=0)
