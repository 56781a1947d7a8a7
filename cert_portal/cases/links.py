"""Cases that have to do with each other. Who may not see one of the two learns neither its number nor of the link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from cert_portal.cases import events, family
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case, CaseLink
from cert_portal.cases.visible import visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean
from cert_portal.directory.models import User

SPLIT = "split"
"""The reason that stands beside a case that was split off; the face puts it into words."""


@dataclass(frozen=True)
class Linked:
    """Another case, and why it is linked: more than one reason after merging."""

    case: Case
    reasons: Sequence[str]


def link(case: Case, other: Case, reason: str, actor: User) -> None:
    """Say that two cases have to do with each other; again it sets another reason.

    Raises HandlingRefused: itself, reason_missing.
    """
    why = clean(reason).strip()
    if case.id == other.id:
        raise HandlingRefused("itself")
    if not why:
        raise HandlingRefused("reason_missing")
    family.hold(case, other)
    first, second = sorted((case, other), key=lambda each: each.id)
    session.merge(CaseLink(case_id=first.id, other_id=second.id, reason=why, user_id=actor.id, at=clock.now()))
    for one, two in ((case, other), (other, case)):
        record(events.LINKED, one.number, actor.actor, text=None if why == SPLIT else why, case=two.number)
        one.updated_at = clock.now()
    session.flush()


def unlink(case: Case, other: Case, actor: User) -> None:
    """Take the link away, wherever merging has brought it; twice is harmless."""
    family.hold(case, other)
    ours, theirs = family.ids(case), family.ids(other)
    there = and_(CaseLink.case_id.in_(ours), CaseLink.other_id.in_(theirs))
    back = and_(CaseLink.case_id.in_(theirs), CaseLink.other_id.in_(ours))
    rows = list(session.scalars(select(CaseLink).where(or_(there, back))))
    for row in rows:
        session.delete(row)
    if rows:
        for one, two in ((case, other), (other, case)):
            record(events.UNLINKED, one.number, actor.actor, case=two.number)
            one.updated_at = clock.now()
    session.flush()


def links_of(case: Case, user: User) -> list[Linked]:
    """The cases that this one, or one that went into it, is linked with, with every reason that was told, as far as the
    person may see them.
    """
    ours = family.ids(case)
    there = select(Case, CaseLink.reason).join(CaseLink, CaseLink.other_id == Case.id)
    back = select(Case, CaseLink.reason).join(CaseLink, CaseLink.case_id == Case.id)
    found: dict[int, Linked] = {}
    for rows in (there.where(CaseLink.case_id.in_(ours)), back.where(CaseLink.other_id.in_(ours))):
        for other, reason in session.execute(rows.where(visible_to(user))):
            now = family.standing(other)
            if now.id != case.id:
                told = found[now.id].reasons if now.id in found else ()
                found[now.id] = Linked(now, tuple(dict.fromkeys((*told, reason))))
    return [found[key] for key in sorted(found)]
