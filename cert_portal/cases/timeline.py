"""One view of all that happened to a case or a report: events, notes, letters and what reporters added, in order."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cert_portal.cases import events, family, values
from cert_portal.cases.models import Case
from cert_portal.cases.visible import cases_of, find_case, reports_of, reports_visible_to, visible_to
from cert_portal.cases.withheld import WITHHELD
from cert_portal.cases.workflow import STEPS
from cert_portal.core.db import session
from cert_portal.core.events import Event, of_subjects
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportAddition
from cert_portal.intake.status import secret_of
from cert_portal.monitoring.models import Finding

WRITTEN = frozenset({events.WRITTEN.name, events.REPORT_WRITTEN.name})
SAID_BY_THE_ROW = (
    WRITTEN
    | {"letter.sent", "letter.failed", "letter.held", "letter.recalled", "letter.came_back"}
    | {"report.acknowledged", "report.added", "report.machine_added"}
)
"""Events that say what a letter or an addition in the same list says better."""


@dataclass(frozen=True)
class Entry:
    """One line. `key` is its name for ever, `at` when it happened, `recorded_at` when it was written down.

    `who` is a name, or system or reporter; `letter` and `addition` (of a reporter, or of a party to a referral) are
    there for such lines.
    """

    key: str
    at: datetime
    recorded_at: datetime
    kind: str
    about: str
    who: str
    text: str = ""
    data: dict[str, Any] | None = None
    letter: Letter | None = None
    addition: Any | None = None

    @property
    def is_note(self) -> bool:
        """Whether it holds words that colleagues alone may read."""
        return self.kind in events.NOTES or (self.kind in STEPS and bool(self.text))

    @property
    def is_answerable(self) -> bool:
        """Whether it is a message that the reporter wrote: one that a letter can answer."""
        said = self.addition
        return isinstance(said, ReportAddition) and said.known_sender and not said.by_machine

    @property
    def was_told_later(self) -> bool:
        """Whether it was written down later than it happened, by a minute at least."""
        return self.recorded_at - self.at >= timedelta(minutes=1)


def of_case(case: Case, user: User) -> list[Entry]:
    """All that happened to a case and to those of its reports that the person may see."""
    reports = reports_of(case, user)
    return _entries([case.number, *(each.number for each in family.merged_into(case))], reports, user)


def of_merged(case: Case, reports: Sequence[Report], user: User) -> list[Entry]:
    """What happened to a merged case and to the reports that it brought, up to when it went into another one."""
    row = family.merge_of(case)
    found = _entries([case.number], reports, user)
    return [each for each in found if each.about == case.number or row is None or each.at <= row.at]


def of_report(report: Report, user: User) -> list[Entry]:
    """All that happened to one report, and the letters to its reporter that were dated on the pages of its cases."""
    return _entries([], [report], user, *(case.number for case in cases_of(report, user)))


def of_finding(finding: Finding, user: User) -> list[Entry]:
    """What was decided about one finding, as far as the person may see the case that it names."""
    names = accounts.names()
    found = of_subjects([finding.subject])
    may_name = _may_name(found, user)
    return [of_event(each, names) for each in found if _is_shown(each, may_name)]


def _entries(numbers: list[str], reports: Sequence[Report], user: User, *more: str) -> list[Entry]:
    names = accounts.names()
    told = {report.id: report.number for report in reports}
    shown = {*numbers, *told.values()}
    recorded = of_subjects(sorted({*shown, *more}))
    may_name = {*shown, *more}
    may_name |= _may_name([each for each in recorded if each.subject in shown], user, may_name)
    lines = (each for each in recorded if each.subject in shown or _is_letter_to(each, shown))
    told_of = _without_hidden([each for each in lines if _is_shown(each, may_name)], user)
    kept = _without_values(told_of, numbers, user) if numbers else told_of
    found = [_told(each, data, names) for each, data in kept]
    written = [each.data["letter"] for each in recorded if each.subject in numbers and each.kind in WRITTEN]
    for letter in _letters(list(told.values()), written, {*shown, *more}, user):
        found.append(of_letter(letter, names.get(letter.writer, letter.writer or "system")))
    rows = select(ReportAddition).where(ReportAddition.report_id.in_(list(told)))
    found += [_addition(each, told[each.report_id]) for each in session.scalars(rows)]
    return sorted(found, key=lambda entry: entry.at)


def _letters(reports: list[str], written: list[int], known: Set[str], user: User) -> list[Letter]:
    """The letters about these reports, and those written here about others, that the person may see; `known` are
    numbers that he may.
    """
    found = list(session.scalars(select(Letter).where(Letter.about.in_(reports) | Letter.id.in_(written))))
    others = {number for each in found for number in (each.about, each.written_on or each.about)} - known
    if others:
        seen = select(Report.number).where(Report.number.in_(others), reports_visible_to(user))
        seen_cases = select(Case.number).where(Case.number.in_(others), visible_to(user))
        others -= {*session.scalars(seen), *session.scalars(seen_cases)}
    return [each for each in found if not others & {each.about, each.written_on}]


def _is_letter_to(event: Event, reports: Set[str]) -> bool:
    """Whether it tells of a letter for later to one of these reporters."""
    return "planned" in event.data and event.data["report"] in reports


def _may_name(found: Sequence[Event], user: User, known: Set[str] = frozenset()) -> set[str]:
    """Of the cases that events name and of which it is not known yet, those that the person may see."""
    cases = {each.data["case"] for each in found if "case" in each.data} - known
    return {number for number in cases if find_case(number, user) is not None}


def _is_shown(event: Event, may_name: set[str]) -> bool:
    """Events that name a report or case which the person may not see are left out."""
    named = {event.data.get("case"), event.data.get("report")} - {None}
    return event.kind not in SAID_BY_THE_ROW and named <= may_name


def _without_hidden(found: Sequence[Event], user: User) -> list[tuple[Event, dict[str, Any]]]:
    """Events with what they tell; of reports that the person may not see the number is left out."""
    named = {number for each in found for number in _reports(each.data)}
    seen = select(Report.number).where(Report.number.in_(named), reports_visible_to(user))
    may_see = set(session.scalars(seen)) if named else set()
    lists = [(each, [number for number in _reports(each.data) if number in may_see]) for each in found]
    return [(each, {**each.data, "reports": kept} if _reports(each.data) else each.data) for each, kept in lists]


def _without_values(
    found: Sequence[tuple[Event, dict[str, Any]]], numbers: Sequence[str], user: User
) -> list[tuple[Event, dict[str, Any]]]:
    """What was done to values of reports that the person may not see is left out."""
    keys = {key for _event, data in found for key in data.get("values", ())}
    hidden = values.withheld(keys, numbers, user) if keys else set()
    told = []
    for event, data in found:
        if not hidden.intersection(data.get("values", ())):
            told.append((event, data))
        elif kept := [key for key in data["values"] if key not in hidden]:
            told.append((event, {**data, "values": kept}))
    return told


def _reports(data: dict[str, Any]) -> list[str]:
    """The numbers of reports that an event lists; others only count them."""
    told = data.get("reports")
    return told if isinstance(told, list) else []


def of_event(event: Event, names: dict[str, str]) -> Entry:
    """The line of an event."""
    who = names.get(event.actor, event.actor)
    about = (event.kind, event.subject, who, event.text or "", event.data)
    return Entry(f"e{event.id}", event.at, event.recorded_at, *about)


def _told(event: Event, data: dict[str, Any], names: dict[str, str]) -> Entry:
    """The line of an event with what may be told of it: where a report is left out, the reason may speak of it."""
    line = of_event(event, names)
    is_whole = _reports(data) == _reports(event.data)
    return replace(line, data=data, text=line.text if is_whole else "")


def of_letter(letter: Letter, who: str) -> Entry:
    """The line of a letter that left or will leave; the reporter's secret in it is nobody else's."""
    text = letter.text.replace(secret_of(letter.about), WITHHELD)
    about = (f"letter.{letter.name}", letter.about, who, text)
    return Entry(f"l{letter.id}", letter.created_at, letter.created_at, *about, letter=letter)


def _addition(addition: ReportAddition, number: str) -> Entry:
    kind = "report.machine_added" if addition.by_machine else "report.added"
    who = "reporter" if addition.known_sender else addition.sender or "reporter"
    about = (kind, number, who, addition.text)
    return Entry(f"a{addition.id}", addition.at, addition.at, *about, addition=addition)
