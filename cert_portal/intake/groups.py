"""A surge: reports that say nearly the same wait as one group behind the first of them, so that the queue stays usable.

Each keeps its number, its acknowledgement and its life; a person may decide about all of a group at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, text, update

from cert_portal.config import current
from cert_portal.core import likeness
from cert_portal.core.db import insert_many, on_postgresql, session
from cert_portal.intake.models import GroupMark, Report, ReportState

WINDOW = timedelta(hours=24)
"""How long after the first of a group another may join it."""
CANDIDATES, MARKS = 12, 8
"""Enough to find one of a group: at 70 % likeness 97 of 100 share one of so many marks."""

_WAITS = Report.state == ReportState.WAITING_TRIAGE
_MARKS = GroupMark.metadata.tables[GroupMark.__tablename__]
_PG_MARKED = text(
    "SELECT wanted.mark, found.report_id FROM unnest(CAST(:marks AS varchar[])) AS wanted (mark) CROSS JOIN LATERAL "
    "(SELECT report_id FROM group_marks WHERE mark = wanted.mark ORDER BY report_id DESC LIMIT :each) AS found"
)
"""Each mark is looked for by itself: asked for all at once, PostgreSQL compares every row with every mark."""
_LITE_MARKED = (
    select(GroupMark.mark, GroupMark.report_id)
    .where(GroupMark.mark.in_(bindparam("marks", expanding=True)))
    .order_by(GroupMark.report_id.desc())
    .limit(bindparam("most"))
)
_SAID = select(Report.id, Report.likeness, Report.drill, Report.received_at).where(
    Report.id.in_(bindparam("candidates", expanding=True)), _WAITS
)
_HOLD_ALL = select(Report.id).where(Report.id.in_(bindparam("firsts", expanding=True)), _WAITS).order_by(Report.id)
_HOLD, _HOLD_ONE = _HOLD_ALL.with_for_update(), _HOLD_ALL.with_for_update(read=True)
_BEHIND = (Report.first_alike_id == bindparam("first")) | (Report.id == bindparam("first"))
_WAITING = select(Report.id).where(_BEHIND, _WAITS).limit(bindparam("most") + 1)
"""Statements of every message, made once: making one costs as much as the database takes to answer it."""


@dataclass(frozen=True)
class Joined:
    """How many wait in the group of each report, itself included, counted no further than it takes to be a surge; and
    of reports that are not stored yet, which stands behind which.
    """

    waiting: list[int]
    behind: dict[Report, Report]


def join(reports: Sequence[Report]) -> Joined:
    """Put reports that wait, stored or not, into the groups of those that say the same, as if they came one by one.

    Groups that a report shows to be one become one. The first of a group is known by its id, or by itself when it is
    among these and not stored.
    """
    found = _leaders(reports)
    into: dict[int | Report, int | Report] = {}
    leading: list[Report] = []
    for report in reports:
        mine = [each for each in leading if _are_alike(each, report)]
        heads = list(dict.fromkeys(_head(into, each) for each in [*found.get(report, ()), *mine]))
        if heads:
            into |= dict.fromkeys([*heads[1:], report], heads[0])
            leading = [each for each in leading if each not in into]
        else:
            leading.append(report)
    tops = {each: _head(into, each) for each in into}
    for each, top in tops.items():
        if isinstance(top, int):
            _put_behind(each, top)
    behind = {each: top for each, top in tops.items() if isinstance(each, Report) and isinstance(top, Report)}
    return Joined(_counted([_head(into, each) for each in reports], reports), behind)


def _head(into: dict[int | Report, int | Report], each: int | Report) -> int | Report:
    while each in into:
        each = into[each]
    return each


def _are_alike(one: Report, other: Report) -> bool:
    same = one.drill == other.drill
    return same and likeness.percent(one.likeness, other.likeness) >= current().surge_percent


def _put_behind(each: int | Report, first: int) -> None:
    if isinstance(each, Report):
        each.first_alike_id = first
        return
    theirs = (Report.first_alike_id == each) | (Report.id == each)
    session.execute(update(Report).where(theirs).values(first_alike_id=first))
    session.execute(delete(GroupMark).where(GroupMark.report_id == each))


def _counted(heads: Sequence[int | Report], reports: Sequence[Report]) -> list[int]:
    ours = {each.id for each in reports}
    counts: Counter[int | Report] = Counter()
    for first in {each for each in heads if isinstance(each, int)}:
        asked = {"first": first, "most": current().surge_least + len(reports)}
        counts[first] = len([each for each in session.scalars(_WAITING, asked) if each not in ours])
    told = []
    for head in heads:
        counts[head] += 1
        told.append(counts[head])
    return told


def mark(reports: Sequence[Report], behind: Mapping[Report, Report] = MappingProxyType({})) -> None:
    """Let others join the stored ones of these that wait and lead; `behind` is what `join` told of them."""
    for each, first in behind.items():
        each.first_alike_id = first.id
    _mark([each for each in reports if _leads(each)])


def _leads(report: Report) -> bool:
    return report.state == ReportState.WAITING_TRIAGE and report.first_alike_id is None


def _mark(firsts: Sequence[Report]) -> None:
    rows = [
        {"mark": each, "report_id": first.id} for first in firsts for each in likeness.marks(first.likeness)[:MARKS]
    ]
    insert_many(_MARKS, rows)


def _leaders(reports: Sequence[Report]) -> dict[Report, list[int]]:
    """For each report the firsts of the stored groups that say the same, held until the commit."""
    marks = {report: likeness.marks(report.likeness)[:MARKS] for report in reports}
    wanted = sorted({mark for each in marks.values() for mark in each})
    if not wanted:
        return {}
    bearers: dict[str, list[int]] = {}
    for mark, first in _bearing(wanted):
        bearers.setdefault(mark, []).append(first)
    if not bearers:
        return {}
    newest = {
        report: sorted({first for mark in its for first in bearers.get(mark, ())}, reverse=True)[:CANDIDATES]
        for report, its in marks.items()
    }
    candidates = sorted({first for each in newest.values() for first in each})
    said = {row.id: row for row in session.execute(_SAID, {"candidates": candidates})}
    alike = {
        report: [each for each in firsts if each in said and _belongs(said[each], report)]
        for report, firsts in newest.items()
    }
    held = set(_held(alike))
    return {report: sorted(held.intersection(firsts)) for report, firsts in alike.items()}


def _bearing(marks: Sequence[str]) -> Iterable[Any]:
    """Pairs of a mark and the first of a group that bears it: the newest of them."""
    if on_postgresql():
        return session.execute(_PG_MARKED, {"marks": marks, "each": CANDIDATES})
    return session.execute(_LITE_MARKED, {"marks": marks, "most": CANDIDATES * len(marks)})


def _belongs(first: Any, report: Report) -> bool:
    """Whether a row of _SAID is of a group that a report may join: of a day, and alike."""
    return first.id != report.id and first.received_at >= report.received_at - WINDOW and _are_alike(first, report)


def _held(alike: Mapping[Report, Sequence[int]]) -> Sequence[int]:
    """Those that still wait, kept from being decided until the commit; others may join one of them meanwhile."""
    firsts = sorted({each for found in alike.values() for each in found})
    if not firsts:
        return ()
    become_one = any(len(found) > 1 for found in alike.values())
    return session.scalars(_HOLD if become_one else _HOLD_ONE, {"firsts": firsts}).all()


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
            _mark([following])


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


def surges(reports: Sequence[Report]) -> set[int]:
    """Of the groups of these reports, those that are surges: the ids of their first reports."""
    firsts = {each.first_alike_id or each.id for each in reports}
    behind = select(Report.first_alike_id).where(
        Report.first_alike_id.in_(firsts), Report.state == ReportState.WAITING_TRIAGE
    )
    many = behind.group_by(Report.first_alike_id).having(func.count(Report.id) >= current().surge_least - 1)
    return {first for first in session.scalars(many) if first}


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
