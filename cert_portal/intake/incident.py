"""An incident as another team's document tells it (IODEF, STIX): what a report or a finding is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cert_portal.core import clock


class DocumentRefused(Exception):
    """The document cannot be read. `place` says where, `reason` is a code: not_xml, not_json, wrong_root, no_incident,
    missing, wrong_time, too_many.
    """

    def __init__(self, place: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{place}: {reason} {detail}".strip())
        self.place, self.reason, self.detail = place, reason, detail


MOST_INCIDENTS = 50


@dataclass
class Incident:
    """One incident of a document."""

    reference: str
    description: str = ""
    language: str = ""
    restriction: str = ""
    kind: str = "not_sure"
    name: str = ""
    organisation: str = ""
    email: str = ""
    telephone: str = ""
    started: datetime | None = None
    detected: datetime | None = None
    observables: list[tuple[str, str]] = field(default_factory=list)


def past(told: str) -> datetime | None:
    """A time that a document tells, aware and not in the future; None when it is none."""
    try:
        at = datetime.fromisoformat(told.strip())
    except ValueError:
        return None
    at = at.replace(tzinfo=at.tzinfo or UTC)
    return at if datetime(1990, 1, 1, tzinfo=UTC) <= at <= clock.now() else None
