"""Jobs of the event record."""

from __future__ import annotations

from datetime import timedelta

from cert_portal.config import current
from cert_portal.core import clock, events
from cert_portal.core.db import session
from workers.job import job


@job
def seal_events() -> None:
    """Chain what was committed since the last time; sign yesterday's head once."""
    while events.seal():
        session.commit()
    yesterday = clock.now().astimezone(current().zone).date() - timedelta(days=1)
    session.rollback()
    if current().desk_key:
        events.sign_head(yesterday)
