"""One act on many reports of the queue: shown first with what will be left out and why, then done.

Reports are found anew for every step, so that nobody acts on what he may not see or what somebody else decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from cert_portal.cases import letters, triage
from cert_portal.cases.models import BulkRun
from cert_portal.cases.triage import UNDECIDED, TriageRefused
from cert_portal.cases.visible import find_case, reports_visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.directory.models import User
from cert_portal.intake import groups
from cert_portal.intake.models import Report, ReportState

MOST = 600
A_RUN = timedelta(minutes=5)


class ReportAct(StrEnum):
    """What can become of many reports at once."""

    OPEN = "open"
    ATTACH = "attach"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    """An act and what it needs: title and kind of a new case, the number of a case, or a reason and whether the
    reporters are told in the prepared words.
    """

    act: ReportAct
    value: str = ""
    title: str = ""
    kind: str = ""
    restricted: bool = False
    tell: bool = False


@dataclass(frozen=True)
class Chosen:
    """The reports that it concerns, oldest first, and those left out with a code for why."""

    reports: Sequence[Report]
    left_out: Sequence[tuple[Report, str]]


def choose(numbers: Sequence[str], user: User, *, with_groups: bool = False) -> Chosen:
    """Look at each report; `with_groups` takes those of the same surge along."""
    rows = select(Report).where(Report.number.in_(numbers[:MOST]), reports_visible_to(user)).order_by(Report.id)
    found = {each.id: each for each in session.scalars(rows)}
    if with_groups:
        alike = [other for each in list(found.values()) for other in groups.members(each)]
        found |= {each.id: each for each in _seen([each.id for each in alike if each.id not in found], user)}
    told = [(each, _why_not(each)) for each in sorted(found.values(), key=lambda each: each.id)[:MOST]]
    return Chosen([each for each, why in told if not why], [(each, why) for each, why in told if why])


def alike(numbers: Sequence[str], user: User) -> int:
    """How many more would be taken along with their groups."""
    return len(choose(numbers, user, with_groups=True).reports) - len(choose(numbers, user).reports)


def do(chosen: Chosen, wish: Decision, user: User) -> BulkRun:
    """Do it to the chosen reports and keep what was done. Raises TriageRefused."""
    if not chosen.reports:
        raise TriageRefused("taken")
    before = [[each.number, each.state] for each in chosen.reports]
    value = _DOERS[wish.act](chosen.reports, wish, user)
    row = BulkRun(
        user_id=user.id,
        at=clock.now(),
        act=wish.act,
        value=value,
        done=before,
        left_out=[[each.number, why] for each, why in chosen.left_out],
    )
    session.add(row)
    session.flush()
    return row


def run_of(run_id: int) -> BulkRun | None:
    """What somebody did to many reports; None where it was something else."""
    row = session.get(BulkRun, run_id)
    return row if row and row.act in set(ReportAct) else None


def seen(run: BulkRun, user: User) -> tuple[list[str], list[tuple[str, str]]]:
    """The numbers that were decided, and those left out with why, as far as the person may see the reports."""
    told = [number for number, _ in (*run.done, *run.left_out)]
    may_see = set(session.scalars(select(Report.number).where(Report.number.in_(told), reports_visible_to(user))))
    left_out = [(number, why) for number, why in run.left_out if number in may_see]
    return [number for number, _ in run.done if number in may_see], left_out


def may_undo(run: BulkRun) -> bool:
    """Whether it can be taken back here: a refusal. What went into a case is taken out by splitting it."""
    return run.undone_at is None and run.act == ReportAct.REFUSE


def how_many_told(run: BulkRun) -> int:
    """How many reporters got a letter with it; no undo calls a letter back."""
    if run.act != ReportAct.REFUSE:
        return 0
    rows = outbox.about([number for number, _ in run.done])
    return len(
        [each for each in rows if each.name == "case_letter" and each.created_at <= run.at < each.created_at + A_RUN]
    )


def undo(run: BulkRun, user: User) -> int:
    """Put what is still refused back into the queue; answers how many. A second press changes nothing."""
    if not may_undo(run):
        return 0
    rows = select(Report).where(Report.number.in_([number for number, _ in run.done]), reports_visible_to(user))
    refused = rows.where(Report.state == ReportState.REFUSED, Report.closed_reason == run.value)
    found = list(session.scalars(refused.order_by(Report.id)))
    for each in found:
        triage.return_to_queue(each, user)
    run.undone_at = clock.now()
    return len(found)


def _seen(ids: Sequence[int], user: User) -> list[Report]:
    return list(session.scalars(select(Report).where(Report.id.in_(ids), reports_visible_to(user))))


def _why_not(report: Report) -> str:
    if report.state in UNDECIDED:
        return ""
    return "not_ready" if report.state == ReportState.RECEIVED else "taken"


def _open(reports: Sequence[Report], wish: Decision, user: User) -> str:
    made = triage.open_case(reports, user, title=wish.title, kind=wish.kind, restricted=wish.restricted)
    return made.number


def _attach(reports: Sequence[Report], wish: Decision, user: User) -> str:
    case = find_case(wish.value, user)
    if case is None:
        raise TriageRefused("no_such_case")
    triage.attach(case, reports, user)
    return case.number


def _refuse(reports: Sequence[Report], wish: Decision, user: User) -> str:
    for each in reports:
        triage.refuse(each, wish.value, user)
        if wish.tell and each.reporter_email:
            letters.write_to_reporter(None, each, *letters.not_for_us(each), user)
    return wish.value


_DOERS = {ReportAct.OPEN: _open, ReportAct.ATTACH: _attach, ReportAct.REFUSE: _refuse}
