"""Jobs of the letters of a case."""

from __future__ import annotations

from cert_portal.cases import later
from cert_portal.core.db import session
from workers.job import job


@job
def leave_letters() -> None:
    """Send the letters whose time has come, and stop those that may not leave any longer; each for itself."""
    for planned_id in later.waiting():
        later.look_at(planned_id)
        session.commit()
