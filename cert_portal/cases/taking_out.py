"""A report that does not belong to a case after all is taken out: of no other case, it waits for triage again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases import events, family, handling
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.index import index_case
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.outside import tell_status_pages
from cert_portal.cases.triage import back_to_queue, hold
from cert_portal.cases.workflow import OPEN, Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects, record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

MISTAKE = "mistake"
"""The outcome of a case that should not have been opened."""


def take_out(case: Case, reports: Sequence[Report], actor: User, reason: str = "") -> list[Report]:
    """Take these out of the case, be they all that it has; answers those that wait for triage again.

    Raises HandlingRefused: closed (or merged), no_report (none of them is in it).
    """
    family.hold(case)
    if case.state not in OPEN:
        raise HandlingRefused("closed")
    hold(reports)
    rows = {row.report_id: row for row in session.scalars(select(CaseReport).where(CaseReport.case_id == case.id))}
    chosen = [each for each in reports if each.id in rows]
    if not chosen:
        raise HandlingRefused("no_report")
    why = clean(reason).strip() or None
    for each in chosen:
        session.delete(rows[each.id])
        record(events.TAKEN_OUT, each.number, actor.actor, text=why, case=case.number)
    record(events.REPORTS_OUT, case.number, actor.actor, text=why, reports=[each.number for each in chosen])
    session.flush()
    others = _other_cases(chosen)
    held = set(session.scalars(select(CaseReport.report_id).where(CaseReport.report_id.in_([r.id for r in chosen]))))
    free = [each for each in chosen if each.id not in held]
    for each in free:
        back_to_queue(each, actor)
    case.updated_at = clock.now()
    for each_case in (case, *others):
        tell_status_pages(each_case)
    index_case(case)
    return free


def was_worked_on(case: Case, *, undone_in_part: bool = False) -> bool:
    """Whether anything was done to the case after it was opened.

    That another case hides a report of it is none, nor is an undo that took some of it out.
    """
    undone = (events.REPORTS_OUT,) if undone_in_part else ()
    no_work = {each.name for each in (events.OPENED, events.REPORT_KEPT_CLOSE, *undone)}
    return any(each.kind not in no_work for each in of_subjects([case.number]))


def unopen(case: Case, reports: Sequence[Report], actor: User) -> list[Report]:
    """Take all out of a case that should not have been opened, and close it. Raises HandlingRefused as `take_out`."""
    free = take_out(case, reports, actor)
    handling.close(case, Verb.DISMISS, actor, outcome=MISTAKE, reason="–")
    return free


def _other_cases(reports: Sequence[Report]) -> list[Case]:
    rows = select(CaseReport.case_id).where(CaseReport.report_id.in_([each.id for each in reports]))
    return list(session.scalars(select(Case).where(Case.id.in_(rows)).order_by(Case.id)))
