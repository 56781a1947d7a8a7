"""How far a referral may travel: no wider than its case, nor than what it names was marked by who told us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case as when
from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import aliased

from cert_portal.cases.labels import narrower
from cert_portal.cases.models import Case, CaseReport, CaseValue
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import Referral
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.intake import observables
from cert_portal.intake.models import Observable, Report
from cert_portal.monitoring.models import Finding, FindingState

MARKS = [each.value for each in TLP]
"""From the narrowest to the widest."""


def label_of(referral: Referral) -> str:
    """The label of its letters: the chosen one, or the narrower one of the case or of a value that it names.

    A value is as narrow as the widest mark of those who told it: what several told may travel as one of them allowed.
    """
    case = case_at_work(referral)
    label = narrower(referral.tlp, case.tlp) if case.tlp in (TLP.RED, TLP.AMBER_STRICT) else referral.tlp
    for marks in _marks(case, referral.observables):
        if marks and marks <= set(MARKS):
            label = narrower(label, max(marks, key=MARKS.index))
    return label


def _marks(case: Case, named: Sequence[Sequence[str]]) -> list[set[str]]:
    """What those who told each value say about how far it travels; "" from who says nothing, and from people here.
    A report that lies in a case that is TLP:RED is as narrow.
    """
    values = {(kind, observables.digest(value)): value for kind, value in named}
    found: dict[tuple[str, str], set[str]] = {key: set() for key in values}
    holder, theirs = aliased(Case), aliased(CaseReport)
    red = select(theirs.report_id).join(holder, holder.id == theirs.case_id).where(holder.tlp == TLP.RED)
    own = func.coalesce(Report.details["restriction"].as_string(), "")
    mark = when((Report.id.in_(red), TLP.RED.value), else_=own)
    told = select(Observable.kind, Observable.digest, mark).join(Report, Report.id == Observable.report_id)
    told = told.join(CaseReport, CaseReport.report_id == Report.id).where(CaseReport.case_id == case.id).distinct()
    added = select(CaseValue.kind, CaseValue.digest, literal("")).where(CaseValue.case_id == case.id)
    pairs: tuple[tuple[Any, Any], ...] = ((told, Observable), (added.where(CaseValue.added_at.is_not(None)), CaseValue))
    for rows, kept in pairs:
        same = tuple_(kept.kind, kept.digest).in_(list(values))
        for kind, digest, each in session.execute(rows.where(same)) if values else ():
            found[(kind, digest)].add(each)
    seen = select(Finding.ip, Finding.domain, Finding.url, Finding.restriction).distinct()
    seen = seen.where(Finding.state == FindingState.IN_CASE, Finding.case_number == case.number)
    for *places, each in session.execute(seen):
        for key in (key for key, value in values.items() if value in places):
            found[key].add(each)
    return list(found.values())
