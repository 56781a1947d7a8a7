"""Letters of the desk that did not arrive: who wrote one is told, once for each way in which it failed; of one whose
writer left the desk others are.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from cert_portal.cases import called, events, letters, notices
from cert_portal.cases.models import Case
from cert_portal.cases.visible import may_see
from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.numbers import NumberKind
from cert_portal.core.outgoing import LetterState
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

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
    found = numbers.resolve(written.subject) if written else None
    if written is None or author is None or found is None:
        return
    is_case = found[0] == NumberKind.CASE
    about = session.get_one(Case, found[1]) if is_case else session.get_one(Report, found[1])
    for user in called.instead_of(author, about):
        subject = written.subject if may_see(about, user) else user.actor
        notices.tell(notices.Kind.LETTER, user, subject, f"letter {letter_id} {how}")


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
