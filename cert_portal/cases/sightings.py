"""What becomes of findings of machines: a new case, part of a case. Setting them aside is `monitoring.findings`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from cert_portal.cases import events
from cert_portal.cases.index import index_case
from cert_portal.cases.models import Case
from cert_portal.cases.triage import TriageRefused, new_case
from cert_portal.cases.visible import findings_visible_to, visible_to
from cert_portal.cases.workflow import OPEN
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory.models import User
from cert_portal.monitoring import findings as seen
from cert_portal.monitoring.findings import Wanted
from cert_portal.monitoring.models import Finding, FindingState

PROPOSED = 5


def open_case_of(findings: Sequence[Finding], actor: User, *, title: str, kind: str, restricted: bool = False) -> Case:
    """Open one case from findings that nobody has dealt with yet.

    Raises TriageRefused("finding_taken") when somebody has. Whoever opens a restricted case is named on it.
    """
    rows = _open(findings)
    case = new_case(actor, title=title, kind=kind, restricted=restricted)
    _join(case, rows, actor)
    return case


def attach_findings(case: Case, findings: Sequence[Finding], actor: User) -> None:
    """Join open findings to a case. Raises TriageRefused: closed (the case), finding_taken."""
    rows = _open(findings)
    if case.state not in OPEN:
        raise TriageRefused("closed")
    _join(case, rows, actor)


def findings_of(case: Case, user: User) -> tuple[Sequence[Finding], int]:
    """The newest findings of a case that the person may see, and how many there are."""
    wanted, shown = Wanted(state=FindingState.IN_CASE, case=case.number), findings_visible_to(user)
    return seen.page(wanted, shown).rows, seen.counts(wanted, shown)[FindingState.IN_CASE]


def all_findings_of(case: Case, user: User) -> list[Finding]:
    """The findings of a case that the person may see, as many as one decision can be about."""
    return seen.everything(Wanted(state=FindingState.IN_CASE, case=case.number), findings_visible_to(user))


def cases_alike(findings: Sequence[Finding], user: User) -> list[Case]:
    """Open cases that the person may see and that hold findings of the same address or organisation, newest first."""
    addresses = {each.where for each in findings}
    bodies = {each.organisation_id for each in findings} - {None}
    same = or_(Finding.ip.in_(addresses), Finding.url.in_(addresses), Finding.organisation_id.in_(bodies))
    held = select(Finding.case_number).where(Finding.case_number != "", same)
    rows = select(Case).where(Case.number.in_(held), Case.state.in_(OPEN), visible_to(user))
    return list(session.scalars(rows.order_by(Case.id.desc()).limit(PROPOSED)))


def _open(findings: Sequence[Finding]) -> list[Finding]:
    rows = seen.locked(findings)
    if not rows or any(each.state != FindingState.OPEN for each in rows):
        raise TriageRefused("finding_taken")
    return rows


def _join(case: Case, findings: Sequence[Finding], actor: User) -> None:
    for each in findings:
        each.state, each.case_number = FindingState.IN_CASE, case.number
        record(events.FINDING_ATTACHED, each.subject, actor.actor, case=case.number)
    feeds = sorted({each.feed for each in findings})
    record(events.FINDINGS_JOINED, case.number, actor.actor, findings=len(findings), feeds=feeds)
    case.updated_at = clock.now()
    index_case(case)
