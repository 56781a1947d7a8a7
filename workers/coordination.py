"""Jobs of the coordination stage."""

from __future__ import annotations

from cert_portal.coordination import service
from cert_portal.core.db import session
from workers.job import job


@job
def remind_parties() -> None:
    """Remind every party whose time is over, each in its own transaction; what a missed tick left is caught up."""
    for referral_id in service.due():
        service.remind(referral_id)
        session.commit()
