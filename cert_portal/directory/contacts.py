"""Contacts of organisations: whom to write to, what they may get, whether they are still right (000-47, 000-61)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean, is_email
from cert_portal.core.tlp import TLP
from cert_portal.directory import calendar, events
from cert_portal.directory.models import ClockUnit
from cert_portal.directory.parties import Contact, ContactRole, LetterFormat, Organisation, PartyKey, ServiceLevel
from cert_portal.directory.refusal import DirectoryRefused

STALE = "contact_stale"
BY_MAIL = tuple(tlp for tlp in TLP if tlp is not TLP.RED)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")


@dataclass(frozen=True)
class ContactTold:
    """What somebody says about a contact."""

    name: str = ""
    role: str = ContactRole.GENERAL
    email: str = ""
    telephone: str = ""
    languages: list[str] = field(default_factory=list)
    service_level: str = ""
    covers: str = ""
    tlp: str = TLP.AMBER
    format: str = LetterFormat.TEXT
    key_fingerprint: str = ""
    must_encrypt: bool = False
    preferred: bool = False
    active: bool = True
    verified_on: date | None = None


def add(organisation: Organisation, told: ContactTold, actor: str) -> Contact:
    """Add a contact. Raises DirectoryRefused."""
    row = Contact(organisation_id=organisation.id, bounces=0, **_checked(told))
    session.add(row)
    session.flush()
    record(events.CONTACT_ADDED, organisation.subject, actor, contact=row.id, role=row.role)
    return row


def change(row: Contact, told: ContactTold, actor: str) -> list[str]:
    """Put other facts in place; answers which. Another address has not bounced yet. Raises DirectoryRefused."""
    values = _checked(told)
    what = [name for name, value in values.items() if getattr(row, name) != value]
    if "email" in what:
        row.bounces = 0
    for name in what:
        setattr(row, name, values[name])
    if what:
        subject = session.get_one(Organisation, row.organisation_id).subject
        record(events.CONTACT_CHANGED, subject, actor, contact=row.id, what=what)
        session.flush()
    return what


def verify(row: Contact, actor: str) -> None:
    """Somebody asked and the contact is right: it is fresh again, and its bounces are forgotten."""
    row.verified_on, row.bounces = _today(), 0
    record(events.CONTACT_VERIFIED, session.get_one(Organisation, row.organisation_id).subject, actor, contact=row.id)


def of(organisation: Organisation) -> list[Contact]:
    """All contacts of an organisation, the ones in use and preferred first."""
    rows = select(Contact).where(Contact.organisation_id == organisation.id)
    return list(session.scalars(rows.order_by(Contact.active.desc(), Contact.preferred.desc(), Contact.id)))


def best(organisation: Organisation, role: ContactRole) -> Contact | None:
    """Whom to write to: a contact in use with an address, of this role before others, preferred, without bounces."""
    usable = [each for each in of(organisation) if each.active]
    return min(
        usable, key=lambda each: (not each.email, each.bounces > 0, each.role != role, not each.preferred), default=None
    )


def belongs(organisation_id: int, address: str) -> bool:
    """Whether a mail address is one of the organisation's contacts."""
    own = Contact.organisation_id == organisation_id
    rows = select(Contact.id).where(own, func.lower(Contact.email) == address.lower())
    return bool(address) and session.scalar(rows.limit(1)) is not None


def is_stale(row: Contact) -> bool:
    """Whether nobody has verified the contact for longer than the clock rule `contact_stale` allows."""
    rule = calendar.rule(STALE)
    if rule is None:
        return False
    days = rule.amount * {ClockUnit.MINUTES: 1 / 1440, ClockUnit.HOURS: 1 / 24}.get(ClockUnit(rule.unit), 1)
    return row.verified_on is None or row.verified_on + timedelta(days=days) < _today()


def _today() -> date:
    return clock.now().astimezone(current().zone).date()


def _checked(told: ContactTold) -> dict[str, object]:
    email, telephone = told.email.strip(), clean(told.telephone).strip()[:60]
    if not (email or telephone):
        raise DirectoryRefused("no_way")
    if email and not is_email(email):
        raise DirectoryRefused("bad_email", told.email)
    languages = [each.strip().lower() for each in told.languages]
    for each in languages:
        if not _LANGUAGE.fullmatch(each):
            raise DirectoryRefused("bad_language", each)
    fingerprint = re.sub(r"\s", "", told.key_fingerprint).upper()
    if fingerprint and session.get(PartyKey, fingerprint) is None:
        raise DirectoryRefused("unknown_key", told.key_fingerprint)
    return {
        "name": clean(told.name).strip()[:120],
        "role": _one_of(told.role, ContactRole, "unknown_role"),
        "email": email,
        "telephone": telephone,
        "languages": languages,
        "service_level": _one_of(told.service_level, ServiceLevel, "unknown_level"),
        "covers": clean(told.covers).strip()[:200],
        "tlp": _one_of(told.tlp, BY_MAIL, "unknown_tlp"),
        "format": _one_of(told.format, LetterFormat, "unknown_format"),
        "key_fingerprint": fingerprint,
        **{name: getattr(told, name) for name in ("must_encrypt", "preferred", "active", "verified_on")},
    }


def _one_of(told: str, known: object, reason: str) -> str:
    if told not in set(known):  # type: ignore[call-overload]  # an enumeration or some of its members
        raise DirectoryRefused(reason, told)
    return str(told)
