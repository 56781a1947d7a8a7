"""Who may see what. Every query for cases, and every staff query for reports, carries one of these conditions.

A restricted case is seen by the people named on it and by nobody else, whatever their role; so are its reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, or_, select, union
from sqlalchemy.orm import aliased

from cert_portal.cases.models import Case, CaseAccess, CaseMerge, CaseReport
from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.core.numbers import Number, NumberKind
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.intake.models import Report
from cert_portal.monitoring.models import Finding


def hidden_from_nobody() -> ColumnElement[bool]:
    """Cases that everybody at the desk may see: the only ones that the system by itself adds to."""
    return Case.restricted.is_(False)


def visible_to(user: User) -> ColumnElement[bool]:
    """The condition for rows of Case."""
    return or_(~Case.restricted, _named(user))


def reports_visible_to(user: User) -> ColumnElement[bool]:
    """The condition for rows of Report."""
    hidden = select(Case.id).join(CaseReport, CaseReport.case_id == Case.id)
    return ~hidden.where(CaseReport.report_id == Report.id, Case.restricted, ~_named(user)).exists()


def findings_visible_to(user: User) -> ColumnElement[bool]:
    """The condition for rows of Finding: those of a restricted case are as restricted as the case."""
    hidden = select(Case.id).where(Case.number == Finding.case_number, Case.restricted, ~_named(user))
    return ~hidden.exists()


def may_see(about: Case | Report, user: User) -> bool:
    """Whether this person, active and allowed to read cases, may see this case or report."""
    if not (user.active and Permission.READ_CASES in permissions_of(user.roles)):
        return False
    if isinstance(about, Case):
        return session.scalar(select(Case.id).where(Case.id == about.id, visible_to(user))) is not None
    return session.scalar(select(Report.id).where(Report.id == about.id, reports_visible_to(user))) is not None


def find_findings(ids: Iterable[int], user: User) -> list[Finding]:
    """The findings of these ids that the person may see, newest first."""
    rows = select(Finding).where(Finding.id.in_(list(ids)), findings_visible_to(user))
    return list(session.scalars(rows.order_by(Finding.id.desc())))


def find_case(told: str, user: User) -> Case | None:
    """The case of a number in any spelling, without its check digit too; None for an unknown number as for one that the
    person may not see.
    """
    number = _resolved(told, NumberKind.CASE)
    return session.scalars(select(Case).where(Case.id == number, visible_to(user))).first()


class MergedAway(Exception):
    """The case that is to be changed went into another one: what was meant for it may be wrong there."""


def hold_case(told: str, user: User) -> Case | None:
    """The case of a number, read anew and held until the transaction ends, so that what is looked at first still holds
    when it is changed; None as for `find_case`. Raises MergedAway.
    """
    found = find_case(told, user)
    if found is None:
        return None
    session.refresh(found, with_for_update=True)
    if find_merged(told, user):
        raise MergedAway
    return session.scalars(select(Case).where(Case.id == found.id, visible_to(user))).first()


def find_merged(told: str, user: User) -> Case | None:
    """The case that bears this very number and went into another one; None for one that the person may not see."""
    rows = select(Case).join(Number, Number.number == Case.number)
    rows = rows.where(Case.number == (numbers.normalise(told) or ""), Number.merged_into.is_not(None), visible_to(user))
    return session.scalars(rows).first()


def standing_numbers(told: Sequence[str], user: User) -> dict[str, str]:
    """The number of the case in which the work on each merged one goes on, where the person may see it."""
    leads = numbers.leads(told)
    may_see = set(session.scalars(select(Case.number).where(Case.number.in_(leads.values()), visible_to(user))))
    return {number: into for number, into in leads.items() if into in may_see}


def find_report(told: str, user: User) -> Report | None:
    """The report of a number in any spelling, without its check digit too; None for an unknown number as for one that
    the person may not see.
    """
    number = _resolved(told, NumberKind.REPORT)
    return session.scalars(select(Report).where(Report.id == number, reports_visible_to(user))).first()


def hold_report(told: str, user: User) -> Report | None:
    """The report of a number, read anew and held until the transaction ends; None as for `find_report`."""
    found = find_report(told, user)
    if found is None:
        return None
    session.refresh(found, with_for_update=True)
    return session.scalars(select(Report).where(Report.id == found.id, reports_visible_to(user))).first()


def reports_of(case: Case, user: User) -> list[Report]:
    """The reports of a case that the person may see."""
    joined = select(Report).join(CaseReport, CaseReport.report_id == Report.id)
    rows = joined.where(CaseReport.case_id == case.id, reports_visible_to(user)).order_by(Report.id)
    return list(session.scalars(rows))


def reports_of_each(cases: Sequence[Case], user: User) -> dict[int, list[Report]]:
    """The reports of each of these cases that the person may see, by the id of the case."""
    joined = select(CaseReport.case_id, Report).join(Report, Report.id == CaseReport.report_id)
    rows = joined.where(CaseReport.case_id.in_([case.id for case in cases]), reports_visible_to(user))
    found: dict[int, list[Report]] = {}
    for case_id, report in session.execute(rows.order_by(Report.id)):
        found.setdefault(case_id, []).append(report)
    return found


def reports_brought(merge: CaseMerge, user: User) -> list[Report]:
    """The reports that a case brought when it went into another one, as far as the person may see them."""
    brought = [*merge.moved["reports"], *merge.moved["shared"]]
    rows = select(Report).where(Report.id.in_(brought), reports_visible_to(user)).order_by(Report.id)
    return list(session.scalars(rows))


def how_many_reports(cases: Sequence[Case], user: User) -> dict[int, int]:
    """How many reports each of these cases has, as far as the person may see them."""
    joined = select(CaseReport.case_id, func.count()).join(Report, Report.id == CaseReport.report_id)
    rows = joined.where(CaseReport.case_id.in_([case.id for case in cases]), reports_visible_to(user))
    return dict(session.execute(rows.group_by(CaseReport.case_id)).all())


def cases_of(report: Report, user: User) -> list[Case]:
    """The cases of a report that the person may see."""
    joined = select(Case).join(CaseReport, CaseReport.case_id == Case.id)
    return list(session.scalars(joined.where(CaseReport.report_id == report.id, visible_to(user)).order_by(Case.id)))


def hidden_numbers(user: User) -> CompoundSelect[tuple[str]]:
    """Numbers of the cases and reports that the person may not see; there are few."""
    closed = select(Case.number).where(Case.restricted, ~_named(user))
    joined = select(Report.number).join(CaseReport, CaseReport.report_id == Report.id)
    return union(closed, joined.join(Case, Case.id == CaseReport.case_id).where(Case.restricted, ~_named(user)))


def hidden_reports(user: User) -> Select[int]:
    """Ids of the reports that the person may not see, to leave out what is found by way of them.

    By way of the names: on a restricted case there is always somebody, so that few rows are asked, however many cases
    there are.
    """
    named = aliased(CaseAccess)
    joined = select(CaseReport.report_id).join(named, named.case_id == CaseReport.case_id)
    return joined.join(Case, Case.id == CaseReport.case_id).where(Case.restricted, ~_named(user))


def _resolved(told: str, kind: NumberKind) -> int:
    number = numbers.normalise(told) or numbers.complete(told)
    target = numbers.resolve(number) if number else None
    return target[1] if target and target[0] is kind else 0


def _named(user: User) -> ColumnElement[bool]:
    return select(CaseAccess.user_id).where(CaseAccess.case_id == Case.id, CaseAccess.user_id == user.id).exists()
