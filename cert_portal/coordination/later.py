"""Referrals that leave later: dated by a person, changed or called off until they leave.

What hinders one is found at once, not when its time comes: it is stopped, its author is told, and the draft stays. One
that cannot be sealed as it must be is held when its time comes, as it is whenever it is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from cert_portal.cases import called, notices
from cert_portal.cases.later import LaterRefused, check_time
from cert_portal.cases.visible import may_see
from cert_portal.coordination import events, refer
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import PlannedReferral, Referral
from cert_portal.coordination.workflow import SENDABLE, ReferralRefused, State
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of


def plan(referral: Referral, leaves_at: datetime, actor: User) -> PlannedReferral:
    """Let it leave at that time, or at another than before. Raises LaterRefused, and ReferralRefused as `send` does:
    what can be seen now is said now.
    """
    check_time(leaves_at)
    refer.hold_sendable(referral)
    if lacking := refer.hindrances(referral):
        raise ReferralRefused(lacking[0])
    row = refer.planned_of(referral) or PlannedReferral(referral_id=referral.id)
    row.author_id, row.leaves_at, row.reason = actor.id, leaves_at, ""
    session.add(row)
    record(events.PLANNED, referral.number, actor.actor, leaves_at=leaves_at.isoformat())
    session.flush()
    return row


def cancel(referral: Referral, actor: User) -> None:
    """Let it not leave by itself; the draft stays. Raises LaterRefused("has_left") when there is no time any more."""
    row = session.get(PlannedReferral, referral.id, with_for_update=True, populate_existing=True)
    if row is None:
        raise LaterRefused("has_left")
    refer.forget_time(referral)
    record(events.PLAN_CANCELLED, referral.number, actor.actor)


def waiting() -> list[int]:
    """All that wait, whether it is time or not: what hinders one is told before its time."""
    rows = select(PlannedReferral.referral_id).where(PlannedReferral.reason == "")
    return list(session.scalars(rows.order_by(PlannedReferral.leaves_at)))


def look_at(referral_id: int) -> str:
    """Stop a referral that may not leave any longer, send one whose time has come; answers its state."""
    held = {"skip_locked": True}
    row = session.get(PlannedReferral, referral_id, with_for_update=held, populate_existing=True)
    if row is None or row.reason:
        return ""
    referral, author = session.get_one(Referral, referral_id), session.get_one(User, row.author_id)
    if reason := _hindrance(referral, author):
        row.reason = reason
        record(events.PLAN_STOPPED, referral.number, "system", reason=reason)
        _tell(referral, author)
    elif row.leaves_at <= clock.now() and refer.send(referral, author) is State.HELD:
        _tell(referral, author)
    return referral.state


def _hindrance(referral: Referral, author: User) -> str:
    if not author.active or Permission.REFER not in permissions_of(author.roles):
        return "author"
    if not may_see(case_at_work(referral), author):
        return "access"
    if referral.state not in SENDABLE:
        return "state"
    return next(iter(refer.hindrances(referral)), "")


def _tell(referral: Referral, author: User) -> None:
    """The author is told, or who is there instead; without the number of the case who may not see it any more."""
    case = case_at_work(referral)
    for user in called.instead_of(author, case):
        subject = case.number if may_see(case, user) else user.actor
        notices.tell(notices.Kind.LETTER, user, subject, f"stopped {referral.number} {clock.now():%Y%m%d%H%M}")
