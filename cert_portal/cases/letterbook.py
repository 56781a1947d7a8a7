"""Letters out, without those about what the person may not see, or written where the person may not look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from cert_portal.cases.visible import hidden_numbers
from cert_portal.core.db import session
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.core.pages import Page, newest
from cert_portal.core.sms import OutgoingText
from cert_portal.directory.models import User

PAGE = 50
TROUBLE = (LetterState.FAILED, LetterState.HELD)


def letters_visible_to(user: User) -> list[ColumnElement[bool]]:
    """The conditions for rows of Letter: a letter of a restricted case stays as restricted as the case, wherever the
    report that it is about is now.
    """
    return [Letter.about.not_in(hidden_numbers(user)), Letter.written_on.not_in(hidden_numbers(user))]


def texts_page(user: User, *, after: str = "", only_trouble: bool = False) -> Page[OutgoingText]:
    """Text messages out, newest first, without those about what the person may not see."""
    rows = select(OutgoingText).where(OutgoingText.about.not_in(hidden_numbers(user)))
    rows = rows.where(OutgoingText.state.in_(TROUBLE)) if only_trouble else rows
    return newest(rows, OutgoingText.id.expression, after, PAGE)


def find(letter_id: int, user: User, also_hidden: Sequence[Select[Any]] = ()) -> Letter | None:
    """A letter, unless it is about what the person may not see; a later stage says which further numbers that are."""
    rows = select(Letter).where(Letter.id == letter_id, *letters_visible_to(user))
    return session.scalars(rows.where(*(Letter.about.not_in(numbers) for numbers in also_hidden))).first()


def letters_page(
    user: User, *, after: str = "", only_trouble: bool = False, also_hidden: Sequence[Select[Any]] = ()
) -> Page[Letter]:
    """Letters, newest first; a later stage says which further numbers the person may not see."""
    rows = select(Letter).where(*letters_visible_to(user))
    rows = rows.where(*(Letter.about.not_in(numbers) for numbers in also_hidden))
    trouble = or_(Letter.state.in_(TROUBLE), Letter.came_back.in_((Verdict.HARD, Verdict.SOFT)))
    rows = rows.where(trouble) if only_trouble else rows
    return newest(rows, Letter.id.expression, after, PAGE)
