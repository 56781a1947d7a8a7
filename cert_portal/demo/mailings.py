"""Mailings of the demonstration: begun as in life, and done at once without a letter of them being kept."""

from __future__ import annotations

from sqlalchemy import func, select

from cert_portal.core.db import session
from cert_portal.subscriptions import mailing
from cert_portal.subscriptions.models import Mailing


def told() -> None:
    """End all mailings that have begun: everybody who is due one has had their letter."""
    for each in session.scalars(select(Mailing).where(Mailing.finished_at.is_(None))):
        due = mailing.waiting(each).subquery()
        each.letters = session.scalar(select(func.count()).select_from(due)) or 0
        mailing.finish(each)
