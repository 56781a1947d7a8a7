"""How soon a member organisation must report: within the clock of noticing, unless the level is 1 or none (004-07, 08).

The level and the clock are read from the answers each time, so a level that rises sets the clock going.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cert_portal.cases.clocks import Reading, ruler
from cert_portal.cases.severity import Impact, Verdict, decide
from cert_portal.core import clock

NOTICE = "agency_notice"
"""The clock rule: 30 minutes unless the administrator set it otherwise."""
NOT_EXEMPT = 2
"""The lowest level that the clock runs for."""


@dataclass(frozen=True)
class Assessment:
    """The level of the answers, and how the clock stands; no reading where no clock runs."""

    verdict: Verdict
    reading: Reading | None
    minutes: int | None

    @property
    def is_late(self) -> bool:
        """Whether the time is over: 30 minutes to the second are still in time."""
        return self.reading is not None and self.reading.left.total_seconds() < 0

    @property
    def notice(self) -> str:
        """How it is counted: in_time, late or exempt."""
        return "exempt" if self.reading is None else "late" if self.is_late else "in_time"


def allowed() -> int | None:
    """How many minutes an organisation has; None when the clock is switched off."""
    rule, start = ruler(NOTICE), clock.now()
    return None if rule is None else int((rule.due(start) - start).total_seconds() // 60)


def assess(impact: Impact, noticed_at: datetime | None, at: datetime | None = None) -> Assessment:
    """Level and clock of these answers at a moment (now)."""
    verdict, rule = decide(impact), ruler(NOTICE)
    if verdict.level is None or verdict.level < NOT_EXEMPT or noticed_at is None or rule is None:
        return Assessment(verdict, None, None)
    moment = at or clock.now()
    return Assessment(verdict, rule.read(noticed_at, at), int((moment - noticed_at).total_seconds() // 60))
