"""Where a letter is written: the page of a case, or that of a report before there is one. Both work alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cert_portal.cases import later, timeline, unsent
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.models import Case
from cert_portal.cases.timeline import Entry
from cert_portal.cases.triage import hold
from cert_portal.cases.visible import cases_of, reports_of
from cert_portal.intake.models import Report
from cert_portal.web.staff import case, report
from cert_portal.web.staff.desk import Answer, me
from cert_portal.web.staff.forms import LetterToForm, PlannedForm

About = TypeVar("About", Case, Report)

DECISIONS = ("not-for-us", "elsewhere")
"""Letters of a report that have pages of their own."""


@dataclass(frozen=True)
class Place(Generic[About]):
    """A page with a letter on it: how its row is found, held to be changed, shown, and shown again after an act or with
    what hinders.

    `reports` are those that may be written to from there, `planned` the letters that wait for their time, `lines` its
    timeline, `drafts` the forms that are kept.
    """

    find: Callable[[str], About]
    hold: Callable[[str], About]
    page: Callable[..., Answer]
    done: Callable[[str, str], Answer]
    refused: Callable[..., Answer]
    lines: Callable[[About], Sequence[Entry]]
    reports: Callable[[About], list[Report]]
    planned: Callable[[About], Sequence[tuple[PlannedLetter, Report]]]
    case: Callable[[About], Case | None]
    form: type[PlannedForm]
    drafts: tuple[str, ...]


def _hold_case(number: str) -> Case:
    """With its reports, which others may answer from their own pages."""
    found = case.hold(number)
    hold(reports_of(found, me()))
    return found


CASE: Place[Case] = Place(
    find=case.find,
    hold=_hold_case,
    page=case.page,
    done=case.done,
    refused=case.refused,
    lines=case.lines_of,
    reports=lambda found: reports_of(found, me()),
    planned=lambda found: later.of_case(found, me()),
    case=lambda found: found,
    form=LetterToForm,
    drafts=unsent.FORMS_OF_CASE,
)
REPORT: Place[Report] = Place(
    find=report.find,
    hold=report.hold,
    page=report.show_report,
    done=report.done,
    refused=report.refused,
    lines=lambda found: timeline.of_report(found, me()),
    reports=lambda found: [found],
    planned=lambda found: later.of_report(found, cases_of(found, me()), me()),
    case=lambda _found: None,
    form=PlannedForm,
    drafts=(*unsent.FORMS_OF_REPORT, *DECISIONS),
)
