"""Time left: when an answer is due and how that stands, in one word (service targets of catalogue 1G)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.clock import working_deadline
from cert_portal.directory import calendar
from cert_portal.directory.models import ClockRule, ClockUnit
from cert_portal.intake.models import Report, ReportState

FIRST_RESPONSE, RESOLUTION = "first_response", "resolution"
LONGEST_DAYS = 10_000
"""No case is worked on for so long."""
DECIDED = (ReportState.REFUSED, ReportState.REFERRED_ELSEWHERE)
"""Nobody owes the reporter a first answer any more, whether one was given or not."""


class Standing(StrEnum):
    """How a clock stands; the last two are of clocks that were stopped."""

    IN_TIME = "in_time"
    SOON = "soon"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True)
class Reading:
    """What a clock shows: when it is due and how long until then (negative when it is over); `code` names it."""

    due: datetime
    left: timedelta
    standing: Standing
    code: str = ""


@dataclass(frozen=True)
class Ruler:
    """A clock rule with the calendar that it is read by; make it once for a whole list."""

    rule: ClockRule
    holidays: frozenset[date]

    def due(self, start: datetime) -> datetime:
        """When the time is over that began at `start`."""
        if self.rule.unit == ClockUnit.WORKING_DAYS:
            return working_deadline(start, self.rule.amount, self.holidays, current().zone)
        return start + timedelta(**{self.rule.unit: self.rule.amount})

    def read(self, start: datetime, stopped: datetime | None = None) -> Reading:
        """How the clock stands that began at `start` and was perhaps stopped."""
        due = self.due(start)
        left = due - (stopped or clock.now())
        over = left < timedelta(0)
        if stopped:
            return Reading(due, left, Standing.MISSED if over else Standing.MET, self.rule.code)
        soon = left < (due - start) * self.rule.warn_fraction
        standing = Standing.OVERDUE if over else Standing.SOON if soon else Standing.IN_TIME
        return Reading(due, left, standing, self.rule.code)

    def answer_to(self, report: Report) -> Reading | None:
        """How the first answer to a report stands; none runs on what was refused or referred without one."""
        if report.first_response_at is None and report.state in DECIDED:
            return None
        return self.read(report.received_at, report.first_response_at)

    def overdue_since(self) -> datetime:
        """Whatever began at or before this moment is overdue now: lets the database count it."""
        return self.over_at(clock.now())

    def over_at(self, moment: datetime) -> datetime:
        """The last moment of which all that began then or before is over at this one."""
        early, late = moment - timedelta(days=LONGEST_DAYS), moment
        while late - early > timedelta(microseconds=1):
            middle = early + (late - early) / 2
            early, late = (middle, late) if self.due(middle) < moment else (early, middle)
        return early


def ruler(code: str) -> Ruler | None:
    """The clock of a rule; None when the rule is switched off."""
    rule = calendar.rule(code)
    return Ruler(rule, calendar.holidays()) if rule else None
