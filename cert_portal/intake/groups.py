"""A surge: reports that say nearly the same wait as one group behind the first of them, so that the queue stays usable.

Each keeps its number, its acknowledgement and its life; a person may decide about all of a group at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update

from cert_portal.config import current
from cert_portal.core import likeness
from cert_portal.core.db import session
from cert_portal.intake.models import GroupMark, Report, ReportState

WINDOW = timedelta(hours=24)
"""How long after the first of a group another may join it."""
CANDIDATES, MARKS = 12, 8
"""Enough to find one of a group: at 70 % likeness 97 of 100 share one of so many marks."""

_WAITS = Report.state == ReportState.WAITING_TRIAGE
_ROWS = insert(GroupMark.metadata.tables[GroupMark.__tablename__])
_NEWEST = (
    select(GroupMark.report_id)
    .where(GroupMark.mark.in_(bindparam("marks", expanding=True)))
    .distinct()
    .order_by(GroupMark.report_id.desc())
    .limit(CANDIDATES)
)
_SAID = select(Report.id, Report.likeness).where(
    Report.id.in_(bindparam("candidates", expanding=True)),
    _WAITS,
    Report.drill == bindparam("drill"),
    Report.received_at >= bindparam("since"),
)
_HOLD_ALL = select(Report.id).where(Report.id.in_(bindparam("firsts", expanding=True)), _WAITS).order_by(Report.id)
_HOLD, _HOLD_ONE = _HOLD_ALL.with_for_update(), _HOLD_ALL.with_for_update(read=True)
_BEHIND = (Report.first_alike_id == bindparam("first")) | (Report.id == bindparam("first"))
_WAITING = select(Report.id).where(_BEHIND, _WAITS).limit(bindparam("most") + 1)
"""Statements of every message, made once: making one costs as much as the database takes to answer it."""


def join(report: Report) -> int:
    """Put a report, stored or not, into the group of those that say the same; answers how many wait in it, with this,
    counted no further than it takes to be a surge.

    Groups that this report shows to be one become one.
    """
    leaders = _leaders(report)
    if not leaders:
        return 1
    first, others = leaders[0], leaders[1:]
    report.first_alike_id = first
    if others:
        theirs = Report.first_alike_id.in_(others) | Report.id.in_(others)
        session.execute(update(Report).where(theirs).values(first_alike_id=first))
        session.execute(delete(GroupMark).where(GroupMark.report_id.in_(others)))
    asked = {"first": first, "most": current().surge_least}
    return 1 + len([each for each in session.scalars(_WAITING, asked) if each != report.id])


def mark(report: Report) -> None:
    """Let others join a stored report that waits and has joined none itself."""
    if report.state == ReportState.WAITING_TRIAGE and report.first_alike_id is None:
        _mark(report.id, report.likeness)


def _mark(first: int, told: bytes) -> None:
    rows = [{"mark": each, "report_id": first} for each in likeness.marks(told)[:MARKS]]
    if rows:
        session.execute(_ROWS, rows)


def _leaders(report: Report) -> list[int]:
    marks = likeness.marks(report.likeness)[:MARKS]
    if not marks:
        return []
    candidates = session.scalars(_NEWEST, {"marks": marks}).all()
    if not candidates:
        return []
    asked = {"candidates": candidates, "drill": report.drill, "since": report.received_at - WINDOW}
    rows = [(first, told) for first, told in session.execute(_SAID, asked) if first != report.id]
    least = current().surge_percent
    alike = [first for first, told in rows if likeness.percent(told, report.likeness) >= least]
    return _held(alike) if alike else []


def _held(firsts: list[int]) -> list[int]:
    """Those that still wait, kept from being decided until the commit; others may join one of them meanwhile."""
    return list(session.scalars(_HOLD_ONE if len(firsts) == 1 else _HOLD, {"firsts": firsts}))


def release(reports: Sequence[Report]) -> None:
    """After a decision about these: where the first of a group is gone, the next takes its place for the rest."""
    gone = [report.id for report in reports if report.state != ReportState.WAITING_TRIAGE]
    session.execute(delete(GroupMark).where(GroupMark.report_id.in_(gone)))
    for first in gone:
        behind = (Report.first_alike_id == first) & (Report.state == ReportState.WAITING_TRIAGE)
        following = session.scalars(select(Report).where(behind).order_by(Report.id).limit(1)).first()
        if following is not None:
            session.execute(update(Report).where(behind).values(first_alike_id=following.id))
            following.first_alike_id = None
            _mark(following.id, following.likeness)


def members(report: Report) -> list[Report]:
    """The others that wait in the group of this report, oldest first, when they are enough to be a surge."""
    first = report.first_alike_id or report.id
    rows = select(Report).where(_waits_behind(first), Report.id != report.id).order_by(Report.id)
    found = list(session.scalars(rows))
    return found if len(found) + 1 >= current().surge_least else []


def sizes(reports: Sequence[Report]) -> dict[int, int]:
    """For the first of each group among these, how many wait behind it, when they are enough to be a surge."""
    behind = select(Report.first_alike_id, func.count(Report.id)).where(
        Report.first_alike_id.in_([each.id for each in reports]), Report.state == ReportState.WAITING_TRIAGE
    )
    rows = session.execute(behind.group_by(Report.first_alike_id))
    return {first: count for first, count in rows if first and count >= current().surge_least - 1}


def stands_alone() -> ColumnElement[bool]:
    """Reports that the queue shows: those that do not wait behind another in a surge."""
    behind = select(Report.first_alike_id).where(
        Report.state == ReportState.WAITING_TRIAGE, Report.first_alike_id.is_not(None)
    )
    surges = behind.group_by(Report.first_alike_id).having(func.count(Report.id) >= current().surge_least - 1)
    return Report.first_alike_id.is_(None) | Report.first_alike_id.not_in(surges)


def _waits_behind(first: int) -> ColumnElement[bool]:
    """The whole group, the first included, as far as it waits."""
    in_group = (Report.first_alike_id == first) | (Report.id == first)
    return in_group & (Report.state == ReportState.WAITING_TRIAGE)
