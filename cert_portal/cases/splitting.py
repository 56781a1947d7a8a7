"""Some reports of a case turn out to be another incident: they become a case of their own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases import events, family
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.index import index_case
from cert_portal.cases.joining import join
from cert_portal.cases.links import SPLIT, link
from cert_portal.cases.models import Case, CaseAccess, CaseReport
from cert_portal.cases.outside import tell_status_pages
from cert_portal.cases.triage import new_case
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import OPEN
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.monitoring.models import Finding


def split(case: Case, reports: Sequence[Report], actor: User, *, title: str, kind: str) -> Case:
    """Open a case of these reports, linked with the old one, seen by the same people and bearing the same label.

    Merging undoes it.

    Raises UnknownKind, HandlingRefused: closed, no_report, nothing_left (something must stay).
    """
    family.hold(case)
    if case.state not in OPEN:
        raise HandlingRefused("closed")
    rows = {row.report_id: row for row in session.scalars(select(CaseReport).where(CaseReport.case_id == case.id))}
    chosen = [each for each in reports if each.id in rows]
    if not chosen:
        raise HandlingRefused("no_report")
    if len(chosen) == len(reports_of(case, actor)) and not _has_findings(case):
        raise HandlingRefused("nothing_left")
    made = new_case(actor, title=title, kind=kind, restricted=case.restricted, reports=chosen)
    made.tlp = case.tlp
    _same_people(case, made)
    for each in chosen:
        session.delete(rows[each.id])
        record(events.ATTACHED, each.number, actor.actor, case=made.number)
    join(made, [each.id for each in chosen], {each.id: rows[each.id].read_to for each in chosen})
    record(events.SPLIT, case.number, actor.actor, case=made.number, reports=len(chosen))
    case.updated_at = clock.now()
    link(case, made, SPLIT, actor)
    for each_case in (case, made):
        tell_status_pages(each_case)
        index_case(each_case)
    return made


def _has_findings(case: Case) -> bool:
    return session.scalar(select(Finding.id).where(Finding.case_number == case.number).limit(1)) is not None


def _same_people(case: Case, made: Case) -> None:
    session.flush()
    for row in session.scalars(select(CaseAccess).where(CaseAccess.case_id == case.id)).all():
        session.merge(CaseAccess(case_id=made.id, user_id=row.user_id, reason=row.reason))
    session.flush()
