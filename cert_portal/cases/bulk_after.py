"""What is left of acts on many: how many letters a close sends, what is still to be undone, what an undo could not put
back, and the last acts of a person, to be found again when the page of the result is closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from cert_portal.cases import letters
from cert_portal.cases.models import BulkRun, Case
from cert_portal.cases.visible import reports_of_each, reports_visible_to, visible_to
from cert_portal.core import clock
from cert_portal.core.db import among, session
from cert_portal.core.mail.outbox import Draft
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

FOUND_FOR, MOST = timedelta(days=1), 20
KEPT = "kept_"
"""Begins the code of why an undo left something as it is, among those of what the act left out."""
UNDONE = ("give", "tag", "untag", "refuse", "open", "attach")
"""Acts that can be taken back; the letter of a close has left."""
INTO_CASES, OF_REPORTS = ("open", "attach"), ("refuse", "open", "attach")


@dataclass(frozen=True)
class Post:
    """So many letters to so many addresses, and the numbers of the reports without one."""

    letters: int
    reporters: int
    silent: Sequence[str]


@dataclass(frozen=True)
class Standing:
    """How far an act was undone, as one person sees it: when last, the numbers that are left to undo, and whether
    anything was put back.
    """

    undone_at: datetime | None
    left: Sequence[str]
    put_back: bool


@dataclass(frozen=True)
class Recent:
    """An act on many of the last day, as a list shows it: when it was undone, and whether anything is left to undo."""

    id: int
    act: str
    value: str
    at: datetime
    undone_at: datetime | None
    may_undo: bool


def post_of_plan(cases: Sequence[Case], letter: str, user: User) -> Post | None:
    """The letters that closing these cases would send; None without a letter."""
    if not letter.strip():
        return None
    told = reports_of_each(cases, user)
    return _post(report for case in cases for report in told.get(case.id, ()))


def samples_of_plan(cases: Sequence[Case], letter: str, user: User) -> list[tuple[Draft, int]]:
    """For each language the first letter that closing these cases would send, and how many there are in it."""
    told = reports_of_each(cases, user)
    reached = [(case, each) for case in cases for each in letters.reached(told.get(case.id, ()))]
    counts = Counter(report.language for _case, report in reached)
    first = {report.language: (case, report) for case, report in reversed(reached)}
    return [(letters.draft_closed(*first[language], letter), count) for language, count in sorted(counts.items())]


def post_of_run(run: BulkRun, user: User) -> Post | None:
    """The letters that it sent, about reports that the person may see; None where it sent none by its nature."""
    numbers = [number for _case, told in run.done if isinstance(told, dict) for number in told["reports"]]
    if not numbers:
        return None
    rows = select(Report).where(Report.number.in_(numbers), reports_visible_to(user)).order_by(Report.id)
    found = {each.number: each for each in session.scalars(rows)}
    return _post(found[number] for number in numbers if number in found)


def _post(told: Iterable[Report]) -> Post:
    reports = list(told)
    reached = letters.reached(reports)
    silent = dict.fromkeys(each.number for each in reports if not each.reporter_email)
    return Post(len(reached), len({each.reporter_email.casefold() for each in reached}), list(silent))


def hold(run: BulkRun) -> None:
    """Read the act again and hold it, so that two people cannot undo it."""
    session.flush()
    session.refresh(run, with_for_update=True)


def unsettled(run: BulkRun) -> list[str]:
    """The numbers that no undo has seen to yet, whoever may see them."""
    if run.act not in UNDONE or run.undone_at is not None:
        return []
    over = {number for number, _at in run.settled}
    return [number for number, *_ in run.done if number not in over]


def settle(run: BulkRun, numbers: Sequence[str], left: Sequence[tuple[str, str]]) -> None:
    """Remember that an undo has seen to these, and what it left of them as it is and why."""
    now = clock.now()
    run.settled = [*run.settled, *([number, now.isoformat()] for number in numbers)]
    run.left_out = [*run.left_out, *([number, f"{KEPT}{why}"] for number, why in left)]
    run.undone_at = None if unsettled(run) else now


def standing(run: BulkRun, seen: Collection[str]) -> Standing:
    """How far it was undone for who sees these numbers of what it did; of the others nothing is told."""
    shown = set(seen)
    moments = [datetime.fromisoformat(at) for number, at in run.settled if number in shown]
    undone_at = max(moments, default=None) if run.settled else run.undone_at
    left = [number for number in unsettled(run) if number in shown]
    kept = {number for number, why in run.left_out if why.startswith(KEPT)}
    return Standing(undone_at, left, bool(shown - kept - set(left)))


def apart(left_out: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What the act left out, and what its undo left as it was."""
    ours = [each for each in left_out if each[1].startswith(KEPT)]
    return [each for each in left_out if each not in ours], ours


def cases_seen(numbers: Sequence[str], user: User) -> set[str]:
    """Which of these numbers are of cases that the person may see."""
    return set(session.scalars(select(Case.number).where(among(Case.number, numbers), visible_to(user))))


def reports_seen(numbers: Sequence[str], user: User) -> set[str]:
    """Which of these numbers are of reports that the person may see."""
    return set(session.scalars(select(Report.number).where(among(Report.number, numbers), reports_visible_to(user))))


def recent(user: User) -> list[Recent]:
    """The acts on many of this person in the last day, the newest first, at most MOST; without those into a case that
    the person may not see any more. Three statements.
    """
    rows = select(BulkRun).where(BulkRun.user_id == user.id, BulkRun.at >= clock.now() - FOUND_FOR)
    runs = session.scalars(rows.order_by(BulkRun.id.desc()).limit(MOST)).all()
    told = {each.id: [number for number, *_ in each.done] for each in runs}
    into = [each.value for each in runs if each.act in INTO_CASES]
    of_cases = [number for each in runs if each.act not in OF_REPORTS for number in told[each.id]]
    of_reports = [number for each in runs if each.act in OF_REPORTS for number in told[each.id]]
    seen = cases_seen([*into, *of_cases], user) | reports_seen(of_reports, user) if runs else set()
    shown = [each for each in runs if each.act not in INTO_CASES or each.value in seen]
    return [_recent(each, seen & set(told[each.id])) for each in shown]


def _recent(run: BulkRun, seen: Collection[str]) -> Recent:
    found = standing(run, seen)
    undone_at = found.undone_at if found.put_back else None
    return Recent(run.id, run.act, run.value, run.at, undone_at, bool(found.left))
