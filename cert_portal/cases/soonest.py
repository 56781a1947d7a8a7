"""Lists of cases in the order in which their time runs out: what is late first, what no clock runs for last.

No column holds when a case is due: that changes with every answer, with the clock rules and the holidays. Most open
cases wait for their end alone, and are due in the order in which they were opened; of these a page is read. Those that
wait for something else, too, are few: all of them are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, tuple_

from cert_portal.cases import due
from cert_portal.cases.clocks import RESOLUTION, Reading, Ruler, ruler
from cert_portal.cases.conditions import bool_
from cert_portal.cases.models import IS_OPEN, Case
from cert_portal.cases.visible import visible_to
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.pages import Page
from cert_portal.core.text import whole
from cert_portal.directory.models import User

NEVER = datetime.max.replace(tzinfo=UTC)
CHUNK = 5000


class Place(NamedTuple):
    """Where a case stands in the order."""

    due: datetime
    opened: datetime
    id: int

    def __str__(self) -> str:
        due = "" if self.due == NEVER else self.due.isoformat()
        return f"{self.id}.{due}~{self.opened.isoformat()}"


class _Timed(NamedTuple):
    id: int
    opened_at: datetime
    closed_at: datetime | None
    state: str


def page(
    where: Sequence[ColumnElement[bool]], user: User, others: Mapping[int, Reading], after: str, size: int
) -> Page[Case]:
    """The cases that meet the conditions and that the person may see, behind the place of a key; `others`: further
    clocks by the id of a case.
    """
    last, end, owing = _place(after), ruler(RESOLUTION), due.owing(user)
    apart = [*_apart([*where, IS_OPEN, Case.id.in_(owing)], user, others)]
    apart += _apart([*where, IS_OPEN, Case.id.in_(others), Case.id.not_in(owing)], user, others)
    found = [each for each in apart if last is None or each > last]
    told = and_(IS_OPEN, Case.id.in_(owing) | Case.id.in_(others))
    rest = select(Case.opened_at, Case.id).where(*where, visible_to(user), ~told)
    rest = rest.order_by(Case.opened_at, Case.id).limit(size + 1)
    runs = and_(IS_OPEN, Case.state != State.RESOLVED) if end else false()
    if end and (last is None or last.due != NEVER):
        found += _places(rest.where(runs, *_behind(last, end)), end)
    if len(found) <= size:
        found += _places(rest.where(~runs, *_behind(last, None)), None)
    places = sorted(found)[: size + 1]
    ids = [each.id for each in places[:size]]
    cases = {each.id: each for each in session.scalars(select(Case).where(Case.id.in_(ids)))}
    return Page([cases[each] for each in ids], str(places[size - 1]) if len(places) > size else "")


def _apart(where: Sequence[ColumnElement[bool]], user: User, others: Mapping[int, Reading]) -> list[Place]:
    """Open cases for which more runs than the clock of their end."""
    rows = session.execute(select(Case.id, Case.opened_at, Case.closed_at, Case.state).where(*where, visible_to(user)))
    cases = [_Timed(*each) for each in rows]
    nearest: dict[int, Reading] = {}
    for begin in range(0, len(cases), CHUNK):
        nearest |= due.nearest(cases[begin : begin + CHUNK], user, others)
    return [Place(nearest[each.id].due, each.opened_at, each.id) for each in cases if each.id in nearest]


def _places(rows: Select[datetime, int], end: Ruler | None) -> list[Place]:
    return [Place(end.due(opened) if end else NEVER, opened, case_id) for opened, case_id in session.execute(rows)]


def _behind(last: Place | None, end: Ruler | None) -> list[ColumnElement[bool]]:
    """The condition that a case which waits for its end alone, or for nothing, stands behind a place."""
    if last is None or (end is None and last.due != NEVER):
        return []
    further = bool_(tuple_(Case.opened_at, Case.id) > tuple_(last.opened, last.id))
    if end is None:
        return [further]
    sooner, until = end.over_at(last.due), end.over_at(last.due + timedelta(microseconds=1))
    return [Case.opened_at > sooner, or_(Case.opened_at > until, further)]


def _place(after: str) -> Place | None:
    """What a key tells; None for what is no key."""
    number, _dot, times = after.partition(".")
    told, _tilde, began = times.partition("~")
    at, opened = clock.moment(told) if told else NEVER, clock.moment(began)
    return Place(at, opened, whole(number)) if at and opened and whole(number) else None
