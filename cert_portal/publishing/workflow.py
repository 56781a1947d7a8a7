"""The life of a version as one table: who may take it from where to where. Publishing itself is done by one job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import EventKind
from cert_portal.directory.models import User
from cert_portal.publishing import events
from cert_portal.publishing.models import AdvisoryState, AdvisoryVersion

State = AdvisoryState


class Verb(StrEnum):
    """What a person can do with a version."""

    CHANGE = "change"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"


class AdvisoryRefused(Exception):
    """The step is not possible; `reason` is a code, `told` what goes with it (a date, missing parts).

    wrong_state, own_words, changed_meanwhile, changed_while_reading, incomplete, key_expires, no_key,
    unfinished_version, not_published, embargo_past, embargo_far.
    """

    def __init__(self, reason: str, told: str = "") -> None:
        super().__init__(f"{reason} {told}".strip())
        self.reason, self.told = reason, told


@dataclass(frozen=True)
class Move:
    """One line of the table."""

    verb: Verb
    sources: frozenset[State]
    target: State
    event: EventKind
    meaning: str


MOVES = {
    move.verb: move
    for move in (
        Move(Verb.CHANGE, frozenset({State.DRAFT}), State.DRAFT, events.CHANGED, "An editor changes the words."),
        Move(
            Verb.SUBMIT,
            frozenset({State.DRAFT}),
            State.IN_REVIEW,
            events.SUBMITTED,
            "Both languages are complete; a second person may read.",
        ),
        Move(
            Verb.RETURN,
            frozenset({State.IN_REVIEW, State.APPROVED, State.EMBARGOED}),
            State.DRAFT,
            events.RETURNED,
            "The second reader gives it back, or an approval is taken back before it is signed.",
        ),
        Move(
            Verb.APPROVE,
            frozenset({State.IN_REVIEW}),
            State.APPROVED,
            events.APPROVED,
            "The second reader, who wrote none of it, approves exactly what stands there; with a time: embargoed.",
        ),
    )
}
AFTERWARDS = (
    "The publication job takes an approved version (an embargoed one when its time has come), signs it and makes it "
    "published; the version before becomes superseded. A withdrawal is a version too: it ends as withdrawn, and the "
    "page stays."
)


def hold(version: AdvisoryVersion, verb: Verb) -> Move:
    """Read the row again and hold it, so that two presses at once come one after the other.

    Raises AdvisoryRefused: wrong_state (somebody was quicker, or the publication job has taken it).
    """
    session.flush()
    session.refresh(version, with_for_update=True)
    move = MOVES[verb]
    if version.state not in move.sources or is_being_published(version):
        raise AdvisoryRefused("wrong_state")
    return move


def is_being_published(version: AdvisoryVersion) -> bool:
    """Whether the publication job is at work on it."""
    lease: datetime | None = version.lease_until
    return lease is not None and lease > clock.now()


def wrote(user: User, version: AdvisoryVersion) -> bool:
    """Whether the person had a hand in the words."""
    return user.actor in version.editors


def table() -> str:
    """The life of a version for the manual, in Markdown."""
    rows = ["| Verb | From | To | Event | Meaning |", "|---|---|---|---|---|"]
    for each in MOVES.values():
        sources = ", ".join(state for state in State if state in each.sources)
        rows.append(f"| {each.verb} | {sources} | {each.target} | `{each.event.name}` | {each.meaning} |")
    return "\n".join([*rows, "", AFTERWARDS])
