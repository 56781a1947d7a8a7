"""The life of a referral as one table: which verb leads from where to where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cert_portal.coordination.models import Referral
from cert_portal.core import clock


class State(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    HELD = "held"
    SENT = "sent"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    NOT_THEIRS = "not_theirs"
    BOUNCED = "bounced"
    EXPIRED = "expired"


class Verb(StrEnum):
    """What can happen to a referral."""

    SEND = "send"
    HOLD = "hold"
    SEE = "see"
    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    RESOLVE = "resolve"
    DISOWN = "disown"
    BOUNCE = "bounce"
    EXPIRE = "expire"


WAITING = frozenset({State.SENT, State.SEEN, State.ACKNOWLEDGED})
"""The clock runs."""
REACHED = WAITING | {State.ANSWERED, State.RESOLVED, State.NOT_THEIRS, State.BOUNCED, State.EXPIRED}
"""The party may have the letter, so it may answer."""
SPEAKING = REACHED | {State.HELD}
"""Where the word of the party counts: it may have an earlier letter of one whose further letter is held."""
OPEN = frozenset(State) - {State.RESOLVED, State.NOT_THEIRS}
"""Somebody still has to do something."""
UNSENT = frozenset({State.DRAFT, State.HELD})
SENDABLE = UNSENT | {State.BOUNCED, State.EXPIRED}


@dataclass(frozen=True)
class Move:
    """One line of the table."""

    verb: Verb
    sources: frozenset[State]
    target: State
    meaning: str


MOVES = {
    move.verb: move
    for move in (
        Move(Verb.SEND, SENDABLE, State.SENT, "The letter was put into the outbox, sealed as required."),
        Move(Verb.HOLD, SENDABLE | WAITING, State.HELD, "It cannot be sealed as required; nothing left."),
        Move(Verb.SEE, frozenset({State.SENT}), State.SEEN, "The party opened its page."),
        Move(
            Verb.ACKNOWLEDGE,
            frozenset({State.SENT, State.SEEN, State.HELD, State.BOUNCED, State.EXPIRED}),
            State.ACKNOWLEDGED,
            "The party says that it has it.",
        ),
        Move(Verb.ANSWER, SPEAKING - {State.RESOLVED}, State.ANSWERED, "The party answered."),
        Move(Verb.RESOLVE, SPEAKING - {State.RESOLVED}, State.RESOLVED, "The party says that the trouble is over."),
        Move(
            Verb.DISOWN,
            SPEAKING - {State.NOT_THEIRS},
            State.NOT_THEIRS,
            "The party says that it is not responsible.",
        ),
        Move(Verb.BOUNCE, WAITING, State.BOUNCED, "The letter came back for good."),
        Move(Verb.EXPIRE, WAITING, State.EXPIRED, "No answer after the last reminder."),
    )
}


class ReferralRefused(Exception):
    """The step is not possible; `reason` is a code that the face puts into words.

    state, case_closed, no_contact, consent, tlp_red, no_words, unknown_party, unknown_contact, unknown_purpose,
    unknown_tlp, who_missing, future, exercise.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def may(referral: Referral, verb: Verb) -> bool:
    """Whether the verb leads out of the state of the referral."""
    return referral.state in MOVES[verb].sources


def move(referral: Referral, verb: Verb) -> None:
    """Take a referral along one line of the table. Raises ReferralRefused("state")."""
    if not may(referral, verb):
        raise ReferralRefused("state")
    referral.state, referral.updated_at = MOVES[verb].target, clock.now()


def table() -> str:
    """The life of a referral for the manual, in Markdown."""
    rows = ["| Verb | From | To | Meaning |", "|---|---|---|---|"]
    for each in MOVES.values():
        sources = ", ".join(state for state in State if state in each.sources)
        rows.append(f"| {each.verb} | {sources} | {each.target} | {each.meaning} |")
    return "\n".join(rows)
