"""Writes events as the stages do, without their work: what figures are counted from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import cert_portal.cases.events  # declares its kinds
import cert_portal.coordination.events
import cert_portal.publishing.events
import cert_portal.subscriptions.events  # noqa: F401
from cert_portal.cases import workflow
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event, kinds, record
from cert_portal.intake import events as intake
from tests.cases.desk import NOW

EMPTY: dict[str, Any] = {"before": "", "after": "", "until": "", "outcome": "", "told": False, "drill": False}
assert workflow.MOVES
assert intake.RECEIVED


def hours(count: float) -> datetime:
    """So many hours after Monday 4 May 2026, 10:00 in Hong Kong."""
    return NOW + timedelta(hours=count)


def days(count: float) -> datetime:
    """So many days after it."""
    return hours(24 * count)


def say(what: str, subject: str, at: datetime, /, *, written: datetime | None = None, **data: Any) -> Event:
    """Record one event, written down when it happened unless told otherwise; fields that are not told are empty."""
    found = next(each for each in kinds() if each.name == what)
    whole = {name: data.get(name, EMPTY.get(name, "")) for name in found.data}
    assert set(data) <= found.data, (what, data)
    with clock.turned_to(written or at):
        event = record(found, subject, "user:1", at=at, **whole)
    session.flush()
    return event


def report(subject: str, at: datetime = NOW, **data: Any) -> str:
    """A report by the web form."""
    told = {"channel": "web", "origin": "local", "kind": "phishing", "language": "en", **data}
    say("report.received", subject, at, **told)
    return subject


def case(subject: str, at: datetime = NOW, kind: str = "phishing", **data: Any) -> str:
    """A case."""
    say("case.opened", subject, at, kind=kind, reports=[], restricted=False, **data)
    return subject


def referral(subject: str, of: str, at: datetime, party: str = "isp", organisation: Any = 7) -> str:
    """A referral of a case that left."""
    say("referral.sent", subject, at, case=of, organisation=organisation, party=party, sealing="signed")
    say("case.referred", of, at, referral=subject, organisation=organisation, party=party)
    return subject
