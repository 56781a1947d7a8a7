"""Saying that a case or a report belongs to an exercise, or does not after all. Figures leave exercises out.

A case and its reports are of one kind, so that no real reporter gets a letter of an exercise, nor a player a real one.
"""

from __future__ import annotations

from sqlalchemy import select

from cert_portal.cases import family
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.visible import reports_of
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

CASE_SET = declare("case.drill_set", "A case was said to be part of an exercise, or not", "drill")
REPORT_SET = declare("report.drill_set", "A report was said to be part of an exercise, or not", "drill")


class MarkRefused(Exception):
    """`reason` is a code: reason_missing (what is taken out of all figures needs one), other_cases (a report belongs to
    another case, too), in_case (mark the case instead).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def mark_case(case: Case, drill: bool, reason: str, actor: User) -> None:
    """The case, those that went into it, and its reports are part of an exercise, or not. Saying it again changes
    nothing. A report that the person may not see stays with the case that hides it.

    Raises MarkRefused, reason_missing and other_cases: then nothing was changed.
    """
    if case.drill == drill:
        return
    why = _reason(drill, reason)
    reports = reports_of(case, actor)
    elsewhere = select(CaseReport.report_id).where(CaseReport.report_id.in_([each.id for each in reports]))
    if session.scalar(elsewhere.where(CaseReport.case_id != case.id).limit(1)) is not None:
        raise MarkRefused("other_cases")
    for each in (case, *family.merged_into(case)):
        each.drill = drill
        record(CASE_SET, each.number, actor.actor, text=why, drill=drill)
    case.updated_at = clock.now()
    for report in (each for each in reports if each.drill != drill):
        _mark(report, drill, why, actor)


def mark_report(report: Report, drill: bool, reason: str, actor: User) -> None:
    """A report that is in no case is part of an exercise, or not. Raises MarkRefused: reason_missing, in_case."""
    if session.scalar(select(CaseReport.case_id).where(CaseReport.report_id == report.id).limit(1)) is not None:
        raise MarkRefused("in_case")
    if report.drill != drill:
        _mark(report, drill, _reason(drill, reason), actor)


def _reason(drill: bool, told: str) -> str | None:
    why = clean(told).strip() or None
    if drill and why is None:
        raise MarkRefused("reason_missing")
    return why


def _mark(report: Report, drill: bool, why: str | None, actor: User) -> None:
    report.drill, report.updated_at = drill, clock.now()
    record(REPORT_SET, report.number, actor.actor, text=why, drill=drill)
