"""How far what leaves a case may travel: no wider than its reports and findings were marked, nor than a restriction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.visible import findings_visible_to, reports_visible_to
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.monitoring.models import Finding, FindingState


def labels(case: Case, user: User, widest: TLP = TLP.AMBER) -> list[TLP]:
    """The labels that what is taken out of a case may bear, the widest first.

    No wider than `widest`, than its reports and findings were marked, than a restriction, or than a case that was
    marked narrower than others.
    """
    order = list(TLP)
    return order[order.index(widest_of([case], user, widest)[case.id]) :: -1]


def widest_of(cases: Sequence[Case], user: User, widest: TLP = TLP.AMBER) -> dict[int, TLP]:
    """The widest of these labels for each case, by its id."""
    told = {case.id: {widest.value, *({case.tlp} & {TLP.RED, TLP.AMBER_STRICT})} for case in cases}
    ids = {case.number: case.id for case in cases}
    mark = Report.details["restriction"].as_string()
    marked = select(CaseReport.case_id, mark).join(Report, Report.id == CaseReport.report_id)
    marked = marked.where(CaseReport.case_id.in_(told), mark.in_(list(TLP)), reports_visible_to(user))
    seen = select(Finding.case_number, Finding.restriction).where(Finding.restriction.in_(list(TLP)))
    seen = seen.where(Finding.case_number.in_(ids), Finding.state == FindingState.IN_CASE, findings_visible_to(user))
    for case_id, label in session.execute(marked.distinct()):
        told[case_id].add(label)
    for number, label in session.execute(seen.distinct()):
        told[ids[number]].add(label)
    for case in cases:
        told[case.id] |= {TLP.AMBER_STRICT} if case.restricted else set()
    return {case_id: min(map(TLP, marks), key=list(TLP).index) for case_id, marks in told.items()}
