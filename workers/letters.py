"""Jobs of letters that wait for their time."""

from __future__ import annotations

from cert_portal.cases import later
from cert_portal.coordination import later as referrals
from cert_portal.core.db import session
from workers.job import job


@job
def leave_letters() -> None:
    """Send the letters and referrals whose time has come, stop those that may not leave any longer; each for itself."""
    for planned_id in later.waiting():
        later.look_at(planned_id)
        session.commit()
    for referral_id in referrals.waiting():
        referrals.look_at(referral_id)
        session.commit()
