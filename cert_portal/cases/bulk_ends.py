"""The end of many cases at once: which cannot end and why, and the end itself, each case wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from cert_portal.cases import handling, letters, workflow
from cert_portal.cases.agency_after import waiting_for_release
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case
from cert_portal.cases.spoken import spoken
from cert_portal.cases.visible import reports_of_each, visible_to
from cert_portal.cases.workflow import HANDLED, MOVES, MoveRefused, State, Verb
from cert_portal.core.db import session
from cert_portal.directory.models import User
from cert_portal.intake.models import Report


def reasons(verb: Verb, cases: Sequence[Case]) -> Callable[[Case], str]:
    """Why each of these cannot end in this way, whatever is said with it; "" where nothing hinders.

    Closing takes cases in handling along: they are resolved on the way.
    """
    if verb is Verb.DISMISS:
        return lambda case: "" if case.state in MOVES[verb].sources else ended(case) or "in_work"
    held = waiting_for_release(cases)

    def why(case: Case) -> str:
        if case.state not in HANDLED | MOVES[verb].sources:
            return ended(case) or "not_handled"
        if case.id in held:
            return "release"
        return "no_level" if case.state in HANDLED and not case.level_rule else ""

    return why


def reasons_of_letters(
    cases: Sequence[Case], letter: str, reason: str, user: User, seen: datetime | None = None
) -> Callable[[Case], str]:
    """Why the letter cannot leave from each of these, or is held back by what others said since it was `seen`; where
    nobody would get one, a reason must be given.
    """
    if not letter.strip():
        return lambda case: ""
    reports = reports_of_each(cases, user)
    reached = [(case, each) for case in cases for each in letters.reached(reports.get(case.id, []))]
    hindered: dict[int, str] = {}
    for (case, _report), why in zip(reached, letters.hindrances_closed(reached, letter), strict=True):
        hindered[case.id] = hindered.get(case.id) or {"blanks": "letter_blanks"}.get(why, why)
    since = spoken(seen, user)
    for case in cases:
        if since & {case.number, *(each.number for each in reports.get(case.id, []))}:
            hindered[case.id] = hindered.get(case.id) or "spoken"
    nobody = "" if reason.strip() else "nobody_to_tell"
    return lambda case: hindered.get(case.id, nobody)


def end(
    cases: Sequence[Case], verb: Verb, user: User, *, outcome: str, letter: str, reason: str
) -> list[tuple[str, dict[str, list[str]] | None]]:
    """Close or dismiss each case that still can be; answers which, with a letter the reports that it was about.

    Of one that cannot nothing is changed.
    """
    rows = select(Case).where(Case.id.in_([case.id for case in cases]), visible_to(user)).order_by(Case.id)
    held = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()[::-1]
    reports: Mapping[int, Sequence[Report]] = reports_of_each(held, user)
    done: list[tuple[str, dict[str, list[str]] | None]] = []
    for case in held:
        told = reports.get(case.id, [])
        try:
            with session.begin_nested():
                if verb is Verb.CLOSE and case.state in HANDLED:
                    workflow.move(case, Verb.RESOLVE, user)
                handling.close(case, verb, user, outcome=outcome, letter=letter, reports=told, reason=reason)
        except (MoveRefused, LetterRefused):
            continue
        done.append((case.number, {"reports": [each.number for each in told]} if letter.strip() else None))
    return done


def ended(case: Case) -> str:
    """How a case is over already: closed, or merged; "" for one that is not."""
    return {State.CLOSED: "closed", State.MERGED: "merged"}.get(State(case.state), "")
