"""Values by which nothing is compared, whoever names them: each with a reason, who said so, and perhaps an end.

Nothing is removed: an end is a new fact, so that it stays known why two cases did not find each other.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from cert_portal.cases.models import IgnoredValue
from cert_portal.cases.workflow import today
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import clean, defang, refang
from cert_portal.directory.models import User
from cert_portal.intake import observables

IGNORED = declare("value.ignored", "A value is ignored when cases are compared", "kind", "until")
HEEDED = declare("value.heeded", "A value that was ignored is compared again", "kind")
MOST = 1000


class ValueRefused(Exception):
    """A step with values is not possible; `reason` is a code: empty, loses_part, reason_missing, past,
    no_value, too_many."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def in_force() -> ColumnElement[bool]:
    """The condition for rows that hold today."""
    ends = or_(IgnoredValue.until.is_(None), IgnoredValue.until >= today())
    return and_(IgnoredValue.ended_at.is_(None), ends)


def is_ignored(named: Any) -> ColumnElement[bool]:
    """The condition for rows that bear the kind and the digest of an ignored value."""
    same = and_(IgnoredValue.kind == named.kind, IgnoredValue.digest == named.digest)
    return select(IgnoredValue.id).where(same, in_force()).exists()


def everywhere() -> set[tuple[str, str]]:
    """Kind and digest of every value that is ignored today: there are few."""
    rows = select(IgnoredValue.kind, IgnoredValue.digest).where(in_force())
    return {(kind, digest) for kind, digest in session.execute(rows)}


def ignore(told: str, reason: str, until: date | None, actor: User) -> list[IgnoredValue]:
    """Ignore the values of a text from now on; again it sets another reason or end.

    Raises ValueRefused: empty (no value in it, or a network, which is none), loses_part (of which
    more would be ignored: a domain with a path), reason_missing, past (the end is over).
    """
    plain = refang(clean(told))
    found, why = _typed(plain), clean(reason).strip()
    if not found or any(map(observables.is_network, plain.split())):
        raise ValueRefused("empty")
    if any(map(observables.loses_part, plain.split())):
        raise ValueRefused("loses_part")
    if not why:
        raise ValueRefused("reason_missing")
    if until and until < today():
        raise ValueRefused("past")
    return [_put(kind, value, why, until, actor) for kind, value in found]


def _typed(plain: str) -> list[tuple[str, str]]:
    """The values of a text; of a web address the address alone, not its host besides."""
    words = [observables.find(word) for word in plain.split()]
    is_url = [any(kind == "url" for kind, _value in each) for each in words]
    alone = {pair for each, url in zip(words, is_url, strict=True) for pair in each if not url or pair[0] == "url"}
    within = {pair for each, url in zip(words, is_url, strict=True) for pair in each if url} - alone
    return [pair for pair in observables.find(plain) if pair not in within]


def _put(kind: str, value: str, reason: str, until: date | None, actor: User) -> IgnoredValue:
    digest, now = observables.digest(value), clock.now()
    rows = select(IgnoredValue).where(IgnoredValue.kind == kind, IgnoredValue.digest == digest)
    for before in session.scalars(rows.where(IgnoredValue.ended_at.is_(None))):
        before.ended_at = now
    row = IgnoredValue(kind=kind, digest=digest, value=value, reason=reason, user_id=actor.id, at=now, until=until)
    session.add(row)
    session.flush()
    told: dict[str, Any] = {"kind": kind, "until": until.isoformat() if until else None}
    record(IGNORED, f"ignored:{row.id}", actor.actor, text=f"{defang(value)}: {reason}", **told)
    return row


def heed(ignored_id: int, actor: User) -> None:
    """Compare by it again; twice is harmless."""
    row = session.get(IgnoredValue, ignored_id)
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()
        record(HEEDED, f"ignored:{row.id}", actor.actor, text=defang(row.value), kind=row.kind)
        session.flush()


def listed() -> list[IgnoredValue]:
    """Those that hold today first, then those that are over, the newest first."""
    rows = select(IgnoredValue).order_by(~in_force(), IgnoredValue.id.desc())
    return list(session.scalars(rows.limit(MOST)))


def holds(row: IgnoredValue) -> bool:
    """Whether it is in force today."""
    return row.ended_at is None and (row.until is None or row.until >= today())
