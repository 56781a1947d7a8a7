"""Which reports speak of the same thing: they share an address, a hash or a sender (000-34)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from cert_portal.cases import rare, relations, values
from cert_portal.cases.models import IS_OPEN, Case, CaseReport
from cert_portal.cases.visible import hidden_from_nobody, reports_visible_to, visible_to
from cert_portal.config import current
from cert_portal.core import likeness, search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import defang
from cert_portal.directory.models import User
from cert_portal.intake import groups
from cert_portal.intake.models import Observable, Report, ReportState

MOST, MOST_CASES = 50, 10
ADDRESSES = ("url", "domain", "ip", "phone", "wallet")
"""What tells one incident from another that is told in the same words."""


@dataclass(frozen=True)
class Shared:
    """Another report, its cases, the values that both name (defanged: nobody clicks them by accident), and how many
    percent of their words they have in common where that is enough to be told (0 where it is not), and the rare words
    that both hold where they are enough. `is_old` is one that came longer before or after than reports of one incident
    usually do: it is told only for a value that both name."""

    report: Report
    cases: list[Case]
    values: list[str]
    likeness: int
    words: list[str]
    is_old: bool = False


def observables_of(report: Report) -> list[Observable]:
    """What a report names, addresses first."""
    rows = select(Observable).where(Observable.report_id == report.id).order_by(Observable.kind, Observable.value)
    return list(session.scalars(rows))


def shared_with(report: Report, user: User) -> list[Shared]:
    """Reports that may be of the same incident, the likeliest first, as far as the person may see them; those of an
    exercise for another such alone.

    The same words about other addresses are another incident: where both name addresses, one must be common.
    """
    shared, alike, words = _values_shared(report, user), _alike(report, user), _rare_words(report, user)
    apart = _of_other_addresses(report, [each.id for each in {*alike, *words}])
    found = {each for each in (*alike, *words) if each.id not in apart} | set(shared)
    told = [
        Shared(each, [], shared[each], alike.get(each, 0), words.get(each, []), _is_old(report, each)) for each in found
    ]
    newest = sorted(told, key=lambda each: (not each.is_old, _weight(each), each.report.id), reverse=True)[:MOST]
    cases = cases_of_reports([each.report.id for each in newest], user)
    return [replace(each, cases=cases[each.report.id], words=_not_told(each)) for each in newest]


def _not_told(shared: Shared) -> list[str]:
    """The rare words that stand in none of the values that both name."""
    return [word for word in shared.words if not any(word in value for value in shared.values)]


def _weight(each: Shared) -> int:
    return 25 * min(len(each.values), 4) + each.likeness + 5 * min(len(each.words), 5)


def _is_old(report: Report, other: Report) -> bool:
    return abs(report.received_at - other.received_at) > timedelta(days=current().alike_days)


def _near(report: Report) -> ColumnElement[bool]:
    days = timedelta(days=current().alike_days)
    return Report.received_at.between(report.received_at - days, report.received_at + days)


def _beside(report: Report, user: User) -> tuple[ColumnElement[bool], ...]:
    return Report.drill == report.drill, reports_visible_to(user)


def _alike(report: Report, user: User) -> dict[Report, int]:
    ids = search.find_any(NumberKind.REPORT, likeness.marks(report.likeness), MOST * 2)
    rows = select(Report).where(Report.id.in_(ids), Report.id != report.id, _near(report), *_beside(report, user))
    found = {other: likeness.percent(other.likeness, report.likeness) for other in session.scalars(rows)}
    return {other: percent for other, percent in found.items() if percent >= current().alike_percent}


def _rare_words(report: Report, user: User) -> dict[Report, list[str]]:
    """Not among the reports of one sender: a foot of a letter is rare and says nothing."""
    shared = rare.sharing(report)
    rows = select(Report).where(Report.id.in_(shared), _near(report), *_beside(report, user))
    other = Report.reporter_email.not_in([report.reporter_email]) | (Report.reporter_email == "")
    return {each: shared[each.id] for each in session.scalars(rows.where(other))}


def _of_other_addresses(report: Report, others: Sequence[int]) -> set[int]:
    rows = select(Observable.report_id, Observable.kind, Observable.digest).where(
        Observable.report_id.in_([report.id, *others]), Observable.kind.in_(ADDRESSES), values.speaks(Observable)
    )
    named: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for report_id, kind, digest in session.execute(rows):
        named[report_id].add((kind, digest))
    mine = named[report.id]
    return {each for each in others if mine and named[each] and not mine & named[each]}


def _values_shared(report: Report, user: User) -> dict[Report, list[str]]:
    mine, theirs = aliased(Observable), aliased(Observable)
    same = and_(theirs.kind == mine.kind, theirs.digest == mine.digest, theirs.report_id != mine.report_id)
    rows = select(Report, mine.value).join(theirs, theirs.report_id == Report.id).join(mine, same)
    rows = rows.where(mine.report_id == report.id, values.speaks(mine), values.speaks(theirs))
    rows = rows.where(*_beside(report, user))
    found: dict[Report, list[str]] = defaultdict(list)
    for other, value in session.execute(rows.order_by(Report.id.desc(), mine.value).limit(MOST * 5)):
        found[other].append(defang(value))
    return found


def only_case_sharing(report: Report, least: int) -> Case | None:
    """The one open, not restricted case whose reports lately name at least so many of the values of this one."""
    mine, theirs = aliased(Observable), aliased(Observable)
    same = and_(theirs.kind == mine.kind, theirs.digest == mine.digest, theirs.report_id != mine.report_id)
    rows = select(CaseReport.case_id).join(Case, Case.id == CaseReport.case_id)
    rows = rows.join(Report, Report.id == CaseReport.report_id).join(theirs, theirs.report_id == Report.id)
    rows = rows.join(mine, same).where(
        mine.report_id == report.id,
        values.speaks(mine),
        values.speaks(theirs),
        _near(report),
        IS_OPEN,
        hidden_from_nobody(),
        Case.drill == report.drill,
    )
    enough = rows.group_by(CaseReport.case_id).having(func.count(mine.digest.distinct()) >= least)
    found = session.scalars(enough.limit(2)).all()
    return session.get(Case, found[0]) if len(found) == 1 else None


def cases_sharing(case: Case, user: User) -> list[tuple[Case, list[str]]]:
    """Open cases that the person may see and that know the same values, with these: most in common first."""
    mine = values.of_case(case, user)
    found = relations.of_values(case, mine, user, IS_OPEN, Case.drill == case.drill)
    return [(each.case, sorted(defang(value.value) for value, _ in each.values)) for each in found[:MOST_CASES]]


def how_many_share(reports: Sequence[Report], user: User) -> dict[int, int]:
    """For each report of a list, how many others name a value that it names: those that its page shows for that, up to
    MOST. Those that wait with it in a surge are told of as that.
    """
    mine, theirs = aliased(Observable), aliased(Observable)
    same = and_(theirs.kind == mine.kind, theirs.digest == mine.digest, theirs.report_id != mine.report_id)
    rows = select(mine.report_id, func.count(theirs.report_id.distinct())).join(theirs, same)
    own = aliased(Report)
    group = func.coalesce(own.first_alike_id, own.id)
    in_surge = and_(
        group.in_(groups.surges(reports)),
        func.coalesce(Report.first_alike_id, Report.id) == group,
        Report.state == ReportState.WAITING_TRIAGE,
    )
    rows = (
        rows.join(Report, Report.id == theirs.report_id)
        .join(own, own.id == mine.report_id)
        .where(
            ~in_surge,
            mine.report_id.in_([each.id for each in reports]),
            values.speaks(mine),
            values.speaks(theirs),
            Report.drill == own.drill,
            reports_visible_to(user),
        )
    )
    return {each: min(count, MOST) for each, count in session.execute(rows.group_by(mine.report_id))}


def cases_of_reports(report_ids: list[int], user: User) -> dict[int, list[Case]]:
    """The cases of each report that the person may see."""
    rows = select(CaseReport.report_id, Case).join(Case, Case.id == CaseReport.case_id)
    found: dict[int, list[Case]] = defaultdict(list)
    for report_id, case in session.execute(rows.where(CaseReport.report_id.in_(report_ids), visible_to(user))):
        found[report_id].append(case)
    return found
