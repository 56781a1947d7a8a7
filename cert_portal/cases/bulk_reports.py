"""One act on many reports of the queue: shown first with what will be left out and why, then done.

Reports are found anew for every step, so that nobody acts on what he may not see or what somebody else decided.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from cert_portal.cases import bulk_after, family, letters, taking_out, triage
from cert_portal.cases.events import ATTACHED, REFERRED, REFUSED, RETURNED, TAKEN_OUT
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import BulkRun, Case, CaseReport
from cert_portal.cases.spoken import spoken
from cert_portal.cases.triage import UNDECIDED, TriageRefused
from cert_portal.cases.visible import find_case, reports_visible_to
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.directory.models import User
from cert_portal.intake import groups
from cert_portal.intake.models import Report, ReportState

MOST = 600


class ReportAct(StrEnum):
    """What can become of many reports at once."""

    OPEN = "open"
    ATTACH = "attach"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Decision:
    """An act and what it needs: title and kind of a new case, the number of a case, or a reason and whether the
    reporters are told in the prepared words, unless others said something to them, or they to us, `since` the person
    looked.
    """

    act: ReportAct
    value: str = ""
    title: str = ""
    kind: str = ""
    restricted: bool = False
    tell: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class Chosen:
    """The reports that it concerns, oldest first, and those left out with a code for why."""

    reports: Sequence[Report]
    left_out: Sequence[tuple[Report, str]]


def choose(
    numbers: Sequence[str],
    user: User,
    *,
    with_groups: bool = False,
    act: ReportAct | None = None,
    into: Case | None = None,
    since: datetime | None = None,
) -> Chosen:
    """Look at each report; `with_groups` takes those of the same surge along. An exercise and a real report do not go
    into one case: those that differ from it, or for a new one from the first, are left out. So are, with `since`, those
    whose reporters others spoke to since, or who told us more.
    """
    rows = select(Report).where(Report.number.in_(numbers[:MOST]), reports_visible_to(user)).order_by(Report.id)
    found = {each.id: each for each in session.scalars(rows)}
    if with_groups:
        alike = [other for each in list(found.values()) for other in groups.members(each)]
        found |= {each.id: each for each in _seen([each.id for each in alike if each.id not in found], user)}
    return _apart(sorted(found.values(), key=lambda each: each.id)[:MOST], act, into, spoken(since, user))


def alike(numbers: Sequence[str], user: User) -> int:
    """How many more would be taken along with their groups."""
    return len(choose(numbers, user, with_groups=True).reports) - len(choose(numbers, user).reports)


def do(chosen: Chosen, wish: Decision, user: User) -> BulkRun:
    """Do it to the chosen reports that are still undecided, and keep what was done. Raises TriageRefused."""
    if case := find_case(wish.value, user) if wish.act is ReportAct.ATTACH else None:
        family.hold(case)  # before its reports, as everybody does
    triage.hold(chosen.reports)
    now = _apart(chosen.reports, wish.act, case, spoken(wish.since if wish.tell else None, user))
    reports, left_out = now.reports, [*chosen.left_out, *now.left_out]
    if not reports:
        whys = {why for _each, why in left_out}
        raise TriageRefused(next((each for each in ("drill", "spoken") if each in whys), "taken"))
    before = {each.number: each.state for each in reports}
    value, told = _DOERS[wish.act](reports, wish, user)
    nobody = 0 if wish.tell and wish.value not in letters.UNTOLD else None
    row = BulkRun(
        user_id=user.id,
        at=clock.now(),
        act=wish.act,
        value=value,
        done=[[number, state, told.get(number, nobody)] for number, state in before.items()],
        left_out=[[each.number, why] for each, why in left_out],
    )
    session.add(row)
    session.flush()
    return row


def run_of(run_id: int, user: User) -> BulkRun | None:
    """What somebody did to many reports; None where it was something else, where they went into a case that the person
    may not see, or for who sees none of them and did not do it.
    """
    row = session.get(BulkRun, run_id)
    if row is None or row.act not in set(ReportAct):
        return None
    if row.act != ReportAct.REFUSE and find_case(row.value, user) is None:
        return None
    return row if row.user_id == user.id or any(seen(row, user)) else None


def seen(run: BulkRun, user: User) -> tuple[list[str], list[tuple[str, str]]]:
    """The numbers that were decided, and those left out with why, as far as the person may see the reports."""
    may_see = bulk_after.reports_seen([number for number, *_ in (*run.done, *run.left_out)], user)
    left_out = [(number, why) for number, why in run.left_out if number in may_see]
    return [number for number, *_ in run.done if number in may_see], left_out


def may_undo(run: BulkRun) -> bool:
    """Whether anything is left to take back. What was done to a new case since is seen when it is asked for."""
    return bool(bulk_after.unsettled(run))


@dataclass(frozen=True)
class Post:
    """The letters of a refusal: how many wait until `leave_at`, left (or are about to), were called back; and how many
    reports had none.
    """

    waiting: int = 0
    left: int = 0
    recalled: int = 0
    none: int = 0
    leave_at: datetime | None = None


def post_of(run: BulkRun, user: User) -> Post:
    """What became of the letters of a refusal, about reports that the person may see; those that wait, undoing calls
    back.
    """
    may_see = set(seen(run, user)[0])
    told = [each[2] for each in run.done if len(each) > 2 and each[2] is not None and each[0] in may_see]
    if not told:
        return Post()
    ids = [each for each in told if each]
    found = session.scalars(select(Letter).where(Letter.id.in_(ids))).all()
    waiting = [each for each in found if each.state == LetterState.QUEUED and not each.tries]
    recalled = len([each for each in found if each.state == LetterState.RECALLED])
    left = len(found) - len(waiting) - recalled
    leave_at = max((each.next_try_at for each in waiting), default=None)
    return Post(len(waiting), left, recalled, len(may_see) - len(found), leave_at)


def untold(run: BulkRun) -> set[str]:
    """The numbers of those that were refused and to whose reporters no letter could leave."""
    return {each[0] for each in run.done if len(each) > 2 and each[2] == 0}


def deciders(numbers: Sequence[str]) -> dict[str, str]:
    """Who decided last about each of these reports that somebody decided about, or brought back into the queue."""
    kinds = [each.name for each in (ATTACHED, REFUSED, REFERRED, RETURNED)]
    rows = select(Event.subject, Event.actor).where(Event.subject.in_(numbers), Event.kind.in_(kinds))
    return dict(iter(session.execute(rows.order_by(Event.id))))


def undo(run: BulkRun, user: User) -> int | None:
    """Put what is still decided like that back into the queue; answers how many reports, None where nothing was left
    that the person may see: a second press changes nothing. A refusal's letters that have not left are called back, a
    case that was opened is closed when nothing is left in it. What was decided anew since stays, and what the person
    may not see stays to be undone by those who do.

    Raises TriageRefused: closed (the case), merged (it, with the number of the other), worked_on (the case that was
    opened).
    """
    bulk_after.hold(run)
    left = bulk_after.unsettled(run)
    may_see = bulk_after.reports_seen(left, user)
    shown = [number for number in left if number in may_see]
    if not shown:
        return None
    found = _still(run, shown)
    _UNDOERS[ReportAct(run.act)](found, run, user, len(shown) == len(left))
    back = {each.number for each in found}
    bulk_after.settle(run, shown, [(number, "decided") for number in shown if number not in back])
    return len(found)


def _still(run: BulkRun, numbers: Sequence[str]) -> list[Report]:
    """The reports of these about which nobody decided anew since."""
    rows = select(Report).where(Report.number.in_(numbers))
    changes = (RETURNED.name, TAKEN_OUT.name)
    anew = select(Event.id).where(Event.kind.in_(changes), Event.subject == Report.number, Event.at >= run.at)
    if run.act == ReportAct.REFUSE:
        rows = rows.where(Report.state == ReportState.REFUSED, Report.closed_reason == run.value)
    else:
        case = select(Case.id).where(Case.number == run.value).scalar_subquery()
        rows = rows.where(Report.id.in_(select(CaseReport.report_id).where(CaseReport.case_id == case)))
    return list(session.scalars(rows.where(~anew.exists()).order_by(Report.id)))


def _seen(ids: Sequence[int], user: User) -> list[Report]:
    return list(session.scalars(select(Report).where(Report.id.in_(ids), reports_visible_to(user))))


def _apart(reports: Sequence[Report], act: ReportAct | None, into: Case | None, held_back: Set[str]) -> Chosen:
    free = [each for each in reports if each.state in UNDECIDED]
    first = into or (free[0] if free and act is ReportAct.OPEN else None)
    told = [(each, _why_not(each, first) or ("spoken" if each.number in held_back else "")) for each in reports]
    return Chosen([each for each, why in told if not why], [(each, why) for each, why in told if why])


def _why_not(report: Report, first: Case | Report | None) -> str:
    if report.state in UNDECIDED:
        return "drill" if first and report.drill != first.drill else ""
    return "not_ready" if report.state == ReportState.RECEIVED else "taken"


Done = tuple[str, dict[str, int]]
"""What was done, and the letters that were written: their ids by the numbers of the reports."""


def _open(reports: Sequence[Report], wish: Decision, user: User) -> Done:
    made = triage.open_case(reports, user, title=wish.title, kind=wish.kind, restricted=wish.restricted)
    return made.number, {}


def _attach(reports: Sequence[Report], wish: Decision, user: User) -> Done:
    case = find_case(wish.value, user)
    if case is None:
        raise TriageRefused("no_such_case")
    triage.attach(case, reports, user)
    return case.number, {}


def _refuse(reports: Sequence[Report], wish: Decision, user: User) -> Done:
    told: dict[str, int] = {}
    leaves_at = clock.now() + timedelta(minutes=current().bulk_letter_minutes)
    not_before = leaves_at if current().bulk_letter_minutes > 0 else None
    for each in reports:
        triage.refuse(each, wish.value, user)
        if not wish.tell:
            continue
        try:
            words = letters.refusal(each, wish.value, Language(each.language))
            told[each.number] = letters.write_to_reporter(None, each, *words, user, not_before=not_before).id
        except LetterRefused:  # no address, or none that it may leave to: it is refused all the same
            continue
    return wish.value, told


def _unrefuse(reports: Sequence[Report], _run: BulkRun, user: User, _is_all: bool) -> None:
    for each in reports:
        triage.return_to_queue(each, user)


def _take_out(reports: Sequence[Report], run: BulkRun, user: User, is_all: bool) -> None:
    case = find_case(run.value, user)
    if case is None:
        raise TriageRefused("closed")
    if case.number != run.value:
        raise TriageRefused("merged", case.number)
    is_mine = run.act == ReportAct.OPEN
    if is_mine and taking_out.was_worked_on(case, undone_in_part=bool(run.settled)):
        raise TriageRefused("worked_on")
    try:
        if is_mine and is_all:
            taking_out.unopen(case, reports, user)
        elif reports:
            taking_out.take_out(case, reports, user)
    except HandlingRefused as error:
        raise TriageRefused(error.reason) from error


_UNDOERS = {ReportAct.OPEN: _take_out, ReportAct.ATTACH: _take_out, ReportAct.REFUSE: _unrefuse}
_DOERS = {ReportAct.OPEN: _open, ReportAct.ATTACH: _attach, ReportAct.REFUSE: _refuse}
