"""Between a case and the pages of its reporters: what these say, and whether somebody answered there or by mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from cert_portal.cases import events
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.workflow import MOVES, OPEN, Verb
from cert_portal.core.db import session
from cert_portal.core.events import Event, EventKind, record
from cert_portal.directory.models import User
from cert_portal.intake.models import PublicState, Report, ReportAddition, ReportState
from cert_portal.intake.status import tell

ENDS = (MOVES[Verb.CLOSE].event, MOVES[Verb.DISMISS].event)
READ_IN_CASE = (events.OPENED, events.JOINED, events.WRITTEN, events.NOTED, *ENDS)
READ_IN_REPORT = (
    events.REPORT_WRITTEN,
    events.ON_PAPER,
    events.CALLED,
    events.TAKEN_NOTE,
    events.REFUSED,
    events.REFERRED,
)
DONE_WITH = (ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE)


def tell_status_pages(case: Case) -> None:
    """A report reads "Closed" once all its cases are closed, and no longer when one of them is open again."""
    worked_on = select(CaseReport.report_id).join(Case, Case.id == CaseReport.case_id).where(Case.state.in_(OPEN))
    rows = select(Report, Report.id.in_(worked_on)).join(CaseReport, CaseReport.report_id == Report.id)
    for report, is_worked_on in session.execute(rows.where(CaseReport.case_id == case.id)).all():
        if not is_worked_on:
            tell(report, PublicState.CLOSED)
        elif report.public_state == PublicState.CLOSED:
            tell(report, PublicState.NOTHING)


def answered(cases: Sequence[Case]) -> set[int]:
    """Ids of the cases to which a reporter added something after our last letter, call or note."""
    rows = select(CaseReport.case_id).join(Case, Case.id == CaseReport.case_id)
    rows = rows.join(Report, Report.id == CaseReport.report_id)
    rows = rows.join(ReportAddition, ReportAddition.report_id == Report.id)
    unread = (~_later(Case.number, READ_IN_CASE), ~_later(Report.number, READ_IN_REPORT))
    return set(session.scalars(rows.where(Case.id.in_([case.id for case in cases]), *unread)))


def unread() -> ColumnElement[bool]:
    """The condition for reports that no triage and no open case shows, and to which something was added since."""
    joined = select(Case.id).join(CaseReport, CaseReport.case_id == Case.id).where(CaseReport.report_id == Report.id)
    worked_on = joined.where(Case.state.in_(OPEN)).correlate(Report).exists()
    over = Report.state.in_(DONE_WITH) | ((Report.state == ReportState.ATTACHED) & ~worked_on)
    read_in_case = joined.where(_later(Case.number, READ_IN_CASE)).correlate(Report, ReportAddition).exists()
    added = select(ReportAddition.id).where(ReportAddition.report_id == Report.id)
    added = added.where(~_later(Report.number, READ_IN_REPORT), ~read_in_case)
    return over & added.correlate(Report).exists()


def is_unread(report: Report) -> bool:
    """Whether this report is one of them."""
    return session.scalar(select(Report.id).where(Report.id == report.id, unread())) is not None


def take_note(report: Report, actor: User) -> None:
    """Say that what was added was read and asks for nothing. A second press changes nothing."""
    if is_unread(report):
        record(events.TAKEN_NOTE, report.number, actor.actor)


def _later(subject: InstrumentedAttribute[str], kinds: Iterable[EventKind]) -> ColumnElement[bool]:
    after = select(Event.id).where(Event.subject == subject, Event.at > ReportAddition.at)
    return after.where(Event.kind.in_([kind.name for kind in kinds])).correlate(Case, Report, ReportAddition).exists()
