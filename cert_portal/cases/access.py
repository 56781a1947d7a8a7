"""Who may see a restricted case, and why. There is always somebody, and the owner is always among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from cert_portal.cases import events, family, kept_close, labels
from cert_portal.cases.brief import tell_convenor
from cert_portal.cases.models import Case, CaseAccess
from cert_portal.cases.triage import OPENED_BY
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event, of_subjects, record
from cert_portal.core.text import clean
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of


class AccessRefused(Exception):
    """The step is not possible; `reason` is: may_not_read, is_owner, last_named, not_restricted, reason_missing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def named(case: Case) -> list[tuple[User, str]]:
    """The people named on a case, each with the reason."""
    rows = select(User, CaseAccess.reason).join(CaseAccess, CaseAccess.user_id == User.id)
    found = session.execute(rows.where(CaseAccess.case_id == case.id).order_by(User.name, User.id))
    return [(user, reason) for user, reason in found]


@dataclass(frozen=True)
class Explained:
    """Whether a person can see a case, and why: by_role, named; or why not: no_role, named_without_role, not_named,
    not_active.

    `reason`, `by` and `at` tell who named the person, as far as somebody did; `itself` why nobody had to: opened,
    restricted, owner, or before (owned it when it was opened or restricted).
    """

    user: User
    sees: bool
    why: str
    reason: str = ""
    by: str = ""
    at: datetime | None = None
    itself: Sequence[str] = ()


def explained(case: Case) -> list[Explained]:
    """Everybody with an account, first who can see the case, each with the reason."""
    reasons = {user.id: reason for user, reason in named(case)}
    names = accounts.names()
    told_of = of_subjects([case.number])
    granted = {each.data["user"]: each for each in told_of if each.kind == events.GRANTED.name}
    found = []
    for user in accounts.everybody():
        event = granted.get(user.actor) if user.id in reasons else None
        sees, why = _why(case, user, is_named=user.id in reasons)
        told = reasons.get(user.id, "") if sees else ""
        by = names.get(event.actor, event.actor) if event else ""
        itself = _itself(case, user, told_of) if told == OPENED_BY else ()
        found.append(Explained(user, sees, why, "" if itself else told, by, event.at if event else None, itself))
    return sorted(found, key=lambda each: (not each.sees, not each.user.active, each.user.name))


def _itself(case: Case, user: User, told_of: Sequence[Event]) -> list[str]:
    """Why a person is named whom nobody named."""
    closed = [each.actor for each in told_of if each.kind == events.RESTRICTED.name][-1:]
    opened = [each.actor for each in told_of if each.kind == events.OPENED.name and not closed]
    found = ["opened"] if user.actor in opened else []
    found += ["restricted"] if user.actor in closed else []
    found += ["owner"] if case.owner_id == user.id else []
    return found or ["before"]


def _why(case: Case, user: User, *, is_named: bool) -> tuple[bool, str]:
    if not user.active:
        return False, "not_active"
    if not _may_read(user):
        return False, "named_without_role" if is_named else "no_role"
    if not case.restricted:
        return True, "by_role"
    return (True, "named") if is_named else (False, "not_named")


def restrict(case: Case, reason: str, actor: User) -> None:
    """Keep the case to named people: the one who does so and the owner at first, nobody else. Raises AccessRefused.

    A second press changes nothing.
    """
    family.hold(case)
    if case.restricted:
        return
    why, reports = _reason(reason), reports_of(case, actor)
    case.restricted, case.updated_at = True, clock.now()
    kept_close.tell(case, reports, actor.actor)
    record(events.RESTRICTED, case.number, actor.actor, text=why)
    labels.keep_close(case, actor)
    session.execute(delete(CaseAccess).where(CaseAccess.case_id == case.id))
    session.add_all(
        CaseAccess(case_id=case.id, user_id=each, reason=OPENED_BY) for each in {actor.id, case.owner_id} - {None}
    )
    family.keep_as_close(case)


def unrestrict(case: Case, reason: str, actor: User) -> None:
    """Open the case to everybody who may read cases; the list of names is kept no longer. Raises AccessRefused.

    A second press changes nothing.
    """
    family.hold(case)
    if not case.restricted:
        return
    why = _reason(reason)
    case.restricted, case.updated_at = False, clock.now()
    for row in session.scalars(select(CaseAccess).where(CaseAccess.case_id == case.id)):
        session.delete(row)
    record(events.UNRESTRICTED, case.number, actor.actor, text=why)
    family.keep_as_close(case)
    tell_convenor(case)


def grant(case: Case, user: User, reason: str, actor: User) -> None:
    """Name a person on a restricted case. Raises AccessRefused: may_not_read, reason_missing, not_restricted."""
    family.hold(case)
    why = _reason(reason)
    if not case.restricted:
        raise AccessRefused("not_restricted")
    if not _may_read(user):
        raise AccessRefused("may_not_read")
    session.merge(CaseAccess(case_id=case.id, user_id=user.id, reason=why))
    record(events.GRANTED, case.number, actor.actor, text=why, user=user.actor)
    family.keep_as_close(case)
    tell_convenor(case)


def revoke(case: Case, user: User, actor: User) -> None:
    """Take a person off the case. Raises AccessRefused: is_owner, last_named (nobody who may name others stays)."""
    family.hold(case)
    if user.id == case.owner_id:
        raise AccessRefused("is_owner")
    row = session.get(CaseAccess, (case.id, user.id))
    if row is None:
        return
    if not any(_may_keep(each) for each, _why_named in named(case) if each.id != user.id):
        raise AccessRefused("last_named")
    session.delete(row)
    record(events.REVOKED, case.number, actor.actor, user=user.actor)
    family.keep_as_close(case)


def sole_keeper_of(*users: User) -> int:
    """How many restricted cases, closed ones too, nobody but these people could open to others. Only the number: who
    asks may not see them.
    """
    these = {each.id for each in users}
    others = [each.id for each in accounts.everybody() if each.id not in these and _may_keep(each)]
    other = aliased(CaseAccess)
    is_kept = select(other.user_id).where(other.case_id == Case.id, other.user_id.in_(others)).exists()
    rows = select(func.count(Case.id.distinct())).join(CaseAccess, CaseAccess.case_id == Case.id)
    rows = rows.where(CaseAccess.user_id.in_(these), Case.restricted, Case.state != State.MERGED, ~is_kept)
    return session.scalar(rows) or 0


def _may_read(user: User) -> bool:
    return user.active and Permission.READ_CASES in permissions_of(user.roles)


def _may_keep(user: User) -> bool:
    return user.active and Permission.RESTRICT in permissions_of(user.roles)


def _reason(told: str) -> str:
    why = clean(told).strip()
    if not why:
        raise AccessRefused("reason_missing")
    return why
