"""The life of a case as one table: which verb leads from where to where, and what must be true before.

The order is that of incident handling: nothing is resolved before its severity was judged (000-03). The phase of the
life cycle (000-04) is a second thing: it may go back as often as the work does (000-05).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.events import EventKind, declare, record
from cert_portal.directory.models import User
from cert_portal.guidance.kinds import UNSETTLED


class State(StrEnum):
    """Where a case stands."""

    NEW = "new"
    TRIAGED = "triaged"
    IN_HANDLING = "in_handling"
    WAITING = "waiting"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class Phase(StrEnum):
    """The four phases of incident handling (000-04)."""

    PREPARATION = "preparation"
    DETECTION_ANALYSIS = "detection_analysis"
    CONTAINMENT = "containment_eradication_recovery"
    POST_INCIDENT = "post_incident"


class Verb(StrEnum):
    """What a person can do with a case."""

    TRIAGE = "triage"
    START = "start"
    WAIT = "wait"
    RESUME = "resume"
    WATCH = "watch"
    RESOLVE = "resolve"
    CLOSE = "close"
    DISMISS = "dismiss"
    REOPEN = "reopen"


OUTCOMES = ("fixed", "taken_down", "contained", "handed_over", "not_reproducible", "no_answer")
"""How a case may end."""
DISMISSALS = ("no_incident", "duplicate", "exercise", "outside_remit", "mistake")
"""Why a case may end before it was handled."""
OPEN = frozenset(State) - {State.CLOSED, State.MERGED}
HANDLED = frozenset({State.IN_HANDLING, State.WAITING, State.MONITORING})


@dataclass(frozen=True)
class Facts:
    """What the person said with the verb."""

    until: date | None = None
    outcome: str = ""
    told: bool = False
    reason: str = ""


Condition = Callable[[Case, Facts], bool]


def today() -> date:
    """The date where the portal stands: in UTC it is still yesterday until the morning."""
    return clock.now().astimezone(current().zone).date()


CONDITIONS: Mapping[str, Condition] = {
    "kind": lambda case, facts: case.kind != UNSETTLED,
    "owner": lambda case, facts: case.owner_id is not None,
    "level": lambda case, facts: case.level_rule != "",
    "until": lambda case, facts: facts.until is not None and facts.until > today(),
    "outcome": lambda case, facts: facts.outcome in OUTCOMES,
    "dismissal": lambda case, facts: facts.outcome in DISMISSALS,
    "told": lambda case, facts: facts.told or facts.reason != "",
    "reason": lambda case, facts: facts.reason != "",
}

MEANINGS = {
    "kind": "the kind of incident is known",
    "owner": "somebody owns the case",
    "level": "the level was decided, be it 'no level: an attempt'",
    "until": "a date in the future is given",
    "outcome": "an outcome is chosen",
    "dismissal": "it is said why this needs no handling",
    "told": "the reporters are told, or it is said why not",
    "reason": "a reason is given",
}


@dataclass(frozen=True)
class Move:
    """One line of the table. `phase` is where the move takes the phase; None leaves it."""

    verb: Verb
    sources: frozenset[State]
    target: State
    conditions: tuple[str, ...]
    event: EventKind
    meaning: str
    phase: Phase | None = None


def _move(
    verb: Verb,
    sources: frozenset[State],
    target: State,
    needs: str,
    event: tuple[str, str],
    meaning: str,
    phase: Phase | None = None,
) -> Move:
    kind = declare(f"case.{event[0]}", event[1], "before", "after", "until", "outcome", "told")
    return Move(verb, sources, target, tuple(needs.split()), kind, meaning, phase)


MOVES = {
    move.verb: move
    for move in (
        _move(
            Verb.TRIAGE,
            frozenset({State.NEW}),
            State.TRIAGED,
            "kind",
            ("triaged", "The kind of a case was settled"),
            "We know what kind of incident this is.",
        ),
        _move(
            Verb.START,
            frozenset({State.TRIAGED}),
            State.IN_HANDLING,
            "owner level",
            ("started", "Handling began"),
            "The owner begins to work on it.",
        ),
        _move(
            Verb.WAIT,
            frozenset({State.IN_HANDLING, State.MONITORING}),
            State.WAITING,
            "until",
            ("waiting", "A case waits for somebody until a date"),
            "We can do nothing until somebody answers.",
        ),
        _move(
            Verb.RESUME,
            frozenset({State.WAITING, State.MONITORING, State.RESOLVED}),
            State.IN_HANDLING,
            "",
            ("resumed", "Handling goes on"),
            "There is something to do again.",
        ),
        _move(
            Verb.WATCH,
            frozenset({State.IN_HANDLING, State.WAITING}),
            State.MONITORING,
            "",
            ("watched", "A case is watched"),
            "The cure is in place; we watch whether it holds.",
        ),
        _move(
            Verb.RESOLVE,
            HANDLED,
            State.RESOLVED,
            "level",
            ("resolved", "The trouble of a case is over"),
            "The trouble is over; what is left is to tell people.",
            Phase.POST_INCIDENT,
        ),
        _move(
            Verb.CLOSE,
            frozenset({State.RESOLVED}),
            State.CLOSED,
            "outcome told",
            ("closed", "A case was closed"),
            "Nothing is left to do.",
        ),
        _move(
            Verb.DISMISS,
            frozenset({State.NEW, State.TRIAGED}),
            State.CLOSED,
            "dismissal told",
            ("dismissed", "A case was closed without handling"),
            "It turned out to need no handling.",
        ),
        _move(
            Verb.REOPEN,
            frozenset({State.CLOSED}),
            State.TRIAGED,
            "reason",
            ("reopened", "A closed case was opened again"),
            "Something new came up.",
            Phase.DETECTION_ANALYSIS,
        ),
    )
}
STEPS = frozenset(move.event.name for move in MOVES.values())
"""The steps of a case; their reasons are for colleagues, as notes are."""

PHASE_SET = declare("case.phase_set", "The phase of a case was changed, forward or back", "before", "after")


class MoveRefused(Exception):
    """The move is not possible now: wrong state, or these conditions are missing."""

    def __init__(self, verb: Verb, missing: list[str]) -> None:
        super().__init__(f"{verb}: {', '.join(missing)}")
        self.verb, self.missing = verb, missing


def legal(case: Case) -> list[Move]:
    """The moves that lead out of the state of the case, whatever else they need."""
    return [move for move in MOVES.values() if case.state in move.sources]


def missing(case: Case, verb: Verb, facts: Facts) -> list[str]:
    """The conditions of a move that do not hold."""
    return [name for name in MOVES[verb].conditions if not CONDITIONS[name](case, facts)]


def move(
    case: Case,
    verb: Verb,
    actor: User,
    *,
    until: date | None = None,
    outcome: str = "",
    told: bool = False,
    reason: str = "",
) -> None:
    """Take a case along one line of the table. Raises MoveRefused with what is missing ("state": wrong state)."""
    line, facts = MOVES[verb], Facts(until, outcome, told, reason.strip())
    if case.state not in line.sources:
        raise MoveRefused(verb, ["state"])
    if lacking := missing(case, verb, facts):
        raise MoveRefused(verb, lacking)
    before, now = case.state, clock.now()
    case.state, case.updated_at = line.target, now
    case.waiting_until = until if line.target is State.WAITING else None
    case.outcome = outcome if line.target is State.CLOSED else ""
    case.closed_at = None if line.target in OPEN else now
    day = until.isoformat() if until else ""
    record(
        line.event,
        case.number,
        actor.actor,
        text=facts.reason or None,
        before=before,
        after=line.target.value,
        until=day,
        outcome=outcome,
        told=told,
    )
    if line.phase:
        set_phase(case, line.phase, actor)


def set_phase(case: Case, phase: Phase, actor: User) -> None:
    """Say in which phase the work is; going back is normal. Setting the same phase again is no event."""
    if case.phase == phase:
        return
    record(PHASE_SET, case.number, actor.actor, before=case.phase, after=phase.value)
    case.phase, case.updated_at = phase.value, clock.now()


def table() -> str:
    """The life of a case for the manual, in Markdown."""
    rows = ["| Verb | From | To | Needs | Event | Meaning |", "|---|---|---|---|---|---|"]
    for each in MOVES.values():
        sources = ", ".join(state for state in State if state in each.sources)
        needs = "; ".join(MEANINGS[name] for name in each.conditions) or "–"
        rows.append(f"| {each.verb} | {sources} | {each.target} | {needs} | `{each.event.name}` | {each.meaning} |")
    return "\n".join(rows)
