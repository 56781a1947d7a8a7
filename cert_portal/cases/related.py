"""Which reports speak of the same thing: they share an address, a hash or a sender (000-34)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.visible import reports_visible_to, visible_to
from cert_portal.core.db import session
from cert_portal.core.text import defang
from cert_portal.directory.models import User
from cert_portal.intake.models import Observable, Report

MOST = 50


@dataclass(frozen=True)
class Shared:
    """Another report, its cases, and the values that both name (defanged: nobody clicks them by accident)."""

    report: Report
    cases: list[Case]
    values: list[str]


def observables_of(report: Report) -> list[Observable]:
    """What a report names, addresses first."""
    rows = select(Observable).where(Observable.report_id == report.id).order_by(Observable.kind, Observable.value)
    return list(session.scalars(rows))


def shared_with(report: Report, user: User) -> list[Shared]:
    """The newest reports that share something with this one, as far as the person may see them."""
    mine, theirs = aliased(Observable), aliased(Observable)
    same = and_(theirs.kind == mine.kind, theirs.digest == mine.digest, theirs.report_id != mine.report_id)
    rows = select(Report, mine.value).join(theirs, theirs.report_id == Report.id).join(mine, same)
    rows = rows.where(mine.report_id == report.id, mine.known.is_(False), reports_visible_to(user))
    values: dict[Report, list[str]] = defaultdict(list)
    for other, value in session.execute(rows.order_by(Report.id.desc(), mine.value).limit(MOST * 5)):
        values[other].append(defang(value))
    found = list(values.items())[:MOST]
    cases = cases_of_reports([other.id for other, _ in found], user)
    return [Shared(other, cases[other.id], shared) for other, shared in found]


def how_many_share(reports: Sequence[Report], user: User) -> dict[int, int]:
    """For each report of a list, how many others share something with it."""
    mine, theirs = aliased(Observable), aliased(Observable)
    same = and_(theirs.kind == mine.kind, theirs.digest == mine.digest, theirs.report_id != mine.report_id)
    rows = select(mine.report_id, func.count(theirs.report_id.distinct())).join(theirs, same)
    rows = rows.join(Report, Report.id == theirs.report_id).where(
        mine.report_id.in_([each.id for each in reports]),
        mine.known.is_(False),
        reports_visible_to(user),
    )
    return dict(iter(session.execute(rows.group_by(mine.report_id))))


def cases_of_reports(report_ids: list[int], user: User) -> dict[int, list[Case]]:
    """The cases of each report that the person may see."""
    rows = select(CaseReport.report_id, Case).join(Case, Case.id == CaseReport.case_id)
    found: dict[int, list[Case]] = defaultdict(list)
    for report_id, case in session.execute(rows.where(CaseReport.report_id.in_(report_ids), visible_to(user))):
        found[report_id].append(case)
    return found
