"""Keys of people outside: the key lies in the desk key ring, what it says about itself in the database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from cert_portal.core import clock, crypto
from cert_portal.core.crypto import KeyFacts
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory import events
from cert_portal.directory.parties import Organisation, PartyKey
from cert_portal.directory.refusal import DirectoryRefused

MISSING, EXPIRED, REVOKED, NO_ENCRYPTION = "missing", "expired", "revoked", "no_encryption"


def read(armoured: str, *, only_look: bool = False) -> list[KeyFacts]:
    """Put keys into the desk key ring, or only look at them; answers their facts. Runs gpg: no transaction may be open.

    Raises DirectoryRefused: no_key, private_key.
    """
    if "PRIVATE KEY" in armoured:
        raise DirectoryRefused("private_key")
    if "BEGIN PGP PUBLIC KEY" not in armoured:
        raise DirectoryRefused("no_key")
    ring = crypto.desk()
    known = ring.look(armoured)
    if not only_look:
        known = [facts for facts in map(ring.facts, dict.fromkeys(ring.take(armoured))) if facts]
    if not known:
        raise DirectoryRefused("no_key")
    return known


def keep(organisation: Organisation, facts: KeyFacts, actor: str) -> PartyKey:
    """Store what a key says. Told again it brings the facts up to date. Raises DirectoryRefused("key_taken")."""
    before = session.get(PartyKey, facts.fingerprint)
    if before and before.organisation_id != organisation.id:
        raise DirectoryRefused("key_taken", facts.fingerprint)
    row = session.merge(
        PartyKey(
            fingerprint=facts.fingerprint,
            organisation_id=organisation.id,
            user_ids=facts.user_ids,
            created_at=_moment(facts.created),
            expires_at=_moment(facts.expires),
            revoked=facts.revoked,
            can_encrypt=facts.can_encrypt,
            read_at=clock.now(),
        )
    )
    expires = row.expires_at.isoformat() if row.expires_at else ""
    record(
        events.KEY_TAKEN, organisation.subject, actor, fingerprint=row.fingerprint, expires=expires, revoked=row.revoked
    )
    session.flush()
    return row


def of(organisation: Organisation) -> list[PartyKey]:
    """The keys of an organisation, the one that lasts longest first."""
    rows = session.scalars(select(PartyKey).where(PartyKey.organisation_id == organisation.id)).all()
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(rows, key=lambda row: (row.revoked, -(row.expires_at or never).timestamp(), row.fingerprint))


def owner(fingerprint: str) -> Organisation | None:
    """Whose key this is; a key that the directory does not know proves nothing about who somebody is."""
    row = session.get(PartyKey, fingerprint) if fingerprint else None
    return session.get_one(Organisation, row.organisation_id) if row else None


def trouble(fingerprint: str) -> str:
    """Why nothing can be encrypted to this key now: missing, expired, revoked, no_encryption; "" when it can."""
    row = session.get(PartyKey, fingerprint) if fingerprint else None
    if row is None:
        return MISSING
    if row.revoked:
        return REVOKED
    if row.expires_at and row.expires_at <= clock.now():
        return EXPIRED
    return "" if row.can_encrypt else NO_ENCRYPTION


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
