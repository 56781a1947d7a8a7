"""What is left of acts on many: how many letters a close sends, what an undo could not put back, and the last acts of a
person, to be found again when the page of the result is closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cert_portal.cases import letters
from cert_portal.cases.models import BulkRun, Case
from cert_portal.cases.visible import reports_of_each, reports_visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Draft
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

FOUND_FOR, MOST = timedelta(days=1), 20
KEPT = "kept_"
"""Begins the code of why an undo left something as it is, among those of what the act left out."""
UNDONE = ("give", "tag", "untag", "refuse", "open", "attach")
"""Acts that can be taken back; the letter of a close has left."""


@dataclass(frozen=True)
class Post:
    """So many letters to so many addresses, and the numbers of the reports without one."""

    letters: int
    reporters: int
    silent: Sequence[str]


@dataclass(frozen=True)
class Recent:
    """An act on many of the last day, as a list shows it."""

    id: int
    act: str
    value: str
    at: datetime
    undone_at: datetime | None

    @property
    def may_undo(self) -> bool:
        """Whether it can still be taken back, if anything came of it."""
        return self.undone_at is None and self.act in UNDONE


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


def kept(run: BulkRun, left: Sequence[tuple[str, str]]) -> None:
    """Remember what an undo left as it is, and why."""
    run.left_out = [*run.left_out, *([number, f"{KEPT}{why}"] for number, why in left)]


def apart(left_out: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What the act left out, and what its undo left as it was."""
    ours = [each for each in left_out if each[1].startswith(KEPT)]
    return [each for each in left_out if each not in ours], ours


def recent(user: User) -> list[Recent]:
    """The acts on many of this person in the last day, the newest first, at most MOST. One statement."""
    columns: Any = (BulkRun.id, BulkRun.act, BulkRun.value, BulkRun.at, BulkRun.undone_at)
    rows = select(*columns).where(BulkRun.user_id == user.id, BulkRun.at >= clock.now() - FOUND_FOR)
    return [Recent(*row) for row in session.execute(rows.order_by(BulkRun.id.desc()).limit(MOST))]
