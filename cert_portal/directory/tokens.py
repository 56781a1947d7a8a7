"""Tokens of programs: printed once, kept as a hash, taken back at any time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.directory.models import ApiToken, User

ADDED = declare("token.added", "A program was given a token", "token", "scopes")
REVOKED = declare("token.revoked", "The token of a program was taken back", "token")


class Scope(StrEnum):
    """What a token allows."""

    REPORTS_WRITE = "reports:write"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    FINDINGS_WRITE = "findings:write"
    FIGURES_READ = "figures:read"
    TAXII_READ = "taxii:read"


IN_FORCE = (Scope.REPORTS_WRITE,)
"""What the interface asks for so far; the others are kept for what is to come."""


def add(user: User, scopes: Collection[Scope], actor: str = "system") -> tuple[ApiToken, str]:
    """Give a token; answers the row and the token itself, which cannot be shown again."""
    told = f"cp_{secrets.token_urlsafe(32)}"
    row = ApiToken(user_id=user.id, digest=_digest(told), scopes=sorted(scopes), created_at=clock.now())
    session.add(row)
    session.flush()
    record(ADDED, user.actor, actor, token=row.id, scopes=row.scopes)
    return row, told


def find(told: str) -> tuple[ApiToken, User] | None:
    """The token and whose it is; None when it is unknown, taken back, or its account is closed."""
    rows = select(ApiToken, User).join(User, User.id == ApiToken.user_id)
    found = session.execute(rows.where(ApiToken.digest == _digest(told))).first()
    if found is None or found[0].revoked_at or not found[1].active:
        return None
    return found[0], found[1]


def everything() -> list[tuple[ApiToken, User]]:
    """All tokens, with whose they are."""
    rows = select(ApiToken, User).join(User, User.id == ApiToken.user_id).order_by(ApiToken.id)
    return [(token, user) for token, user in session.execute(rows)]


def revoke(token_id: int, actor: str = "system") -> bool:
    """Take a token back; False when there is none of that number or it was taken back before."""
    row = session.get(ApiToken, token_id)
    if row is None or row.revoked_at:
        return False
    row.revoked_at = clock.now()
    record(REVOKED, session.get_one(User, row.user_id).actor, actor, token=row.id)
    return True


def _digest(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()
