"""Reports of member organisations (004-07 to 004-11): begun, handed in by a unit, sent by the coordinator.

A report that a unit handed in waits with the coordinator of its organisation: nobody else can send it to the centre.
What is sent is an ordinary report by the one way in; beside it stands what only agencies tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from cert_portal.cases import events
from cert_portal.cases.agency_clock import Assessment, assess
from cert_portal.cases.agency_copy import send_copy
from cert_portal.cases.agency_letters import tell_author, tell_coordinators
from cert_portal.cases.models import AgencyNote, AgencyReport, AgencyState
from cert_portal.cases.severity import Halt, Impact, Leak, Tampering
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.text import clean
from cert_portal.directory import members
from cert_portal.directory.models import User
from cert_portal.directory.parties import Member
from cert_portal.intake import drafts
from cert_portal.intake.models import Report, ReportDraft
from cert_portal.intake.submission import ReporterKind

LOSSES = ("operations", "equipment", "delay", "data", "recovery", "standby")
"""The six headings of the loss assessment (004-17), in the order asked."""
FACTS = (
    *("danger", "system", "system_other", "origin", "leaked", "tampered", "halted", "tolerable_hours"),
    *("expected_hours", "scope", "support", "support_what", "damage", *(f"loss_{each}" for each in LOSSES)),
)
"""What only agencies tell, by the names of the answers."""
OPEN_TO_CHANGE = frozenset({AgencyState.DRAFT, AgencyState.RETURNED})
WITH_CENTRE = frozenset({AgencyState.SENT, AgencyState.RELEASE_ASKED, AgencyState.RELEASED})
KEPT_WAITING = timedelta(days=400)
"""How long a report waits with a coordinator before its draft is removed as any other."""


class AgencyRefused(Exception):
    """The step is not possible; `reason` is a code: late, incomplete, wrong_state, not_coordinator, reason_missing,
    empty, solution_missing, learnt_missing. `missing` names answers.
    """

    def __init__(self, reason: str, missing: Iterable[str] = ()) -> None:
        super().__init__(reason)
        self.reason, self.missing = reason, list(missing)


def begin(user: User, member: Member) -> AgencyReport:
    """Begin a report, with the answers that are known already."""
    now, (organisation, _unit) = clock.now(), members.named(member)
    draft = drafts.start(Language(user.language))
    known = {"organisation": organisation.name(user.language), "name": user.name, "email": user.email}
    drafts.answer(draft, {**known, "reporter_kind": ReporterKind.LARGE.value, "language": user.language})
    row = AgencyReport(
        organisation_id=member.organisation_id,
        unit_id=member.unit_id,
        author_id=user.id,
        draft_id=draft.id,
        state=AgencyState.DRAFT,
        begun_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def seen_by(user: User, member: Member) -> ColumnElement[bool]:
    """The condition for rows that a person may see: a coordinator those of the organisation, others those of the unit.

    What is not handed in yet is seen by its author alone.
    """
    mine = AgencyReport.author_id == user.id
    own = AgencyReport.organisation_id == member.organisation_id
    unit = own if member.is_coordinator else and_(own, AgencyReport.unit_id == member.unit_id)
    return and_(unit, or_(AgencyReport.state != AgencyState.DRAFT, mine))


def listed(user: User, member: Member) -> list[tuple[AgencyReport, Report | None]]:
    """What a person may see, what was touched last at the top; at most 200."""
    rows = select(AgencyReport, Report).outerjoin(Report, Report.id == AgencyReport.report_id)
    rows = rows.where(seen_by(user, member)).order_by(AgencyReport.updated_at.desc(), AgencyReport.id.desc())
    return [(row, report) for row, report in session.execute(rows.limit(200))]


def with_waiting(rows: Iterable[AgencyReport]) -> set[int]:
    """Ids of those rows of which the report, or something that was told later, waits with the coordinator."""
    found = list(rows)
    waits = AgencyNote.state == AgencyState.WITH_COORDINATOR
    later = select(AgencyNote.agency_report_id).where(waits, AgencyNote.agency_report_id.in_([row.id for row in found]))
    return {row.id for row in found if row.state == AgencyState.WITH_COORDINATOR} | set(session.scalars(later))


def find(row_id: int, user: User, member: Member) -> AgencyReport | None:
    """One row; None for an unknown one as for one that the person may not see."""
    return session.scalars(select(AgencyReport).where(AgencyReport.id == row_id, seen_by(user, member))).first()


def may_change(row: AgencyReport, user: User) -> bool:
    """Whether the answers may still be changed by this person: the author, before it is handed in or after a return."""
    return row.state in OPEN_TO_CHANGE and row.author_id == user.id


def draft_of(row: AgencyReport) -> ReportDraft | None:
    """The draft with the answers, until the report is sent."""
    return session.get(ReportDraft, row.draft_id) if row.draft_id else None


def impact_of(told: dict[str, Any]) -> Impact:
    """The answers that the level is derived from; what is not answered counts as nothing."""
    return Impact(
        Leak(told.get("leaked") or Leak.NONE),
        Tampering(told.get("tampered") or Tampering.NONE),
        Halt(told.get("halted") or Halt.NONE),
        told.get("tolerable_hours"),
        told.get("expected_hours"),
    )


def assessed(answers: dict[str, Any], at: datetime | None = None) -> Assessment:
    """Level and clock of the answers of a draft."""
    noticed = answers.get("discovered_at")
    return assess(impact_of(answers), datetime.fromisoformat(noticed) if noticed else None, at)


def lacking(answers: dict[str, Any]) -> list[str]:
    """Answers that the form of an agency cannot do without."""
    needed = ("system", "discovered_at", "leaked", "tampered", "halted", "support")
    found = [name for name in needed if not answers.get(name)]
    found += ["description"] if not answers.get("description") else []
    return found + (["email"] if not (answers.get("email") or answers.get("telephone")) else [])


def hand_in(row: AgencyReport, user: User, member: Member, late_reason: str = "") -> None:
    """Send the report to the centre; that of a unit goes to the coordinator and waits there.

    Raises AgencyRefused: wrong_state, incomplete, late (no reason is given; nothing is lost).
    """
    draft = _held(row)
    if draft is None or not may_change(row, user):
        raise AgencyRefused("wrong_state")
    if missing := lacking(draft.answers):
        raise AgencyRefused("incomplete", missing)
    found = _judged(row, draft, late_reason)
    row.returned_reason, row.handed_in_at, row.updated_at = "", clock.now(), clock.now()
    if member.is_coordinator:
        _send(row, draft, found, user)
        return
    row.state, row.level, row.level_rule = AgencyState.WITH_COORDINATOR, found.verdict.level, found.verdict.rule
    draft.expires_at = clock.now() + KEPT_WAITING
    number = drafts.reserve_number(draft)
    told_in(row, number, user)


def told_in(row: AgencyReport, number: str, user: User) -> None:
    """A unit has handed something in: the record, and a letter to the coordinators."""
    organisation, unit = row.organisation_id, row.unit_id
    record(events.AGENCY_HANDED_IN, number, user.actor, organisation=organisation, unit=unit, level=row.level)
    tell_coordinators(row, number)


def pass_up(row: AgencyReport, user: User, member: Member, late_reason: str = "") -> None:
    """Send to the centre what a unit handed in. Raises AgencyRefused: not_coordinator, wrong_state, late."""
    draft = _held(row)
    _must_coordinate(row, member)
    if draft is None or row.state != AgencyState.WITH_COORDINATOR:
        raise AgencyRefused("wrong_state")
    _send(row, draft, _judged(row, draft, late_reason), user)


def send_back(row: AgencyReport, user: User, member: Member, reason: str) -> None:
    """Give a report back to its unit with a reason.

    Raises AgencyRefused: not_coordinator, wrong_state, reason_missing.
    """
    draft, why = _held(row), clean(reason).strip()
    _must_coordinate(row, member)
    if draft is None or row.state != AgencyState.WITH_COORDINATOR:
        raise AgencyRefused("wrong_state")
    if not why:
        raise AgencyRefused("reason_missing")
    row.state, row.returned_reason, row.updated_at = AgencyState.RETURNED, why, clock.now()
    number = drafts.reserve_number(draft)
    record(events.AGENCY_RETURNED, number, user.actor, what="report")
    tell_author(row, row.author_id, number, why)


def _held(row: AgencyReport) -> ReportDraft | None:
    """Read the row again and hold it, so that two presses at once come one after the other."""
    session.flush()
    session.refresh(row, with_for_update=True)
    return draft_of(row)


def _must_coordinate(row: AgencyReport, member: Member) -> None:
    if not member.is_coordinator or member.organisation_id != row.organisation_id:
        raise AgencyRefused("not_coordinator")


def _judged(row: AgencyReport, draft: ReportDraft, late_reason: str) -> Assessment:
    """Level and clock at this moment. A reason that was given before is enough."""
    found = assessed(draft.answers, clock.now())
    row.late_reason = clean(late_reason).strip() or row.late_reason
    if found.is_late and not row.late_reason:
        raise AgencyRefused("late")
    return found


def _send(row: AgencyReport, draft: ReportDraft, found: Assessment, user: User) -> None:
    facts = {name: draft.answers.get(name) for name in FACTS}
    report = drafts.send(draft)
    if row.unit_id is not None:
        report.ack_address = user.email  # number and secret open the status page: a unit goes by its coordinator
    draft.expires_at = clock.now() + drafts.KEPT
    row.report_id, row.draft_id, row.facts, row.state = report.id, None, facts, AgencyState.SENT
    row.level, row.level_rule = found.verdict.level, found.verdict.rule
    row.minutes, row.late = found.minutes, found.is_late
    row.late_reason = row.late_reason if found.is_late else ""
    row.sent_at = row.updated_at = clock.now()
    session.flush()
    record(
        events.AGENCY_SENT,
        report.number,
        user.actor,
        organisation=row.organisation_id,
        unit=row.unit_id,
        system=facts["system"],
        origin=facts["origin"] or "",
        level=row.level,
        rule=row.level_rule,
        support=facts["support"],
        minutes=row.minutes,
        notice=found.notice,
    )
    send_copy(row, report)
