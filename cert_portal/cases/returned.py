"""Letters of the desk that did not arrive: who wrote one is told, once for each way in which it failed; of one whose
writer left the desk others are.
"""

from __future__ import annotations

from sqlalchemy import select

from cert_portal.cases import called, letters, notices
from cert_portal.cases.models import Case
from cert_portal.cases.visible import may_see
from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.numbers import NumberKind
from cert_portal.core.outgoing import LetterState
from cert_portal.directory.models import User
from cert_portal.intake.models import Report


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
        letters.respond(report, "letter", letter.writer or "system")


def _tell_author(letter_id: int, how: str) -> None:
    letter = session.get(Letter, letter_id)
    author = session.get(User, int(letter.writer.partition(":")[2])) if letter and letter.writer else None
    found = numbers.resolve(letter.written_on) if letter else None
    if letter is None or author is None or found is None:
        return
    is_case = found[0] == NumberKind.CASE
    about = session.get_one(Case, found[1]) if is_case else session.get_one(Report, found[1])
    report = session.scalars(select(Report).where(Report.number == letter.about)).one()
    for user in called.instead_of(author, about, report):
        subject = letter.written_on if may_see(about, user) else user.actor
        notices.tell(notices.Kind.LETTER, user, subject, f"letter {letter_id} {how}")
