"""Jobs of the people at the desk."""

from __future__ import annotations

from cert_portal.cases import telling
from cert_portal.coordination import notices
from workers.job import job


@job
def tell_people() -> None:
    """Tell people what concerns them: what happened since the last time, what is overdue, what nobody owns."""
    telling.tell_people(notices.RULES)
