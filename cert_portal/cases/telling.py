"""Reads the record of events for what people are to be told, and which cases were added to from outside. Later stages
bring their own rules: they are pulled.

The record is read again some way back each time, because a transaction may be committed late; an event is taken once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from cert_portal.cases import alarms, called, notices, outside
from cert_portal.cases.events import CORRECTED, NOTED, OWNER_SET
from cert_portal.cases.models import IS_OPEN, Case, CaseReport
from cert_portal.cases.notices import Kind
from cert_portal.cases.team import NoticeMark
from cert_portal.cases.visible import may_see
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import TOLD_LATER, Event
from cert_portal.directory.models import User
from cert_portal.intake.events import ADDED, CONSENT_WITHDRAWN
from cert_portal.intake.models import Report

AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Telling:
    """Who is to be told of which case, and as what."""

    kind: Kind
    case_id: int
    user_id: int


Rule = Callable[[Event], Iterable[Telling]]


def given(event: Event) -> Iterable[Telling]:
    """Whoever got a case from somebody else."""
    if event.data["after"]:
        yield from (Telling(Kind.GIVEN, each.id, event.data["after"]) for each in _cases(Case.number == event.subject))


def mentioned(event: Event) -> Iterable[Telling]:
    """Whoever was mentioned in a note; older notes know of no mentions."""
    for user_id in event.data.get("mentions", []):
        yield from (Telling(Kind.MENTIONED, each.id, user_id) for each in _cases(Case.number == event.subject))


def answered(event: Event) -> Iterable[Telling]:
    """Owners of the cases of a report to which its reporter added something, or took a consent back, who may see the
    report: another case may hide it. Where one of the cases is open, those that are over concern nobody.
    """
    for report in session.scalars(select(Report).where(Report.number == event.subject)):
        joined = Case.id.in_(select(CaseReport.case_id).where(CaseReport.report_id == report.id))
        for each in _cases(joined, IS_OPEN) or _cases(joined):
            if each.owner_id and may_see(report, session.get_one(User, each.owner_id)):
                yield Telling(Kind.ANSWERED, each.id, each.owner_id)


RULES: Mapping[str, Rule] = {
    OWNER_SET.name: given,
    NOTED.name: mentioned,
    CORRECTED.name: mentioned,
    ADDED.name: answered,
    CONSENT_WITHDRAWN.name: answered,
}
BY_REPORTERS = (ADDED.name, CONSENT_WITHDRAWN.name)


def tell_people(more: Mapping[str, Rule]) -> None:
    """Tell everybody what concerns them since the last time: events, what is overdue, what nobody owns."""
    rules = {**RULES, **more}
    mark = _mark()
    found, seen = _recorded_since(mark.until - AGAIN, list(rules)), set(mark.seen)
    mark.until, mark.seen = clock.now(), [event.id for event in found]
    fresh = [each for each in found if each.id not in seen]
    for event in fresh:
        for telling in rules[event.kind](event):
            _tell(telling, event)
    outside.changed({each.subject: each.at for each in fresh if each.kind in BY_REPORTERS})
    called.release()
    alarms.tell_overdue()
    alarms.tell_unowned()
    notices.send()


def _recorded_since(moment: datetime, kinds: list[str]) -> list[Event]:
    """The events of these kinds, oldest first; a note may tell what happened long before it was written."""
    at_once = select(Event).where(Event.kind.in_(kinds), Event.at > moment)
    later = select(Event).where(TOLD_LATER, Event.at <= moment, Event.recorded_at > moment)
    found = [*session.scalars(at_once), *session.scalars(later)]
    return sorted((each for each in found if each.kind in kinds), key=lambda event: event.id)


def _tell(telling: Telling, event: Event) -> None:
    """Nobody is told of one's own doing."""
    user = session.get_one(User, telling.user_id)
    if user.actor != event.actor:
        notices.tell_of_case(telling.kind, user, session.get_one(Case, telling.case_id), str(event.id))


def _cases(*conditions: object) -> list[Case]:
    return list(session.scalars(select(Case).where(*conditions)))  # type: ignore[arg-type]  # comparisons of columns


def _mark() -> NoticeMark:
    row = session.get(NoticeMark, 1, with_for_update=True)
    if row is None:
        row = NoticeMark(id=1, until=clock.now(), seen=[])
        session.add(row)
        session.flush()
    return row
