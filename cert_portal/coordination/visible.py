"""Who may see which referral: whoever may see its case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from cert_portal.cases import family
from cert_portal.cases.models import Case
from cert_portal.cases.visible import visible_to
from cert_portal.coordination.models import Referral
from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.directory.models import User


def referrals_visible_to(user: User) -> ColumnElement[bool]:
    """The condition for rows of Referral."""
    return select(Case.id).where(Case.id == Referral.case_id, visible_to(user)).correlate(Referral).exists()


def find_referral(told: str, user: User) -> Referral | None:
    """The referral of a number in any spelling, also without its check digit; None for an unknown one as for one that
    the person may not see.
    """
    number = numbers.normalise(numbers.complete(told) or told)
    rows = select(Referral).where(Referral.number == number, referrals_visible_to(user))
    is_one = number is not None and number.startswith(NumberKind.REFERRAL)
    return session.scalars(rows).first() if is_one else None


def referrals_of(case: Case, user: User) -> list[Referral]:
    """The referrals of a case, and of those that went into it, that the person may see, oldest first."""
    rows = select(Referral).where(Referral.case_id.in_(family.ids(case)), referrals_visible_to(user))
    return list(session.scalars(rows.order_by(Referral.id)))


def hidden_referrals(user: User) -> Select[Any]:
    """Numbers of the referrals that the person may not see; there are few."""
    return select(Referral.number).join(Case, Case.id == Referral.case_id).where(~visible_to(user))
