"""What runs out next in a case, and what is over: the first answers to its reports, and its resolution.

What parties owe is told by the stage that asked them; when that is over the portal reminds them by itself, so that it
makes no case overdue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, or_, select, union
from sqlalchemy.orm import aliased

from cert_portal.cases.clocks import FIRST_RESPONSE, RESOLUTION, Reading, ruler
from cert_portal.cases.models import IS_OPEN, Case, CaseReport
from cert_portal.cases.visible import hidden_reports
from cert_portal.cases.workflow import State
from cert_portal.core.db import session
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.submission import Channel

OF_CASES = (RESOLUTION, FIRST_RESPONSE)
"""The clocks that can make a case overdue."""


class Timed(Protocol):
    """What the clocks of a case depend on."""

    @property
    def id(self) -> int:
        """Of the case."""

    @property
    def opened_at(self) -> datetime:
        """When its end began to run."""

    @property
    def closed_at(self) -> datetime | None:
        """When nothing runs any more."""

    @property
    def state(self) -> str:
        """The end stands still once it is resolved."""


def nearest(cases: Sequence[Timed], user: User, others: Mapping[int, Reading]) -> dict[int, Reading]:
    """By the id of each open case the clock that runs out first, one of `others` where that is sooner.

    A report that the person may not see waits for nothing here.
    """
    end, answer = ruler(RESOLUTION), ruler(FIRST_RESPONSE)
    waits = _waiting_since([case.id for case in cases], user) if answer else {}
    found: dict[int, Reading] = {}
    for case in (each for each in cases if each.closed_at is None):
        running = [others[case.id]] if case.id in others else []
        running += [answer.read(waits[case.id])] if answer and case.id in waits else []
        running += [end.read(case.opened_at)] if end and case.state != State.RESOLVED else []
        if running:
            found[case.id] = min(running, key=lambda each: each.due)
    return found


def overdue(user: User, clocks: Sequence[str] = OF_CASES) -> ColumnElement[bool]:
    """Open cases of which one of these clocks ran out. One set, because by "or" each case would be tried."""
    case, late = aliased(Case), list[Select[int]]()
    rows = select(case.id).where(case.closed_at.is_(None))
    if RESOLUTION in clocks and (end := ruler(RESOLUTION)):
        late.append(rows.where(case.state != State.RESOLVED, case.opened_at <= end.overdue_since()))
    if FIRST_RESPONSE in clocks and (answer := ruler(FIRST_RESPONSE)):
        joined = rows.join(CaseReport, CaseReport.case_id == case.id).join(Report, Report.id == CaseReport.report_id)
        seen = CaseReport.report_id.not_in(hidden_reports(user))
        late.append(joined.where(_is_owed(), Report.received_at <= answer.overdue_since(), seen))
    return and_(IS_OPEN, Case.id.in_(union(*late))) if late else false()


def reports_overdue() -> ColumnElement[bool]:
    """Reports that were not answered in time, in triage or in an open case. One set, as above."""
    answer = ruler(FIRST_RESPONSE)
    if answer is None:
        return false()
    row = aliased(Report)
    waiting = select(row.id).where(row.state == ReportState.WAITING_TRIAGE, row.first_response_at.is_(None))
    joined = select(Report.id).join(CaseReport, CaseReport.report_id == Report.id)
    joined = joined.join(Case, Case.id == CaseReport.case_id).where(IS_OPEN, _is_owed())
    since = answer.overdue_since()
    return Report.id.in_(union(waiting.where(row.received_at <= since), joined.where(Report.received_at <= since)))


def owing(user: User) -> Select[int]:
    """Ids of the cases in which the clock of a first answer runs."""
    rows = select(CaseReport.case_id).join(Report, Report.id == CaseReport.report_id)
    rows = rows.where(_is_owed(), CaseReport.report_id.not_in(hidden_reports(user)))
    return rows if ruler(FIRST_RESPONSE) else rows.where(false())


def _waiting_since(case_ids: Sequence[int], user: User) -> dict[int, datetime]:
    """By the id of the case when the oldest of its reports came that has no answer yet."""
    rows = select(CaseReport.case_id, func.min(Report.received_at)).join(Report, Report.id == CaseReport.report_id)
    rows = rows.where(CaseReport.case_id.in_(case_ids), _is_owed(), CaseReport.report_id.not_in(hidden_reports(user)))
    return dict(session.execute(rows.group_by(CaseReport.case_id)).all())


def waits_longest(user: User) -> ScalarSelect[int | None]:
    """For a row of Case the id of its oldest report that has no answer yet."""
    rows = select(func.min(Report.id)).join(CaseReport, CaseReport.report_id == Report.id)
    rows = rows.where(CaseReport.case_id == Case.id, _is_owed(), CaseReport.report_id.not_in(hidden_reports(user)))
    return rows.correlate(Case).scalar_subquery()


def _is_owed() -> ColumnElement[bool]:
    """The condition for reports of a case that have no answer and whose reporter can be reached."""
    reached = or_(
        Report.reporter_email != "",
        Report.reporter_telephone != "",
        Report.channel.in_((Channel.FAX, Channel.LETTER)),
    )
    return and_(Report.first_response_at.is_(None), Report.state == ReportState.ATTACHED, reached)
