"""How far what leaves a case may travel: no wider than its reports and findings were marked, nor than a restriction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from cert_portal.cases import family
from cert_portal.cases.models import Case, CaseLink, CaseReport
from cert_portal.cases.visible import findings_visible_to, reports_visible_to, visible_to
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.monitoring.models import Finding, FindingState


def labels(case: Case, user: User, widest: TLP = TLP.AMBER) -> list[TLP]:
    """The labels that what is taken out of a case may bear, the widest first.

    No wider than `widest`, than its reports and findings were marked, than a restriction, or than a case that was
    marked narrower than others; nor than a restricted case that it is linked with, since the link leaves with it.
    """
    order = list(TLP)
    bounds = [widest_of([case], user, widest)[case.id], *map(_closest, _linked(case, user))]
    return order[min(map(order.index, bounds)) :: -1]


def widest_of(cases: Sequence[Case], user: User, widest: TLP = TLP.AMBER) -> dict[int, TLP]:
    """The widest of these labels for each case, by its id; a report that a restricted case, or one that is
    TLP:RED, holds, too, bounds it.
    """
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
    for case_id, holder in _also_held(told, user):
        told[case_id].add(_closest(holder))
    for case in cases:
        told[case.id] |= {TLP.AMBER_STRICT} if case.restricted else set()
    return {case_id: min(map(TLP, marks), key=list(TLP).index) for case_id, marks in told.items()}


def _closest(kept: Case) -> TLP:
    """How far at most a restricted case, or one that is TLP:RED, may travel (003-18)."""
    return min(TLP(kept.tlp), TLP.AMBER_STRICT, key=list(TLP).index)


def _also_held(ids: Iterable[int], user: User) -> list[tuple[int, Case]]:
    """Of these cases the ones with a report that another, restricted or TLP:RED, holds, too, each with that case."""
    theirs = aliased(CaseReport)
    rows = select(CaseReport.case_id, Case).join(theirs, theirs.report_id == CaseReport.report_id)
    rows = rows.join(Case, Case.id == theirs.case_id).where(
        CaseReport.case_id.in_(ids), or_(Case.restricted, Case.tlp == TLP.RED)
    )
    return [(case_id, case) for case_id, case in session.execute(rows.where(visible_to(user)))]


def _linked(case: Case, user: User) -> list[Case]:
    """The restricted cases that it is linked with, as far as the person may see them."""
    ours = family.ids(case)
    there = select(CaseLink.other_id).where(CaseLink.case_id.in_(ours))
    back = select(CaseLink.case_id).where(CaseLink.other_id.in_(ours))
    rows = select(Case).where(Case.restricted, Case.id.in_(there.union(back)), visible_to(user))
    return list(session.scalars(rows))
