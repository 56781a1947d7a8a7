"""Letters that leave later: dated by a person, shown on the case, changed or cancelled until they leave.

A letter stays with the case that it was written about. When that is closed or merged, becomes TLP:RED, loses the report
or is hidden from the author, the letter is stopped, not sent, and its author is told; the words are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from cert_portal.cases import letters, notices
from cert_portal.cases.correspondence import PlannedLetter, PlannedState
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.visible import may_see, reports_visible_to
from cert_portal.cases.workflow import State
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.clock import is_working_day, next_working_day
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import clean
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.intake.models import Report

PLANNED = declare("case.letter_planned", "A letter was dated for later", "planned", "report", "leaves_at")
REPLANNED = declare("case.letter_replanned", "A letter for later was changed", "planned", "report", "leaves_at")
CANCELLED = declare("case.letter_cancelled", "A letter for later was cancelled", "planned", "report")
STOPPED = declare("case.letter_stopped", "A letter for later did not leave", "planned", "report", "reason")

MORNING, AFTERNOON = time(9), time(14)
FARTHEST = timedelta(days=366)
KEPT = (PlannedState.WAITS, PlannedState.STOPPED)
"""Those that a person can still change: a stopped one takes another time."""


class LaterRefused(Exception):
    """The letter cannot wait like that; `reason` is a code: no_time, past, too_far, has_left."""

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
    case: Case, report: Report, subject: str, text: str, leaves_at: datetime, actor: User, *, wants_answer: bool = False
) -> PlannedLetter:
    """Let a letter leave at that time. Raises LaterRefused, LetterRefused: what can be seen now is said now."""
    check_time(leaves_at)
    letters.draft_to_reporter(case, report, subject, text)
    row = PlannedLetter(
        case_id=case.id,
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
    when = leaves_at.isoformat()
    record(PLANNED, case.number, actor.actor, planned=row.id, report=report.number, leaves_at=when)
    return row


def change(row: PlannedLetter, subject: str, text: str, leaves_at: datetime, actor: User) -> None:
    """Other words or another time; who changes it answers for it. Raises LaterRefused, LetterRefused."""
    _hold(row)
    check_time(leaves_at)
    case, report = session.get_one(Case, row.case_id), session.get_one(Report, row.report_id)
    letters.draft_to_reporter(case, report, subject, text)
    row.subject, row.text, row.leaves_at, row.author_id = clean(subject), clean(text), leaves_at, actor.id
    row.state, row.reason, row.written_at = PlannedState.WAITS, "", clock.now()
    when = leaves_at.isoformat()
    record(REPLANNED, case.number, actor.actor, planned=row.id, report=report.number, leaves_at=when)


def cancel(row: PlannedLetter, actor: User) -> None:
    """Let it not leave at all. Raises LaterRefused("has_left")."""
    _hold(row)
    row.state = PlannedState.CANCELLED
    case, report = session.get_one(Case, row.case_id), session.get_one(Report, row.report_id)
    record(CANCELLED, case.number, actor.actor, planned=row.id, report=report.number)


def of_case(case: Case, user: User) -> Sequence[tuple[PlannedLetter, Report]]:
    """The letters of a case that wait or were stopped, as far as the person may see their reports."""
    rows = select(PlannedLetter, Report).join(Report, Report.id == PlannedLetter.report_id)
    rows = rows.where(PlannedLetter.case_id == case.id, PlannedLetter.state.in_(KEPT), reports_visible_to(user))
    return [(row, report) for row, report in session.execute(rows.order_by(PlannedLetter.leaves_at))]


def find(case: Case, planned_id: int, user: User) -> tuple[PlannedLetter, Report] | None:
    """One of them."""
    return next((each for each in of_case(case, user) if each[0].id == planned_id), None)


def waiting() -> list[int]:
    """All that wait, whether it is time or not: what hinders one is told before its time."""
    rows = select(PlannedLetter.id).where(PlannedLetter.state == PlannedState.WAITS)
    return list(session.scalars(rows.order_by(PlannedLetter.leaves_at)))


def look_at(planned_id: int) -> str:
    """Stop a letter that may not leave any longer, send one whose time has come; answers its state."""
    row = session.get(PlannedLetter, planned_id, with_for_update={"skip_locked": True}, populate_existing=True)
    if row is None or row.state != PlannedState.WAITS:
        return row.state if row else ""
    case, report = session.get_one(Case, row.case_id), session.get_one(Report, row.report_id)
    author = session.get_one(User, row.author_id)
    reason = _hindrance(row, case, report, author)
    if reason:
        _stop(row, case, report, author, reason)
    elif row.leaves_at <= clock.now():
        wants = row.wants_answer
        letter = letters.write_to_reporter(case, report, row.subject, row.text, author, wants_answer=wants)
        row.state, row.letter_id = PlannedState.LEFT, letter.id
    return row.state


def _hindrance(row: PlannedLetter, case: Case, report: Report, author: User) -> str:
    if not author.active or Permission.ANSWER not in permissions_of(author.roles):
        return "author"
    if not may_see(case, author):
        return "access"
    if case.state == State.MERGED:
        return "merged"
    if case.closed_at is not None and case.closed_at > row.written_at:
        return "closed"
    if session.get(CaseReport, (case.id, report.id)) is None:
        return "moved"
    try:
        letters.draft_to_reporter(case, report, row.subject, row.text)
    except LetterRefused as error:
        return error.reason
    return ""


def _stop(row: PlannedLetter, case: Case, report: Report, author: User, reason: str) -> None:
    """The author is told; without the number where the author may not see the case any more."""
    row.state, row.reason = PlannedState.STOPPED, reason
    record(STOPPED, case.number, "system", planned=row.id, report=report.number, reason=reason)
    subject = case.number if may_see(case, author) else author.actor
    notices.tell(notices.Kind.LETTER, author, subject, f"stopped {row.id} {clock.now():%Y%m%d%H%M}")


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
