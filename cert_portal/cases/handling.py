"""The work on a case: owner, kind, level, notes, and the end with a word to the reporters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from cert_portal.cases import events, letters, mentions, workflow
from cert_portal.cases.agency_after import waits_for_release
from cert_portal.cases.brief import tell_convenor
from cert_portal.cases.index import index_case
from cert_portal.cases.models import Case, CaseAccess
from cert_portal.cases.outside import read_in_case, tell_status_pages
from cert_portal.cases.severity import Impact, Verdict, decide
from cert_portal.cases.workflow import OPEN, MoveRefused, Phase, Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import just_said, record
from cert_portal.core.text import clean, one_line, shortened
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.guidance.kinds import by_code
from cert_portal.intake.models import Report

LEVELS = (1, 2, 3, 4)


class HandlingRefused(Exception):
    """The step is not possible; `reason` is a code.

    closed, may_not_handle, not_named, unknown_level, reason_missing, empty, in_future.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def take(case: Case, user: User) -> None:
    """Make the case one's own. Raises HandlingRefused as `give` does."""
    give(case, user, user)


def give(case: Case, owner: User | None, actor: User) -> None:
    """Set the owner, or none. Raises HandlingRefused: closed, may_not_handle, not_named (on a restricted case)."""
    _must_be_open(case)
    if owner and (why := may_not_own(case, owner)):
        raise HandlingRefused(why)
    before, after = case.owner_id, owner.id if owner else None
    if before != after:
        case.owner_id, case.updated_at = after, clock.now()
        record(events.OWNER_SET, case.number, actor.actor, before=before, after=after)


def may_not_own(case: Case, owner: User) -> str:
    """Why a person cannot own a case: may_not_handle, not_named (on a restricted case), or "" when nothing hinders."""
    if not (owner.active and Permission.HANDLE in permissions_of(owner.roles)):
        return "may_not_handle"
    return "not_named" if case.restricted and session.get(CaseAccess, (case.id, owner.id)) is None else ""


def describe(case: Case, title: str, kind: str, actor: User) -> None:
    """Settle what the case is called and which kind it is. Raises UnknownKind, HandlingRefused: closed, empty.

    A title may hold personal words: it stands in the text of the event, which can be erased.
    """
    _must_be_open(case)
    plain = shortened(one_line(title), 200)
    if not plain:
        raise HandlingRefused("empty")
    before, after = case.kind, by_code(kind).code
    titles = f"{case.title} → {plain}" if plain != case.title else None
    case.kind, case.title, case.updated_at = after, plain, clock.now()
    record(events.KIND_SET, case.number, actor.actor, text=titles, before=before, after=after)
    index_case(case)


def set_phase(case: Case, phase: Phase, actor: User) -> None:
    """Say in which phase the work is, forward or back. Raises HandlingRefused("closed")."""
    _must_be_open(case)
    workflow.set_phase(case, phase, actor)


def set_level(case: Case, impact: Impact, actor: User, override: int | None = None, reason: str = "") -> Verdict:
    """Decide the level by the rules, or otherwise with a reason; from level 3 on the convenors get their brief.

    Raises HandlingRefused: closed, unknown_level, reason_missing.
    """
    _must_be_open(case)
    verdict, why = decide(impact), clean(reason).strip()
    differs = override is not None and override != verdict.level
    if override is not None and override not in LEVELS:
        raise HandlingRefused("unknown_level")
    if differs and not why:
        raise HandlingRefused("reason_missing")
    before, case.level = case.level, override if differs else verdict.level
    case.level_rule, case.level_override_reason = verdict.rule, why if differs else ""
    case.impact, case.updated_at = impact.as_json(), clock.now()
    record(
        events.LEVEL_SET,
        case.number,
        actor.actor,
        text=case.level_override_reason or None,
        before=before,
        level=case.level,
        rule=verdict.rule,
        flag=verdict.flag,
        override=differs,
    )
    index_case(case)
    tell_convenor(case)
    return verdict


def note(case: Case, text: str, actor: User, *, at: datetime | None = None, line: str = "") -> list[User]:
    """Write a note for colleagues; no reporter ever sees it. Answers who is mentioned in it: they will be told. The
    same words again within a minute are a second press, and change nothing.

    `at`: when that happened which it tells, now if nothing is said. `line`: the key of the line of the timeline that it
    puts right; the line itself stays as it is. Raises HandlingRefused("empty", "in_future"), MentionRefused.
    """
    words = clean(text).strip()
    if not words:
        raise HandlingRefused("empty")
    if at is not None and at > clock.now():
        raise HandlingRefused("in_future")
    told = mentions.told(case, words)
    before = None if line else just_said(events.NOTED, case.number, actor.actor, words)
    if before and at in (None, before.at):
        return told
    facts: dict[str, Any] = {"mentions": [each.id for each in told]}
    if line:
        record(events.CORRECTED, case.number, actor.actor, at=at, text=words, line=line, **facts)
    else:
        record(events.NOTED, case.number, actor.actor, at=at, text=words, **facts)
    read_in_case(case, actor)
    case.updated_at = clock.now()
    index_case(case)
    return told


def move(case: Case, verb: Verb, actor: User, *, until: date | None = None, reason: str = "") -> None:
    """Take the case one step on; closing has a verb of its own. Raises MoveRefused."""
    workflow.move(case, verb, actor, until=until, reason=reason)
    if reason.strip():
        index_case(case)
    tell_status_pages(case)


def close(
    case: Case,
    verb: Verb,
    actor: User,
    *,
    outcome: str,
    letter: str = "",
    reports: Sequence[Report] = (),
    reason: str = "",
) -> None:
    """Close or dismiss a case; with a letter the reporters who gave an address are told what came of it.

    A case that a member organisation reported stays open until its release is confirmed (004-15).
    Raises MoveRefused ("release" for that); then nothing was posted.
    """
    if verb is Verb.CLOSE and waits_for_release(case):
        raise MoveRefused(verb, ["release"])
    reached = letters.reached(reports) if letter.strip() else []
    workflow.move(case, verb, actor, outcome=outcome, told=bool(reached), reason=reason)
    read_in_case(case, actor)
    for report in reached:
        letters.tell_closed(case, report, letter, actor)
    tell_status_pages(case)


def _must_be_open(case: Case) -> None:
    if case.state not in OPEN:
        raise HandlingRefused("closed")
