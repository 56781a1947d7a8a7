"""How many subscribers there are and what they were sent; never an address."""

from __future__ import annotations

from cert_portal.directory.permissions import Permission
from cert_portal.subscriptions import mailing, service
from cert_portal.web.staff import advisory_words as words
from cert_portal.web.staff.desk import Answer, desk, show


@desk.get("/subscribers", Permission.READ_SUBSCRIPTIONS)
def subscribers() -> Answer:
    """Counts by state, and the last mailings."""
    return show("subscribers", counts=service.counts(), mailings=mailing.latest(), adv=words)
