"""The lists that staff work from. Pages go by key, never by offset, so that nothing jumps while others work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, func, select

from cert_portal.cases.clocks import FIRST_RESPONSE, ruler
from cert_portal.cases.models import Case
from cert_portal.cases.outside import unread
from cert_portal.cases.visible import reports_visible_to, visible_to
from cert_portal.cases.workflow import OPEN, State
from cert_portal.core.db import session
from cert_portal.directory.models import User
from cert_portal.intake import groups
from cert_portal.intake.models import Report, ReportState

PAGE = 50
Row = TypeVar("Row", Report, Case)


class View(StrEnum):
    """A list; the first three hold reports, the others cases."""

    TRIAGE = "triage"
    ANSWERED = "answered"
    QUARANTINED = "quarantined"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    TEAM = "team"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list and the key that the next page begins after (0 for the last page)."""

    rows: Sequence[Row]
    after: int


def reports(view: View, user: User, after: int = 0) -> Page[Report]:
    """Reports that wait for a person, the oldest first: it is due first."""
    rows = select(Report).where(*_report_rows(view, user), Report.id > after).order_by(Report.id).limit(PAGE + 1)
    found = session.scalars(rows).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else 0)


def cases(view: View, user: User, after: int = 0) -> Page[Case]:
    """Cases of a list, the newest first."""
    further = [Case.id < after] if after else []
    rows = select(Case).where(*_case_rows(view, user), *further).order_by(Case.id.desc()).limit(PAGE + 1)
    found = session.scalars(rows).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else 0)


def counts(user: User) -> dict[View, int]:
    """How many rows each list has."""
    return {
        view: _count(Report, _report_rows(view, user)) if holds_reports(view) else _count(Case, _case_rows(view, user))
        for view in View
        if view is not View.CLOSED
    }


def overdue(user: User) -> int:
    """How many reports in triage were not answered in time."""
    clock = ruler(FIRST_RESPONSE)
    if clock is None:
        return 0
    late = (Report.received_at <= clock.overdue_since()) & Report.first_response_at.is_(None)
    return _count(Report, [*_report_rows(View.TRIAGE, user), late])


def holds_reports(view: View) -> bool:
    """Whether the list is one of reports."""
    return view in (View.TRIAGE, View.ANSWERED, View.QUARANTINED)


def open_cases(user: User, limit: int = 200) -> list[Case]:
    """The newest cases that a report may be joined to."""
    rows = select(Case).where(visible_to(user), Case.state.in_(OPEN)).order_by(Case.id.desc()).limit(limit)
    return list(session.scalars(rows))


def _report_rows(view: View, user: User) -> list[ColumnElement[bool]]:
    which = {
        View.TRIAGE: (Report.state == ReportState.WAITING_TRIAGE) & groups.stands_alone(),
        View.ANSWERED: unread(),
        View.QUARANTINED: Report.state == ReportState.QUARANTINED,
    }
    return [which[view], reports_visible_to(user)]


def _case_rows(view: View, user: User) -> list[ColumnElement[bool]]:
    is_open = Case.state.in_(OPEN)
    which = {
        View.MINE: is_open & (Case.owner_id == user.id),
        View.UNASSIGNED: is_open & Case.owner_id.is_(None),
        View.TEAM: is_open,
        View.WAITING: Case.state == State.WAITING,
        View.CLOSED: ~is_open,
    }
    return [which[view], visible_to(user)]


def _count(table: type[Report] | type[Case], which: list[ColumnElement[bool]]) -> int:
    return session.scalar(select(func.count(table.id)).where(*which)) or 0
