"""Who is on duty and who is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true

from cert_portal.cases.team import Absence, Shift
from cert_portal.cases.workflow import today
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import forget, once, session
from cert_portal.core.events import declare, record
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of

SHIFT_ADDED = declare("team.shift_added", "A person was put on the duty roster", "begins", "ends")
SHIFT_REMOVED = declare("team.shift_removed", "A person was taken off the duty roster", "begins", "ends")
ABSENCE_ADDED = declare("team.absence_added", "A person will be away", "first", "last")
ABSENCE_REMOVED = declare("team.absence_removed", "A person will not be away after all", "first", "last")
MOST_DAYS = 31
LONGEST_ABSENCE = 366
FURTHEST_DAYS = 366
NEXT_WITHIN = timedelta(hours=24)
Duty = tuple[User, Shift]


class RosterRefused(Exception):
    """The roster stays as it is; `reason` is a code: may_not_read, bad_days, no_length, too_far, over,
    overlaps, order, days_over, is_away, not_yours.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def plan(user: User, day: date, begins: time, ends: time, days: int, actor: User) -> list[Shift]:
    """Put a person on duty at these times on so many days from `day` on; answers the shifts that are new.

    An end before the begin is on the next day. Raises RosterRefused: may_not_read, bad_days, no_length (it ends when it
    begins), too_far (one is further ahead than a year), over (all of them are),
    overlaps (with another shift of the person).
    """
    if not is_on_team(user):
        raise RosterRefused("may_not_read")
    if not 1 <= days <= MOST_DAYS:
        raise RosterRefused("bad_days")
    if begins == ends:
        raise RosterRefused("no_length")
    if (day - today()).days + days > FURTHEST_DAYS:
        raise RosterRefused("too_far")
    made = [_shift(user, day + timedelta(days=number), begins, ends) for number in range(days)]
    if made[-1].ends_at <= clock.now():
        raise RosterRefused("over")
    fresh = _fresh(user, made)
    session.add_all(fresh)
    for each in fresh:
        record(SHIFT_ADDED, user.actor, actor.actor, **_times(each))
    session.flush()
    return fresh


def _fresh(user: User, made: Sequence[Shift]) -> list[Shift]:
    """Those that are not there yet."""
    near = (Shift.begins_at < made[-1].ends_at, Shift.ends_at > made[0].begins_at)
    there = session.scalars(select(Shift).where(Shift.user_id == user.id, *near)).all()
    times = {(each.begins_at, each.ends_at) for each in there}
    fresh = [each for each in made if (each.begins_at, each.ends_at) not in times]
    if any(each.begins_at < row.ends_at and row.begins_at < each.ends_at for each in fresh for row in there):
        raise RosterRefused("overlaps")
    return fresh


def _shift(user: User, day: date, begins: time, ends: time) -> Shift:
    start = datetime.combine(day, begins, current().zone)
    end = datetime.combine(day if ends > begins else day + timedelta(days=1), ends, current().zone)
    return Shift(user_id=user.id, begins_at=start.astimezone(UTC), ends_at=end.astimezone(UTC))


def remove_shift(shift_id: int, actor: User) -> None:
    """Take a shift off the roster; twice is harmless."""
    row = session.get(Shift, shift_id)
    if row is not None:
        record(SHIFT_REMOVED, f"user:{row.user_id}", actor.actor, **_times(row))
        session.delete(row)
        session.flush()


def on_duty() -> list[Duty]:
    """Who is on duty now, with the shift, by name; whoever is away or left is not."""
    now, gone = clock.now(), away()
    return [duty for duty in _duties(Shift.begins_at <= now, Shift.ends_at > now) if duty[0].id not in gone]


def next_on_duty(besides: User | None = None) -> list[Duty]:
    """Who comes next, besides a person: the shifts of the next begin, if there is one within a day. Whoever is away on
    the day of the shift does not come.
    """
    now = clock.now()
    others = Shift.user_id != besides.id if besides else true()
    duties = _duties(Shift.begins_at > now, Shift.begins_at <= now + NEXT_WITHIN, others)
    gone = absences() if duties else []
    come = [
        (user, shift)
        for user, shift in duties
        if not any(row.user_id == user.id and _within(shift, row) for _, row in gone)
    ]
    begin = min((shift.begins_at for _user, shift in come), default=None)
    return [(user, shift) for user, shift in come if shift.begins_at == begin]


def days_away(user: User) -> list[date]:
    """The days from today on for which the person is on the roster though away."""
    rows = select(Shift, Absence).join(Absence, Absence.user_id == Shift.user_id)
    rows = rows.where(Shift.user_id == user.id, Shift.ends_at > clock.now(), Absence.last >= today())
    return sorted({day_of(shift) for shift, absence in session.execute(rows) if _within(shift, absence)})


def _within(shift: Shift, absence: Absence) -> bool:
    return absence.first <= day_of(shift) <= absence.last


def day_of(shift: Shift) -> date:
    """The day on which a shift begins."""
    return shift.begins_at.astimezone(current().zone).date()


def is_on_team(user: User) -> bool:
    """Whether the person may be on duty: the account is in use, with a role that reads cases."""
    return user.active and Permission.READ_CASES in permissions_of(user.roles)


def _duties(*conditions: ColumnElement[bool]) -> list[Duty]:
    rows = select(User, Shift).join(Shift, Shift.user_id == User.id).where(*conditions)
    found = session.execute(rows.order_by(User.name, User.id, Shift.begins_at)).all()
    return [(user, shift) for user, shift in found if is_on_team(user)]


def days(first: date, count: int) -> list[tuple[date, list[Duty]]]:
    """The roster of so many days, each with the shifts that begin on it, the earliest first."""
    begin, end = _bounds(first, count)
    rows = select(User, Shift).join(Shift, Shift.user_id == User.id)
    rows = rows.where(Shift.begins_at >= begin, Shift.begins_at < end).order_by(Shift.begins_at, User.name, User.id)
    found: dict[date, list[Duty]] = {first + timedelta(days=number): [] for number in range(count)}
    for user, shift in session.execute(rows):
        found[day_of(shift)].append((user, shift))
    return list(found.items())


def beside(first: date, count: int) -> tuple[date | None, date | None]:
    """The first of the so many days to show before and after these; None where there is no shift any more. Days on
    which nobody has a shift are passed over.
    """
    begin, end = _bounds(first, count)
    before = session.scalar(select(Shift).where(Shift.begins_at < begin).order_by(Shift.begins_at.desc()).limit(1))
    after = session.scalar(select(Shift).where(Shift.begins_at >= end).order_by(Shift.begins_at).limit(1))
    return day_of(before) - timedelta(days=count - 1) if before else None, day_of(after) if after else None


def _bounds(first: date, count: int) -> tuple[datetime, datetime]:
    begin, end = (datetime.combine(day, time(), current().zone) for day in (first, first + timedelta(days=count)))
    return begin.astimezone(UTC), end.astimezone(UTC)


def add_absence(user: User, first: date, last: date, actor: User) -> Absence:
    """Say that a person is away from one day to another. Raises RosterRefused: order, days_over, bad_days, is_away
    (in all of that time already), not_yours.

    One's own days are one's own to set; those of others are set by who keeps the roster.
    """
    _must_be_own(user.id, actor)
    if last < first:
        raise RosterRefused("order")
    if last < today():
        raise RosterRefused("days_over")
    if (last - first).days >= LONGEST_ABSENCE:
        raise RosterRefused("bad_days")
    known = select(Absence.id).where(Absence.user_id == user.id, Absence.first <= first, Absence.last >= last)
    if session.scalar(known.limit(1)) is not None:
        raise RosterRefused("is_away")
    row = Absence(user_id=user.id, first=first, last=last)
    session.add(row)
    session.flush()
    forget(f"away {today()}")
    record(ABSENCE_ADDED, user.actor, actor.actor, first=first.isoformat(), last=last.isoformat())
    return row


def remove_absence(absence_id: int, actor: User) -> None:
    """The person is there after all; twice is harmless. Raises RosterRefused("not_yours")."""
    row = session.get(Absence, absence_id)
    if row is None:
        return
    _must_be_own(row.user_id, actor)
    subject = f"user:{row.user_id}"
    record(ABSENCE_REMOVED, subject, actor.actor, first=row.first.isoformat(), last=row.last.isoformat())
    session.delete(row)
    session.flush()
    forget(f"away {today()}")


def absences() -> Sequence[tuple[User, Absence]]:
    """Who is or will be away, the nearest first."""
    rows = select(User, Absence).join(Absence, Absence.user_id == User.id).where(Absence.last >= today())
    found = session.execute(rows.order_by(Absence.first, User.name, Absence.id))
    return [(user, row) for user, row in found]


def away() -> dict[int, date]:
    """Who is away today, by id, and the last day of it: absences that meet are one."""
    return once(f"away {today()}", _away)


def _away() -> dict[int, date]:
    rows = select(Absence.user_id, Absence.first, Absence.last).where(Absence.last >= today())
    found: dict[int, date] = {}
    for user_id, first, last in session.execute(rows.order_by(Absence.first)):
        if first <= found.get(user_id, today() - timedelta(days=1)) + timedelta(days=1):
            found[user_id] = max(last, found.get(user_id, last))
    return found


def away_ids() -> Select[int]:
    """The same people as a statement."""
    return select(Absence.user_id).where(_today())


def _today() -> ColumnElement[bool]:
    return and_(Absence.first <= today(), Absence.last >= today())


def _must_be_own(user_id: int, actor: User) -> None:
    if user_id != actor.id and Permission.MANAGE_TEAM not in permissions_of(actor.roles):
        raise RosterRefused("not_yours")


def _times(row: Shift) -> dict[str, Any]:
    return {"begins": row.begins_at.isoformat(), "ends": row.ends_at.isoformat()}
