"""The note at the change of shifts: what the last shift says, and what it leaves behind. The next confirms reading.

What was said and listed stands in an event, which nobody can change. Everybody who may read cases may read it; of the
cases listed everybody sees those that they may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from cert_portal.cases import notices, roster
from cert_portal.cases.conditions import MAJOR, Condition
from cert_portal.cases.due import overdue
from cert_portal.cases.models import IS_OPEN, Case
from cert_portal.cases.notices import Kind
from cert_portal.cases.team import Handover
from cert_portal.cases.visible import visible_to
from cert_portal.cases.workflow import State, today
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, just_said, of_subjects, record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of

WRITTEN = declare("team.handed_over", "A shift was handed over", "to", "major", "overdue", "waiting")
READ = declare("team.handover_read", "Somebody confirmed having read a handover")
MOST = 50
RECENT = 50
PRESS = timedelta(minutes=1)


class HandoverRefused(Exception):
    """Not handed over, or not confirmed; `reason` is a code: empty, may_not_read, not_for_you."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Part:
    """Cases of one sort, as far as the reader may see them. `more` are those beyond the first fifty."""

    cases: Sequence[Case]
    more: int = 0


def left_behind(user: User) -> dict[str, Part]:
    """What waits now: open major cases, overdue ones, and those that waited until today."""
    waits: dict[str, Condition] = {
        "major": Case.level >= MAJOR,
        "overdue": overdue(user),
        "waiting": (Case.state == State.WAITING) & (Case.waiting_until <= today()),
    }
    return {name: _part(user, condition) for name, condition in waits.items()}


def _part(user: User, condition: Condition) -> Part:
    where = (IS_OPEN, condition, visible_to(user))
    rows = select(Case).where(*where).order_by(Case.level.desc().nulls_last(), Case.id).limit(MOST)
    cases = session.scalars(rows).all()
    count = session.scalar(select(func.count(Case.id)).where(*where)) or 0
    return Part(cases, count - len(cases))


def write(text: str, to: User | None, actor: User) -> Handover:
    """Hand over to a person, or to whoever comes next, who are told, too, while that person is away; the same again
    within a minute is a second press, and answers the first. Raises HandoverRefused: empty, may_not_read.
    """
    words = clean(text).strip()
    if not words:
        raise HandoverRefused("empty")
    if to is not None and not (to.active and Permission.READ_CASES in permissions_of(to.roles)):
        raise HandoverRefused("may_not_read")
    if before := _just_written(words, to, actor):
        return before
    row = Handover(author_id=actor.id, to_id=to.id if to else None, at=clock.now())
    session.add(row)
    session.flush()
    behind: dict[str, Any] = {name: [case.number for case in part.cases] for name, part in left_behind(actor).items()}
    record(WRITTEN, row.subject, actor.actor, text=words, to=row.to_id, **behind)
    for user in _told(to, actor):
        if user.id != actor.id:
            notices.tell(Kind.HANDOVER, user, row.subject, str(row.id))
    return row


def _told(to: User | None, actor: User) -> list[User]:
    if to is not None and to.id not in roster.away():
        return [to]
    come = [user for user, _shift in roster.on_duty() + roster.next_on_duty(besides=actor)]
    return [to, *come] if to is not None else come


def _just_written(words: str, to: User | None, actor: User) -> Handover | None:
    is_to = Handover.to_id.is_not_distinct_from(to.id if to else None)
    rows = select(Handover).where(Handover.author_id == actor.id, is_to, Handover.at > clock.now() - PRESS)
    found = session.scalars(rows).all()
    return next((row for row in found if just_said(WRITTEN, row.subject, actor.actor, words)), None)


def confirm(row: Handover, user: User) -> None:
    """Say that one has read it, for all to whom it waits; twice is harmless. Raises HandoverRefused("not_for_you")."""
    if row.read_at is not None:
        return
    if not may_confirm(row, user):
        raise HandoverRefused("not_for_you")
    row.read_at, row.read_by_id = clock.now(), user.id
    record(READ, row.subject, user.actor)
    notices.settle(row.subject)


def may_confirm(row: Handover, user: User) -> bool:
    """Whether it waits for this person."""
    return session.scalar(select(Handover.id).where(Handover.id == row.id, _waits_for(user))) is not None


def waiting_for(user: User) -> list[Handover]:
    """Handovers that the person has yet to confirm, the oldest first."""
    return list(session.scalars(select(Handover).where(_waits_for(user)).order_by(Handover.id)))


def _waits_for(user: User) -> ColumnElement[bool]:
    """Told by name, or to nobody by name, or to somebody who is away or has left: anybody but who wrote it confirms."""
    left = select(User.id).where(User.active.is_(False))
    for_anybody = or_(Handover.to_id.is_(None), Handover.to_id.in_(roster.away_ids()), Handover.to_id.in_(left))
    return and_(Handover.read_at.is_(None), Handover.author_id != user.id, or_(Handover.to_id == user.id, for_anybody))


def recent() -> list[Handover]:
    """The last ones, the newest first."""
    return list(session.scalars(select(Handover).order_by(Handover.id.desc()).limit(RECENT)))


def said(rows: Sequence[Handover]) -> dict[int, str]:
    """What each of these says, by id; nothing where the words were erased."""
    by_subject = {row.subject: row.id for row in rows}
    found = of_subjects(list(by_subject))
    return {by_subject[each.subject]: each.text or "" for each in found if each.kind == WRITTEN.name}


def listed(row: Handover, user: User) -> Mapping[str, Part]:
    """What was listed then, as it stands now, as far as the person may see it."""
    event = next(each for each in of_subjects([row.subject]) if each.kind == WRITTEN.name)
    named: dict[str, list[str]] = {name: event.data[name] for name in ("major", "overdue", "waiting")}
    numbers = {number for each in named.values() for number in each}
    rows = session.scalars(select(Case).where(Case.number.in_(numbers), visible_to(user)))
    cases = {case.number: case for case in rows}
    return {name: Part([cases[each] for each in told if each in cases]) for name, told in named.items()}
