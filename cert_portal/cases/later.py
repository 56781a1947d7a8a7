"""Letters that leave later: dated by a person, shown on the case or report, changed or cancelled until they leave.

A letter stays with the case that it was written about. When that is closed or merged, becomes TLP:RED, loses the report
or is hidden from the author, the letter is stopped, not sent, and its author is told; the words are kept. After a merge
they are shown, and can be dated anew, on the case in which the work goes on. One that was written on the page of a
report stays with the report: it is stopped when that is decided against or hidden from the author, and when the cases
that took it in become TLP:RED or are all closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from cert_portal.cases import called, events, family, labels, letters, notices
from cert_portal.cases.correspondence import PlannedLetter, PlannedState
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.outside import DONE_WITH
from cert_portal.cases.visible import may_see, reports_visible_to
from cert_portal.cases.workflow import State
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.clock import is_working_day, next_working_day
from cert_portal.core.db import session
from cert_portal.core.events import EventKind, declare, of_subjects, record
from cert_portal.core.text import clean
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.intake.models import Report

_OF = ("planned", "report")
PLANNED = (
    declare("case.letter_planned", "A letter was dated for later", *_OF, "leaves_at"),
    declare("report.letter_planned", "A letter was dated for later on the page of a report", *_OF, "leaves_at"),
)
REPLANNED = (
    declare("case.letter_replanned", "A letter for later was changed", *_OF, "leaves_at"),
    declare("report.letter_replanned", "A letter for later of a report was changed", *_OF, "leaves_at"),
)
CANCELLED = (
    declare("case.letter_cancelled", "A letter for later was cancelled", *_OF),
    declare("report.letter_cancelled", "A letter for later of a report was cancelled", *_OF),
)
STOPPED = (
    declare("case.letter_stopped", "A letter for later did not leave", *_OF, "reason"),
    declare("report.letter_stopped", "A letter for later of a report did not leave", *_OF, "reason"),
)
"""Each for a letter of a case, and for one of a report."""

MORNING, AFTERNOON = time(9), time(14)
FARTHEST = timedelta(days=366)
KEPT = (PlannedState.WAITS, PlannedState.STOPPED)
"""Those that a person can still change: a stopped one takes another time."""


class LaterRefused(Exception):
    """The letter cannot wait like that; `reason` is a code: no_time, odd_time, past, too_far, has_left.

    One that may not leave now has the reason for which it would be stopped.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def suggestions() -> dict[str, datetime]:
    """Times that people mean by "later", in the portal's time zone; the next working morning first."""
    local, holidays = clock.now().astimezone(current().zone), calendar.holidays()
    today, works = local.date(), is_working_day(local.date(), holidays)
    morning = today if works and local.time() < MORNING else next_working_day(today, holidays)
    found = {"next_morning": datetime.combine(morning, MORNING, current().zone)}
    if works and local.time() < AFTERNOON:
        found["this_afternoon"] = datetime.combine(today, AFTERNOON, current().zone)
    week = next_working_day(today + timedelta(days=6), holidays)
    found["in_a_week"] = datetime.combine(week, MORNING, current().zone)
    return found


def plan(
    case: Case | None,
    report: Report,
    subject: str,
    text: str,
    leaves_at: datetime,
    actor: User,
    *,
    wants_answer: bool = False,
) -> PlannedLetter:
    """Let a letter leave at that time; without a case it is one of the report. Raises LaterRefused, LetterRefused: what
    can be seen now is said now.
    """
    check_time(leaves_at)
    letters.draft_to_reporter(case, report, subject, text)
    row = PlannedLetter(
        case_id=case.id if case else None,
        report_id=report.id,
        author_id=actor.id,
        subject=clean(subject),
        text=clean(text),
        wants_answer=wants_answer,
        written_at=clock.now(),
        leaves_at=leaves_at,
        state=PlannedState.WAITS,
    )
    session.add(row)
    session.flush()
    _record(PLANNED, row, actor.actor, leaves_at=leaves_at.isoformat())
    return row


def change(row: PlannedLetter, subject: str, text: str, leaves_at: datetime, actor: User) -> None:
    """Other words or another time; who changes it answers for it. Raises LaterRefused, LetterRefused."""
    _hold(row)
    check_time(leaves_at)
    _reword(row, subject, text, actor)
    row.leaves_at, row.state, row.reason = leaves_at, PlannedState.WAITS, ""
    _record(REPLANNED, row, actor.actor, leaves_at=leaves_at.isoformat())


def send(row: PlannedLetter, subject: str, text: str, actor: User) -> None:
    """Let it leave at once, with these words. Raises LaterRefused, LetterRefused."""
    _hold(row)
    _reword(row, subject, text, actor)
    _leave(row, actor)


def cancel(row: PlannedLetter, actor: User) -> None:
    """Let it not leave at all. Raises LaterRefused("has_left")."""
    _hold(row)
    row.state = PlannedState.CANCELLED
    _record(CANCELLED, row, actor.actor)


def of_case(case: Case, user: User) -> list[tuple[PlannedLetter, Report]]:
    """The letters of a case, and those written on the pages of its reports, that wait or were stopped, as far as the
    person may see their reports.
    """
    joined = select(CaseReport.report_id).where(CaseReport.case_id == case.id)
    from_reports = PlannedLetter.case_id.is_(None) & PlannedLetter.report_id.in_(joined)
    return _kept(from_reports | PlannedLetter.case_id.in_(family.ids(case)), user)


def of_report(report: Report, cases: Sequence[Case], user: User) -> list[tuple[PlannedLetter, Report]]:
    """The letters to one reporter that wait or were stopped: those of the report, and those of these cases of it."""
    of_cases = (PlannedLetter.case_id.in_(family.ids(each)) for each in cases)
    return _kept((PlannedLetter.report_id == report.id) & or_(PlannedLetter.case_id.is_(None), *of_cases), user)


def find(about: Case | Report, planned_id: int, user: User) -> tuple[PlannedLetter, Report] | None:
    """One that was written on the page of this case or report."""
    if isinstance(about, Case):
        theirs: ColumnElement[bool] = PlannedLetter.case_id.in_(family.ids(about))
    else:
        theirs = PlannedLetter.case_id.is_(None) & (PlannedLetter.report_id == about.id)
    return next(iter(_kept(theirs & (PlannedLetter.id == planned_id), user)), None)


def waiting() -> list[int]:
    """All that wait, whether it is time or not: what hinders one is told before its time."""
    rows = select(PlannedLetter.id).where(PlannedLetter.state == PlannedState.WAITS)
    return list(session.scalars(rows.order_by(PlannedLetter.leaves_at)))


def look_at(planned_id: int) -> str:
    """Stop a letter that may not leave any longer, send one whose time has come; answers its state."""
    row = session.get(PlannedLetter, planned_id)
    if row is None:
        return ""
    case, report = _about(row)
    family.hold(*([case] if case else ()))
    for each in (report, row):  # after the case, as pages do
        session.refresh(each, with_for_update=True)
    if row.state != PlannedState.WAITS:
        return row.state
    author = session.get_one(User, row.author_id)
    if reason := _hindrance(row, *_about(row), author):
        _stop(row, author, reason)
    elif row.leaves_at <= clock.now():
        _leave(row, author)
    return row.state


def _hindrance(row: PlannedLetter, case: Case | None, report: Report, author: User) -> str:
    if not author.active or Permission.ANSWER not in permissions_of(author.roles):
        return "author"
    if not (may_see(report, author) and (case is None or may_see(case, author))):
        return "access"
    if found := _changed_of_case(row, case, report) if case else _changed_of_report(row, report):
        return found
    try:
        letters.draft_to_reporter(case, report, row.subject, row.text)
    except LetterRefused as error:
        return error.reason
    return ""


def _changed_of_case(row: PlannedLetter, case: Case, report: Report) -> str:
    if case.state == State.MERGED:
        return "merged"
    if labels.was_widened(case, row.written_at):
        return "wider"
    if case.closed_at is not None and case.closed_at > row.written_at:
        return "closed"
    return "moved" if session.get(CaseReport, (case.id, report.id)) is None else ""


def _changed_of_report(row: PlannedLetter, report: Report) -> str:
    """Whether the work on the report ended after the letter was written: one that was written then may leave."""
    if report.state in DONE_WITH:
        ends = {events.REFUSED.name, events.REFERRED.name}
        lines = of_subjects([report.number])
        return "decided" if any(each.kind in ends and each.at > row.written_at for each in lines) else ""
    joined = select(Case.closed_at).join(CaseReport, CaseReport.case_id == Case.id)
    ended = list(session.scalars(joined.where(CaseReport.report_id == report.id)))
    is_over = bool(ended) and all(ended) and max(each for each in ended if each) > row.written_at
    return "closed" if is_over else ""


def _stop(row: PlannedLetter, author: User, reason: str) -> None:
    """The author is told; without the number where the author may not see the case or report any more. Of an author who
    left the desk others are told.
    """
    row.state, row.reason = PlannedState.STOPPED, reason
    _record(STOPPED, row, "system", reason=reason)
    case, report = _about(row)
    for user in called.instead_of(author, case or report, report):
        subject = (case or report).number if may_see(case or report, user) else user.actor
        notices.tell(notices.Kind.LETTER, user, subject, f"stopped {row.id} {clock.now():%Y%m%d%H%M}")


def _leave(row: PlannedLetter, author: User) -> None:
    letter = letters.write_to_reporter(*_about(row), row.subject, row.text, author, wants_answer=row.wants_answer)
    row.state, row.letter_id = PlannedState.LEFT, letter.id


def _reword(row: PlannedLetter, subject: str, text: str, actor: User) -> None:
    """A person dates or sends it anew, from the case in which the work goes on: what hinders it is said now."""
    case, report = _about(row)
    case = family.standing(case) if case else None
    row.case_id = case.id if case else None
    row.subject, row.text, row.author_id, row.written_at = clean(subject), clean(text), actor.id, clock.now()
    if reason := _hindrance(row, case, report, actor):
        letters.draft_to_reporter(case, report, subject, text)
        raise LaterRefused(reason)


def _about(row: PlannedLetter) -> tuple[Case | None, Report]:
    case = session.get_one(Case, row.case_id) if row.case_id else None
    return case, session.get_one(Report, row.report_id)


def _kept(which: ColumnElement[bool], user: User) -> list[tuple[PlannedLetter, Report]]:
    rows = select(PlannedLetter, Report).join(Report, Report.id == PlannedLetter.report_id)
    rows = rows.where(which, PlannedLetter.state.in_(KEPT), reports_visible_to(user))
    return [(row, report) for row, report in session.execute(rows.order_by(PlannedLetter.leaves_at))]


def _record(kinds: tuple[EventKind, EventKind], row: PlannedLetter, actor: str, **more: Any) -> None:
    """The event of the case, or of the report where it was written before there was a case."""
    case, report = _about(row)
    record(kinds[case is None], (case or report).number, actor, planned=row.id, report=report.number, **more)


def check_time(leaves_at: datetime) -> None:
    """Whether a letter can wait for that time. Raises LaterRefused: past, too_far."""
    if leaves_at <= clock.now():
        raise LaterRefused("past")
    if leaves_at > clock.now() + FARTHEST:
        raise LaterRefused("too_far")


def _hold(row: PlannedLetter) -> None:
    session.refresh(row, with_for_update=True)
    if row.state not in KEPT:
        raise LaterRefused("has_left")
