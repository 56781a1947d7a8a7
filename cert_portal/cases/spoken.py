"""What others said to reporters, or reporters to us, since somebody looked: a letter may be needless or wrong then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from cert_portal.cases import later
from cert_portal.cases.events import AGENCY_SENT, AGENCY_UPDATED, REPORT_WRITTEN, WRITTEN
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.directory.models import User
from cert_portal.intake.events import ADDED, CALLED, MACHINE_ADDED, RECEIVED

FROM_OUTSIDE = frozenset(each.name for each in (RECEIVED, CALLED, AGENCY_SENT, AGENCY_UPDATED))
_KINDS = FROM_OUTSIDE | {each.name for each in (ADDED, MACHINE_ADDED, WRITTEN, REPORT_WRITTEN, *later.PLANNED)}


def spoken(since: datetime | None, user: User) -> set[str]:
    """The numbers of the reports, and of the cases of member organisations, of which that is so; what the person did is
    left out. None for who did not look.
    """
    if since is None:
        return set()
    rows = select(Event.subject, Event.data).where(Event.kind.in_(_KINDS), Event.actor != user.actor, Event.at > since)
    return {data.get("report", subject) for subject, data in session.execute(rows)}
