"""What a reporter allowed us to pass on, and taking that back at any time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.intake import events
from cert_portal.intake.models import Report

WITHDRAWN_AT = "consents_withdrawn_at"
"""Under this name `details` holds when the reporter last took all consents back, in ISO 8601."""


def given(report: Report) -> list[str]:
    """The consents that stand, as the reporter ticked them."""
    return [str(each) for each in report.details.get("consents") or ()]


def withdrawn_at(report: Report) -> datetime | None:
    """When the reporter took the consents back; None when that never happened."""
    told = report.details.get(WITHDRAWN_AT)
    return datetime.fromisoformat(told) if told else None


def last_withdrawn(reports: Iterable[Report]) -> datetime | None:
    """The latest time at which one of these reporters took consents back."""
    return max(filter(None, map(withdrawn_at, reports)), default=None)


def withdraw(report: Report) -> list[str]:
    """Take back all that the reporter allowed; answers what that was. A second press changes nothing."""
    session.flush()
    session.refresh(report, with_for_update=True)
    before = given(report)
    if before:
        now = clock.now()
        report.details = {**report.details, "consents": [], WITHDRAWN_AT: now.isoformat()}
        report.updated_at = now
        record(events.CONSENT_WITHDRAWN, report.number, "reporter", consents=before)
    return before
