"""After the report of a member organisation: updates, the release form (004-15), and the centre's word on it.

What a unit tells waits with its coordinator here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from cert_portal.cases import events
from cert_portal.cases.agency import KEPT_WAITING, WITH_CENTRE, AgencyRefused, impact_of, told_in
from cert_portal.cases.agency_clock import NOT_EXEMPT, assess
from cert_portal.cases.agency_letters import tell_author
from cert_portal.cases.models import AgencyNote, AgencyReport, AgencyState, Case, CaseReport
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.directory.parties import Member
from cert_portal.intake.models import PublicState, Report, ReportAddition, ReportDraft, ReportFile
from cert_portal.intake.status import add, tell
from cert_portal.intake.submission import Channel

UPDATE, RELEASE = "update", "release"
_OF_THE_NOTE = frozenset({"learnt_at", "late_reason", "files", "holder"})
RELEASE_FACTS = (
    *("restored_at", "cause", "solution", "prevention", "loss_final", "evidence_kept", "remaining_risk", "contact"),
)
"""The release form (annex 3 of 004) in the order asked; the solution must be told."""


@dataclass(frozen=True)
class Told:
    """An update: words, answers that changed (by the names of `agency.FACTS`), when a higher level was learnt, and the
    draft that holds files to go with it.
    """

    text: str
    facts: dict[str, Any] = field(default_factory=dict)
    learnt_at: datetime | None = None
    late_reason: str = ""
    holder: ReportDraft | None = None


def update(row: AgencyReport, told: Told, user: User, member: Member) -> AgencyNote:
    """Tell more. A level that rises above 1 sets the clock going from when it was learnt (004-08).

    Raises AgencyRefused: wrong_state, empty, learnt_missing, late.
    """
    changed = _must_be_tellable(row, told)
    late = _is_late(row, changed, told)
    learnt = {"learnt_at": told.learnt_at.isoformat()} if told.learnt_at else {}
    facts = {**changed, **learnt, **({"late_reason": told.late_reason.strip()} if late else {}), **_held(told.holder)}
    return _put(row, UPDATE, clean(told.text).strip(), facts, user, member)


def ask_release(row: AgencyReport, facts: dict[str, str], user: User, member: Member) -> AgencyNote:
    """Tell the solution and ask the centre to lift its control.

    Raises AgencyRefused: wrong_state (not with the centre, or released already), solution_missing.
    """
    session.refresh(row, with_for_update=True)
    if row.state != AgencyState.SENT:
        raise AgencyRefused("wrong_state")
    plain = {name: clean(facts.get(name, "")).strip() for name in RELEASE_FACTS}
    if not plain["solution"]:
        raise AgencyRefused("solution_missing")
    return _put(row, RELEASE, "", plain, user, member)


def pass_note_up(note: AgencyNote, user: User, member: Member, late_reason: str = "") -> None:
    """Send to the centre what a unit told later; the clock of a level that rose ran on while it waited.

    Raises AgencyRefused: not_coordinator, wrong_state, late.
    """
    row = _waiting(note, member)
    _must_fit(row, note)
    if learnt := note.facts.get("learnt_at"):
        reason = clean(late_reason).strip() or note.facts.get("late_reason", "")
        told = Told(note.text, _changed(note), datetime.fromisoformat(learnt), reason)
        if _is_late(row, told.facts, told):
            note.facts = {**note.facts, "late_reason": reason}
    _apply(row, note, user)


def send_note_back(note: AgencyNote, user: User, member: Member, reason: str) -> None:
    """Give it back to the unit with a reason. Raises AgencyRefused: not_coordinator, wrong_state, reason_missing."""
    row, why = _waiting(note, member), clean(reason).strip()
    if not why:
        raise AgencyRefused("reason_missing")
    note.state, note.returned_reason = AgencyState.RETURNED, why
    number = number_of(row)
    record(events.AGENCY_RETURNED, number, user.actor, what=note.kind)
    tell_author(row, note.author_id, number, why)


def confirm(row: AgencyReport, actor: User, solution: str = "") -> None:
    """The centre confirms the release; before the organisation asked, with the solution that it told otherwise.

    Raises AgencyRefused: wrong_state, solution_missing.
    """
    session.refresh(row, with_for_update=True)
    told = "form" if row.state == AgencyState.RELEASE_ASKED else "otherwise"
    if row.state not in (AgencyState.SENT, AgencyState.RELEASE_ASKED):
        raise AgencyRefused("wrong_state")
    if told == "otherwise":
        if not clean(solution).strip():
            raise AgencyRefused("solution_missing")
        row.release = {"solution": clean(solution).strip()}
    row.state, row.returned_reason = AgencyState.RELEASED, ""
    row.released_at = row.updated_at = clock.now()
    record(events.AGENCY_RELEASED, number_of(row), actor.actor, told=told)


def not_yet(row: AgencyReport, actor: User, reason: str) -> None:
    """The centre asks for more before it confirms. Raises AgencyRefused: wrong_state, reason_missing."""
    session.refresh(row, with_for_update=True)
    why = clean(reason).strip()
    if row.state != AgencyState.RELEASE_ASKED:
        raise AgencyRefused("wrong_state")
    if not why:
        raise AgencyRefused("reason_missing")
    row.state, row.returned_reason, row.updated_at = AgencyState.SENT, why, clock.now()
    tell(session.get_one(Report, row.report_id), PublicState.WAITING_FOR_YOU)
    record(events.AGENCY_RELEASE_RETURNED, number_of(row), actor.actor)


def notes(row: AgencyReport) -> list[AgencyNote]:
    """What was told later, oldest first."""
    rows = select(AgencyNote).where(AgencyNote.agency_report_id == row.id).order_by(AgencyNote.id)
    return list(session.scalars(rows))


def mails(row: AgencyReport) -> list[ReportAddition]:
    """What came later by mail from the address of the report, oldest first."""
    rows = select(ReportAddition).where(ReportAddition.report_id == row.report_id, ReportAddition.known_sender)
    return list(session.scalars(rows.where(ReportAddition.channel == Channel.EMAIL).order_by(ReportAddition.id)))


def of_reports(reports: Sequence[Report]) -> dict[int, AgencyReport]:
    """What member organisations told, by the id of the report that the caller may see."""
    rows = select(AgencyReport).where(AgencyReport.report_id.in_([report.id for report in reports]))
    return {row.report_id or 0: row for row in session.scalars(rows)}


def waits_for_release(case: Case) -> bool:
    """Whether a member organisation reported it and its release is not confirmed: then the case stays open."""
    return case.id in waiting_for_release([case])


def waiting_for_release(cases: Sequence[Case]) -> set[int]:
    """Ids of those among these cases that wait for a release. Of a report that a restricted case holds, too, that one
    waits; a case for everybody says nothing of it.
    """
    secret, theirs, ids = aliased(Case), aliased(CaseReport), [case.id for case in cases]
    hidden = select(theirs.report_id).join(secret, secret.id == theirs.case_id)
    hidden = hidden.where(theirs.report_id == CaseReport.report_id, secret.restricted)
    rows = select(CaseReport.case_id).join(AgencyReport, AgencyReport.report_id == CaseReport.report_id)
    rows = rows.join(Case, Case.id == CaseReport.case_id).where(CaseReport.case_id.in_(ids))
    rows = rows.where(AgencyReport.state != AgencyState.RELEASED, Case.restricted | ~hidden.exists())
    return set(session.scalars(rows))


def number_of(row: AgencyReport) -> str:
    """The number of the report that was sent."""
    return session.get_one(Report, row.report_id).number


def _must_be_tellable(row: AgencyReport, told: Told) -> dict[str, Any]:
    session.refresh(row, with_for_update=True)
    if row.state not in WITH_CENTRE:
        raise AgencyRefused("wrong_state")
    changed = {name: value for name, value in told.facts.items() if value != row.facts.get(name)}
    if not changed and not told.text.strip() and not _held(told.holder):
        raise AgencyRefused("empty")
    return changed


def _held(holder: ReportDraft | None) -> dict[str, Any]:
    """Files wait in their draft as long as a report does."""
    names = [each.filename for each in _files(holder.id)] if holder else []
    if not holder or not names:
        return {}
    holder.expires_at = clock.now() + KEPT_WAITING
    return {"files": names, "holder": holder.id}


def _files(holder_id: int) -> list[ReportFile]:
    rows = select(ReportFile).where(ReportFile.draft_id == holder_id, ReportFile.report_id.is_(None))
    return list(session.scalars(rows.order_by(ReportFile.id)))


def _is_late(row: AgencyReport, changed: dict[str, Any], told: Told) -> bool:
    """Only a level that was exempt until now has a clock of its own."""
    found = assess(impact_of({**row.facts, **changed}), told.learnt_at)
    if (row.level or 0) >= NOT_EXEMPT or (found.verdict.level or 0) < NOT_EXEMPT:
        return False
    if told.learnt_at is None:
        raise AgencyRefused("learnt_missing")
    if found.is_late and not told.late_reason.strip():
        raise AgencyRefused("late")
    return found.is_late


def _put(row: AgencyReport, kind: str, text: str, facts: dict[str, Any], user: User, member: Member) -> AgencyNote:
    note = AgencyNote(
        agency_report_id=row.id,
        author_id=user.id,
        kind=kind,
        state=AgencyState.WITH_COORDINATOR,
        text=text,
        facts=facts,
        at=clock.now(),
    )
    session.add(note)
    session.flush()
    if member.is_coordinator:
        _apply(row, note, user)
    else:
        told_in(row, number_of(row), user)
    return note


def _waiting(note: AgencyNote, member: Member) -> AgencyReport:
    session.refresh(note, with_for_update=True)
    row = session.get_one(AgencyReport, note.agency_report_id, with_for_update=True, populate_existing=True)
    if not member.is_coordinator or member.organisation_id != row.organisation_id:
        raise AgencyRefused("not_coordinator")
    if note.state != AgencyState.WITH_COORDINATOR:
        raise AgencyRefused("wrong_state")
    return row


def _changed(note: AgencyNote) -> dict[str, Any]:
    return {name: value for name, value in note.facts.items() if name not in _OF_THE_NOTE}


def _must_fit(row: AgencyReport, note: AgencyNote) -> None:
    """A release form that waited while the centre released it, or got another one, is out of date."""
    if note.kind == RELEASE and row.state != AgencyState.SENT:
        raise AgencyRefused("wrong_state")


def _apply(row: AgencyReport, note: AgencyNote, user: User) -> None:
    """It reaches the centre: the report shows it as new information, whatever it is."""
    report = session.get_one(Report, row.report_id)
    note.state, note.sent_at, row.updated_at = AgencyState.SENT, clock.now(), clock.now()
    if note.kind == RELEASE:
        row.release, row.state, row.returned_reason = note.facts, AgencyState.RELEASE_ASKED, ""
        add(report, Channel.WEB, note.facts["solution"], [])
        record(events.AGENCY_RELEASE_ASKED, report.number, user.actor)
        return
    before, late = row.level, "late_reason" in note.facts
    changed = _changed(note)
    files = _files(note.facts.get("holder", 0))
    for each in files:
        each.report_id = report.id
    row.facts = {**row.facts, **changed}
    row.late_reason, row.late = note.facts.get("late_reason", row.late_reason), row.late or late
    verdict = assess(impact_of(row.facts), None).verdict
    row.level, row.level_rule = verdict.level, verdict.rule
    add(report, Channel.WEB, note.text, [])
    told = {"before": before, "level": row.level, "rule": row.level_rule, "late": late, "files": len(files)}
    record(events.AGENCY_UPDATED, report.number, user.actor, **told)  # type: ignore[arg-type]  # data by name
