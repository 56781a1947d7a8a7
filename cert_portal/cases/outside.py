"""Between a case and the pages of its reporters: what these say, and whether somebody answered there or by mail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select, update

from cert_portal.cases import events
from cert_portal.cases.models import IS_OPEN, Case, CaseReport
from cert_portal.cases.visible import hidden_reports
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory.models import User
from cert_portal.intake.models import PublicState, Report, ReportAddition, ReportState
from cert_portal.intake.status import tell

DONE_WITH = (ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE)


def tell_status_pages(case: Case) -> None:
    """A report reads "Closed" once all its cases are closed, and no longer when one of them is open again."""
    worked_on = select(CaseReport.report_id).join(Case, Case.id == CaseReport.case_id).where(IS_OPEN)
    rows = select(Report, Report.id.in_(worked_on)).join(CaseReport, CaseReport.report_id == Report.id)
    for report, is_worked_on in session.execute(rows.where(CaseReport.case_id == case.id)).all():
        if not is_worked_on:
            tell(report, PublicState.CLOSED)
        elif report.public_state == PublicState.CLOSED:
            tell(report, PublicState.NOTHING)


def answered(cases: Sequence[Case], user: User) -> set[int]:
    """Ids of the cases where a reporter added something, or a party answered, after our last letter, call or note.

    What was added to a report that the person may not see does not count.
    """
    added = session.scalars(added_to(user).where(CaseReport.case_id.in_([case.id for case in cases])))
    return {*added, *(case.id for case in cases if case.answered_at)}


def is_answered(user: User) -> ColumnElement[bool]:
    """The same as a condition for rows of Case."""
    return Case.answered_at.is_not(None) | Case.id.in_(added_to(user))


def added_to(user: User) -> Select[int]:
    """Ids of the cases to one of whose reports something was added that nobody read."""
    rows = select(CaseReport.case_id).join(ReportAddition, ReportAddition.report_id == CaseReport.report_id)
    return rows.where(ReportAddition.read_at.is_(None), CaseReport.report_id.not_in(hidden_reports(user)))


def unread() -> ColumnElement[bool]:
    """The condition for reports that no triage and no open case shows, and to which something was added since."""
    joined = select(Case.id).join(CaseReport, CaseReport.case_id == Case.id).where(CaseReport.report_id == Report.id)
    worked_on = joined.where(IS_OPEN).correlate(Report).exists()
    over = Report.state.in_(DONE_WITH) | ((Report.state == ReportState.ATTACHED) & ~worked_on)
    return Report.id.in_(select(ReportAddition.report_id).where(ReportAddition.read_at.is_(None))) & over


def is_unread(report: Report) -> bool:
    """Whether this report is one of them."""
    return session.scalar(select(Report.id).where(Report.id == report.id, unread())) is not None


def take_note(report: Report, actor: User) -> None:
    """Say that what was added was read and asks for nothing. A second press changes nothing."""
    if is_unread(report):
        record(events.TAKEN_NOTE, report.number, actor.actor)
        read_in_report(report)


def read_in_report(report: Report) -> None:
    """Whoever decides about a report, or answers it, has read what was added."""
    _read(ReportAddition.report_id == report.id)


def read_in_case(case: Case) -> None:
    """Whoever opens, notes, answers or ends a case has read what was added to its reports."""
    _read(ReportAddition.report_id.in_(select(CaseReport.report_id).where(CaseReport.case_id == case.id)))
    case.answered_at = None


def _read(which: ColumnElement[bool]) -> None:
    fresh = update(ReportAddition).where(which, ReportAddition.read_at.is_(None))
    session.execute(fresh.values(read_at=clock.now()))
