"""The list of letters out, without those about what the person may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from cert_portal.cases.visible import hidden_numbers
from cert_portal.core.db import session
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.core.sms import OutgoingText
from cert_portal.directory.models import User

PAGE = 50
TROUBLE = (LetterState.FAILED, LetterState.HELD)


@dataclass(frozen=True)
class Letters:
    """Some letters and the key that the next page begins before (0 for the last page)."""

    rows: Sequence[Letter]
    before: int


@dataclass(frozen=True)
class Texts:
    """Some text messages and the key that the next page begins before (0 for the last page)."""

    rows: Sequence[OutgoingText]
    before: int


def texts_page(user: User, *, before: int = 0, only_trouble: bool = False) -> Texts:
    """Text messages out, newest first, without those about what the person may not see."""
    rows = select(OutgoingText).where(OutgoingText.about.not_in(hidden_numbers(user)))
    rows = rows.where(OutgoingText.id < before) if before else rows
    rows = rows.where(OutgoingText.state.in_(TROUBLE)) if only_trouble else rows
    found = session.scalars(rows.order_by(OutgoingText.id.desc()).limit(PAGE + 1)).all()
    return Texts(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else 0)


def find(letter_id: int, user: User, also_hidden: Sequence[Select[Any]] = ()) -> Letter | None:
    """A letter, unless it is about what the person may not see; a later stage says which further numbers that are."""
    rows = select(Letter).where(Letter.id == letter_id, Letter.about.not_in(hidden_numbers(user)))
    return session.scalars(rows.where(*(Letter.about.not_in(numbers) for numbers in also_hidden))).first()


def letters_page(
    user: User, *, before: int = 0, only_trouble: bool = False, also_hidden: Sequence[Select[Any]] = ()
) -> Letters:
    """Letters, newest first; a later stage says which further numbers the person may not see."""
    rows = select(Letter).where(Letter.about.not_in(hidden_numbers(user)))
    rows = rows.where(*(Letter.about.not_in(numbers) for numbers in also_hidden))
    rows = rows.where(Letter.id < before) if before else rows
    trouble = or_(Letter.state.in_(TROUBLE), Letter.came_back.in_((Verdict.HARD, Verdict.SOFT)))
    rows = rows.where(trouble) if only_trouble else rows
    found = session.scalars(rows.order_by(Letter.id.desc()).limit(PAGE + 1)).all()
    return Letters(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else 0)
