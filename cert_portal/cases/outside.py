"""Between a case and the pages of its reporters: what these say, and whether somebody answered there or by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import aliased

from cert_portal.cases import events, family
from cert_portal.cases.models import IS_OPEN, Case, CaseMerge, CaseReport
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
    asked, by_party = [case.id for case in cases], _answered_by_party().subquery()
    added = added_to(user).where(CaseReport.case_id.in_(asked))
    return set(session.scalars(added.union(select(by_party.c.case_id).where(by_party.c.case_id.in_(asked)))))


def is_answered(user: User) -> ColumnElement[bool]:
    """The same as a condition for rows of Case: one set, because by "or" each case would be tried."""
    return Case.id.in_(added_to(user).union(_answered_by_party()))


def added_to(user: User) -> Select[int]:
    """Ids of the cases to one of whose reports something was added that nobody read there."""
    rows = select(CaseReport.case_id).join(ReportAddition, ReportAddition.report_id == CaseReport.report_id)
    return rows.where(*_UNREAD, CaseReport.report_id.not_in(hidden_reports(user)))


def changed(said: Mapping[str, datetime]) -> None:
    """The cases of these reports, by number, changed when their reporters said more. A report that another case hides
    does not show in the others. Cases that somebody works on at this moment change by that.
    """
    hides = aliased(Case)
    hidden = select(CaseReport.report_id).join(hides, hides.id == CaseReport.case_id).where(hides.restricted)
    rows = select(Case, Report.number).join(CaseReport, CaseReport.case_id == Case.id)
    rows = rows.join(Report, Report.id == CaseReport.report_id).where(Report.number.in_(said))
    rows = rows.where(Case.restricted | Report.id.not_in(hidden)).order_by(Case.id)
    for case, number in session.execute(rows.with_for_update(of=Case, skip_locked=True)):
        case.updated_at = max(case.updated_at, said[number])


_UNREAD = (
    ReportAddition.read_at.is_(None),
    or_(CaseReport.read_to.is_(None), CaseReport.read_to < ReportAddition.id),
)


def _answered_by_party() -> Select[int]:
    """Ids of the cases, of merged ones those in which the work goes on, where nobody took up the answer of a party."""
    begun = select(Case.id.label("id"), Case.id.label("case_id")).where(Case.answered_at.is_not(None))
    way, further = family.ways(begun), aliased(CaseMerge)
    goes_on = select(further.id).where(further.case_id == way.c.case_id, further.undone_at.is_(None))
    return select(way.c.case_id).where(~goes_on.exists())


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


def read_in_case(case: Case, user: User) -> None:
    """Whoever opens, notes, answers or ends a case has read what was added to those of its reports that he may see."""
    _read_here(case, user)
    take_up_answers(case)


def read_reports(case: Case, reports: Sequence[Report], user: User) -> None:
    """Whoever takes reports into a case has read what was added to these."""
    _read_here(case, user, CaseReport.report_id.in_([each.id for each in reports]))


def take_up_answers(case: Case) -> None:
    """Somebody goes on with the case: the answers of parties are taken up."""
    told = update(Case).where(Case.id.in_(family.ids(case)), Case.answered_at.is_not(None))
    session.execute(told.values(answered_at=None))


def _read_here(case: Case, user: User, *which: ColumnElement[bool]) -> None:
    """What was added is read in this case; in other open cases that hold the report it stays to be read."""
    session.flush()
    mine = select(ReportAddition.report_id, ReportAddition.id).join(
        CaseReport, CaseReport.report_id == ReportAddition.report_id
    )
    mine = mine.where(ReportAddition.read_at.is_(None), CaseReport.case_id == case.id)
    mine = mine.where(CaseReport.report_id.not_in(hidden_reports(user)))
    newest = dict(session.execute(mine.where(*which).order_by(ReportAddition.id)).all())
    for report_id, addition_id in newest.items():
        session.get_one(CaseReport, (case.id, report_id)).read_to = addition_id
    if not newest:
        return
    session.flush()
    elsewhere = select(CaseReport.case_id).join(Case, Case.id == CaseReport.case_id).where(IS_OPEN, *_UNREAD[1:])
    elsewhere = elsewhere.where(CaseReport.report_id == ReportAddition.report_id, CaseReport.case_id != case.id)
    _read(ReportAddition.report_id.in_(list(newest)), ~elsewhere.exists())


def _read(*which: ColumnElement[bool]) -> None:
    fresh = update(ReportAddition).where(*which, ReportAddition.read_at.is_(None))
    session.execute(fresh.values(read_at=clock.now()))
