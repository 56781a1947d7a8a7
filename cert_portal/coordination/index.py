"""The words by which a referral is found: the number that the party gave it in its own books, and what came back."""

from __future__ import annotations

from sqlalchemy import select

from cert_portal.coordination.models import Referral, ReferralFile, ReferralMessage
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind

MARK = "is_referral"
"""A word that every referral has and nothing else: with it a word that a million reports hold costs no more than a
rare one.
"""


def index_referral(referral: Referral) -> None:
    """Make what came back searchable, in place of what was there."""
    session.flush()
    told = select(ReferralMessage.text, ReferralMessage.sender).where(ReferralMessage.referral_id == referral.id)
    said = [part for row in session.execute(told) for part in row]
    names = session.scalars(select(ReferralFile.filename).where(ReferralFile.referral_id == referral.id))
    words = [referral.number, referral.their_reference, referral.recipient, *said, *names]
    search.index(NumberKind.REFERRAL, referral.id, "\n".join(words), [MARK])


def index_all() -> int:
    """Make everything that came back so far searchable; answers how many referrals."""
    rows = select(Referral).where(Referral.id.in_(select(ReferralMessage.referral_id))).order_by(Referral.id)
    found = list(session.scalars(rows))
    for each in found:
        index_referral(each)
    return len(found)
