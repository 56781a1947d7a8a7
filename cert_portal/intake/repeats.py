"""A request that a program sends twice, because it did not hear the answer, is done once (Idempotency-Key)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.intake.models import RepeatedRequest

KEPT = timedelta(hours=24)


class OtherBody(Exception):
    """The key was used for something else before."""


def before(caller: str, key: str, body: str) -> list[str]:
    """Numbers that this request made when it came first; none when it is new, and then its key is taken.

    Two at once: the second waits for the first to commit, and gets its numbers. Raises OtherBody.
    """
    now = clock.now()
    session.execute(delete(RepeatedRequest).where(RepeatedRequest.at <= now - KEPT))
    digest = hashlib.sha256(f"{caller}\0{key}".encode()).hexdigest()
    try:
        with session.begin_nested():
            session.add(RepeatedRequest(digest=digest, body=body, numbers=[], at=now))
            session.flush()
    except IntegrityError:
        found = session.get_one(RepeatedRequest, digest, populate_existing=True)
        if found.body != body:
            raise OtherBody from None
        return found.numbers
    return []


def done(caller: str, key: str, numbers: list[str]) -> None:
    """Keep what the request made, in the same transaction."""
    digest = hashlib.sha256(f"{caller}\0{key}".encode()).hexdigest()
    session.get_one(RepeatedRequest, digest).numbers = numbers
