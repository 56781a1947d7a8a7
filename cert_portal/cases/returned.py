"""Letters of the desk that did not arrive: who wrote one is told, once for each way in which it failed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from cert_portal.cases import events, letters, notices
from cert_portal.cases.visible import find_case, find_report
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.directory.models import User

AROUND = timedelta(minutes=1)
"""The event of a letter is as old as the letter: nothing further away is looked at."""


def take_bounce(letter_id: int, verdict: Verdict) -> None:
    """A letter came back, or the other side refused it; that it arrived is no news."""
    if verdict is not Verdict.DELIVERED:
        _tell_author(letter_id, verdict.value)


def letter_done(letter_id: int) -> None:
    """The outbox is through with a letter; one that could not be sealed did not leave, one that waited may have."""
    letter = session.get(Letter, letter_id)
    if letter is None:
        return
    if letter.state == LetterState.HELD:
        _tell_author(letter_id, LetterState.HELD.value)
    elif letter.state == LetterState.SENT and (report := letters.unanswered(letter)):
        letters.respond(report, "letter", _author(letter_id))


def _tell_author(letter_id: int, how: str) -> None:
    written = _written(letter_id)
    author = session.get(User, int(written.actor.partition(":")[2])) if written else None
    if written is None or author is None:
        return
    is_seen = find_case(written.subject, author) or find_report(written.subject, author)
    subject = written.subject if is_seen else author.actor
    notices.tell(notices.Kind.LETTER, author, subject, f"letter {letter_id} {how}")


def _author(letter_id: int) -> str:
    written = _written(letter_id)
    return written.actor if written else "system"


def _written(letter_id: int) -> Event | None:
    """The event of a person who wrote the letter; None for a letter that the portal wrote by itself."""
    letter = session.get(Letter, letter_id)
    if letter is None:
        return None
    kinds = (events.WRITTEN.name, events.REPORT_WRITTEN.name)
    rows = select(Event).where(
        Event.kind.in_(kinds), Event.at.between(letter.created_at - AROUND, letter.created_at + AROUND)
    )
    return next((each for each in session.scalars(rows) if each.data["letter"] == letter_id), None)
