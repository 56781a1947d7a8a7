"""Whom to tell of what nobody looks after, and cases whose owner cannot handle them any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from cert_portal.cases import access, events, roster
from cert_portal.cases.models import IS_OPEN, Case
from cert_portal.cases.visible import may_see
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record_many
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, Role, permissions_of
from cert_portal.intake.models import Report

AT_ONCE = 200
"""So many cases lose their owner in one go; the rest follow with the next."""


def whom(about: Case | Report, *also: Case | Report) -> list[User]:
    """The people on duty and the supervisors who are there and may see it, and what is named beside it; else who is
    named on it; else everybody at the desk who is there; else everybody at the desk.
    """
    gone = roster.away()
    everybody = [user for user in accounts.everybody() if all(may_see(each, user) for each in (about, *also))]
    there = [user for user in everybody if user.id not in gone]
    duty = {user.id for user, _shift in roster.on_duty()}
    called = [user for user in there if user.id in duty or Role.SUPERVISOR in user.roles]
    names = access.named(about) if isinstance(about, Case) else []
    named = [user for user, _reason in names if user in everybody]
    handle = [user for user in everybody if _may(user, Permission.HANDLE)]
    return called or named or [user for user in handle if user.id not in gone] or handle


def instead_of(author: User, about: Case | Report, *also: Case | Report) -> list[User]:
    """Whom to tell of a letter about a case or report: the author while at the desk; instead of an author who left or
    may not see it any more, nor what is named beside it, the owner of the case, else those whom `whom` says. At the
    desk the author is told, too.
    """
    told = [author] if _may(author, Permission.ANSWER) else []
    if told and all(may_see(each, author) for each in (about, *also)):
        return told
    owner = session.get(User, about.owner_id) if isinstance(about, Case) and about.owner_id else None
    sees = owner is not None and all(may_see(each, owner) for each in (about, *also))
    return told + ([owner] if owner and sees else whom(about, *also))


def release() -> int:
    """Open cases of people who may handle none any more, because the account was closed or the role taken away, have no
    owner from now on, at most so many at once.
    """
    return _release([user.id for user in accounts.everybody() if not _may(user, Permission.HANDLE)], AT_ONCE)


def release_all_of(user: User) -> int:
    """The same for all that one person owns; answers how many: who closes accounts may not see the cases."""
    return 0 if _may(user, Permission.HANDLE) else _release([user.id])


def _release(gone: Sequence[int], most: int | None = None) -> int:
    rows = select(Case).where(IS_OPEN, Case.owner_id.in_(gone)).order_by(Case.id).limit(most).with_for_update()
    found = list(session.scalars(rows)) if gone else []
    told: list[tuple[str, dict[str, Any]]] = [(each.number, {"before": each.owner_id, "after": None}) for each in found]
    record_many(events.OWNER_SET, "system", told)
    for case in found:
        case.owner_id, case.updated_at = None, clock.now()
    return len(found)


def _may(user: User, what: Permission) -> bool:
    return user.active and what in permissions_of(user.roles)
