"""A report that a restricted case takes in is hidden from whoever is not named there, in its other cases, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from cert_portal.cases import events
from cert_portal.cases.index import index_case
from cert_portal.cases.models import Case, CaseAccess, CaseReport
from cert_portal.cases.visible import hidden_from_nobody
from cert_portal.core.db import session
from cert_portal.core.events import record_many
from cert_portal.core.i18n import Language
from cert_portal.core.text import one_line, shortened
from cert_portal.guidance.kinds import by_code
from cert_portal.intake.models import Report


def losing(case: Case, reports: Sequence[Report]) -> list[Case]:
    """The cases for everybody that would no longer show these reports to everybody if the case takes them in; none when
    it is for everybody itself, and none for a report that another restricted case hides already.
    """
    if not case.restricted:
        return []
    held = select(CaseReport.case_id).where(CaseReport.report_id.in_([each.id for each in reports]))
    rows = select(Case).where(Case.id.in_(held.where(~_hidden_elsewhere(case))), hidden_from_nobody())
    return list(session.scalars(rows.order_by(Case.id)))


def tell(case: Case, reports: Sequence[Report], actor: str) -> None:
    """Those cases are told that a report is kept to named people now, not by which case; one that bears the title of
    the report is called by its kind. Call it before it is.
    """
    others = losing(case, reports)
    told: list[tuple[str, dict[str, Any]]] = [(each.number, {}) for each in others]
    record_many(events.REPORT_KEPT_CLOSE, actor, told)
    titles = {shortened(one_line(each.title), 200): Language(each.language) for each in reports}
    for each in others:
        if each.title in titles:
            each.title = by_code(each.kind).name(titles[each.title])
            index_case(each)


def kept_from_some(case: Case) -> Select[int]:
    """The ids of the reports of this case that another, restricted one hides from somebody who sees this one: what
    leaves the case for others speaks of none of them.
    """
    other, theirs, mine, named = aliased(Case), aliased(CaseReport), aliased(CaseAccess), aliased(CaseAccess)
    here = select(CaseReport.report_id).where(CaseReport.case_id == case.id)
    rows = select(theirs.report_id).join(other, other.id == theirs.case_id)
    rows = rows.where(theirs.report_id.in_(here), other.restricted, other.id != case.id)
    if not case.restricted:
        return rows
    too = select(named.user_id).where(named.case_id == other.id).correlate(other)
    return rows.where(select(mine.user_id).where(mine.case_id == case.id, mine.user_id.not_in(too)).exists())


def _hidden_elsewhere(case: Case) -> ColumnElement[bool]:
    other, theirs = aliased(Case), aliased(CaseReport)
    held = select(theirs.case_id).join(other, other.id == theirs.case_id)
    return held.where(theirs.report_id == CaseReport.report_id, other.restricted, other.id != case.id).exists()
