"""What time alone brings about: cases of mine that are overdue, and major cases that nobody owns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, func, select, true

from cert_portal.cases import called, notices, roster
from cert_portal.cases.clocks import RESOLUTION
from cert_portal.cases.conditions import MAJOR, Condition
from cert_portal.cases.due import OF_CASES, overdue, waits_longest
from cert_portal.cases.events import LEVEL_SET, OPENED, OWNER_SET
from cert_portal.cases.models import IS_OPEN, Case
from cert_portal.cases.notices import Kind
from cert_portal.cases.team import Notice
from cert_portal.cases.visible import visible_to
from cert_portal.cases.workflow import MOVES, Verb
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.directory.models import User

_BEGINNINGS = (LEVEL_SET.name, OPENED.name, OWNER_SET.name, MOVES[Verb.REOPEN].event.name)
"""Events from which on a case may be major and without an owner."""


@dataclass(frozen=True)
class Unowned:
    """A major case without an owner, since when, and the event that began it."""

    case: Case
    since: datetime
    event_id: int


def unowned_for(user: User, most: int) -> tuple[list[Unowned], int]:
    """Major cases that nobody has owned for too long and that the person may see: the longest alone, and how many."""
    found = _left_alone(visible_to(user))
    return _with_cases(found[:most]), len(found)


def tell_unowned() -> int:
    """Alarm the people on duty and the supervisors, once for each time that a case was left alone.

    Of a restricted case only those are told who may see it; if none of these may, then everybody who is named on it.
    Where none of them is there, everybody at the desk is told.
    """
    count = 0
    for each in _with_cases(_left_alone(true())):
        key = str(each.event_id)
        count += sum(notices.tell_of_case(Kind.UNOWNED, user, each.case, key) for user in called.whom(each.case))
    return count


def tell_overdue() -> int:
    """Tell owners of cases whose time is over, once for each case and owner, and of a first answer for each report."""
    owners = session.scalars(select(User).where(User.id.in_(select(Case.owner_id).where(IS_OPEN)))).all()
    return sum(_tell_overdue(owner, code) for owner in owners for code in OF_CASES)


def _tell_overdue(owner: User, code: str) -> int:
    """Of a first answer nobody is told where the case itself is over: that says it, too."""
    key = Case.number + ("" if code == RESOLUTION else f" {code} " + cast(waits_longest(owner), String))
    keys = [f"{Kind.OVERDUE} " + each for each in (Case.number, key)]
    told = select(Notice.id).where(Notice.user_id == owner.id, Notice.key.in_(keys))
    rows = select(Case, key).where(Case.owner_id == owner.id, overdue(owner, [code]), ~told.exists()).order_by(Case.id)
    found = session.execute(rows).all()
    return sum(notices.tell_of_case(Kind.OVERDUE, owner, case, about) for case, about in found)


def left_alone(user: User) -> int:
    """How many open cases, of those that the person may see, belong to people who are away today."""
    rows = select(func.count(Case.id)).where(IS_OPEN, Case.owner_id.in_(roster.away_ids()), visible_to(user))
    return session.scalar(rows) or 0


def _left_alone(which: Condition) -> list[tuple[datetime, int, str]]:
    """Since when, the event that began it, and the number of the case: the longest alone first."""
    minutes = current().unowned_minutes
    if not minutes:
        return []
    rows = select(Case.number).where(IS_OPEN, Case.level >= MAJOR, Case.owner_id.is_(None), which)
    numbers = session.scalars(rows).all()
    if not numbers:
        return []
    before = func.coalesce(Event.data["before"].as_integer(), 0)
    begins = (Event.kind != LEVEL_SET.name) | (before < MAJOR)
    events = select(Event.subject, Event.at, Event.id)
    events = events.where(Event.subject.in_(numbers), Event.kind.in_(_BEGINNINGS), begins)
    began = {subject: (at, event_id) for subject, at, event_id in session.execute(events.order_by(Event.at, Event.id))}
    latest = clock.now() - timedelta(minutes=minutes)
    return sorted((at, event_id, number) for number, (at, event_id) in began.items() if at <= latest)


def _with_cases(found: Sequence[tuple[datetime, int, str]]) -> list[Unowned]:
    if not found:
        return []
    rows = select(Case).where(Case.number.in_([number for _at, _event, number in found]))
    cases = {case.number: case for case in session.scalars(rows)}
    return [Unowned(cases[number], at, event_id) for at, event_id, number in found]
