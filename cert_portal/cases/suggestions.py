"""What a report suggests: kind, level, organisations, each with its reason. A person takes it over or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from cert_portal.cases import events, handling
from cert_portal.cases.agency import impact_of
from cert_portal.cases.agency_after import of_reports
from cert_portal.cases.models import Case
from cert_portal.cases.related import Shared
from cert_portal.cases.severity import Halt, Impact, Leak, Tampering, decide
from cert_portal.cases.triage import TriageRefused
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import defang
from cert_portal.directory.look_up import who_answers
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation, OrganisationKind
from cert_portal.guidance import signals
from cert_portal.intake.editing import edit
from cert_portal.intake.models import Observable, Report

UNSETTLED = "not_sure"
IMPACT = "impact"
"""Under this name `details` keeps the answers that the level of a coming case follows from."""
ADDRESSES, MOST = ("ip", "domain", "url"), 5
CARRIERS = (*(OrganisationKind.ISP, OrganisationKind.HOSTING, OrganisationKind.REGISTRY, OrganisationKind.REGISTRAR),)
"""Their mailboxes belong to their customers: an address there tells nothing of who writes."""


class What(StrEnum):
    """What is suggested."""

    KIND = "kind"
    LEVEL = "level"
    ORGANISATION = "organisation"
    CONCERNED = "concerned"


@dataclass(frozen=True)
class Suggestion:
    """A value, and why. Reasons: same_value, same_words, signals, agency, told, mail_domain, system, held, domain."""

    what: What
    value: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


def of_report(report: Report, shared: Sequence[Shared]) -> list[Suggestion]:
    """At most one suggestion of each sort, and none that says what stands there already.

    `shared` is what `related.shared_with` tells a person about the report: nothing else of other cases is used.
    """
    found = (_kind(report, shared), _level(report), _organisation(report), _concerned(report))
    return [each for each in found if each is not None]


def take_over(report: Report, what: str, shared: Sequence[Shared], actor: User) -> None:
    """Do what is suggested. Raises TriageRefused("no_suggestion") when nothing of this sort is, or no longer."""
    chosen = next((each for each in of_report(report, shared) if each.what == what), None)
    if chosen is None:
        raise TriageRefused("no_suggestion")
    if chosen.what is not What.LEVEL:
        edit(report, {chosen.what: chosen.value}, actor)
        return
    impact: Impact = chosen.facts["impact"]
    report.details = {**report.details, IMPACT: impact.as_json()}
    report.updated_at = clock.now()
    verdict = decide(impact)
    record(events.LEVEL_PROPOSED, report.number, actor.actor, level=verdict.level, rule=verdict.rule)


def carry_level(case: Case, reports: Sequence[Report], actor: User) -> None:
    """Decide the level of a new case by what was taken over for its reports, the worst of them."""
    told = [Impact.of_json(each.details[IMPACT]) for each in reports if each.details.get(IMPACT)]
    if told:
        handling.set_level(case, max(told, key=lambda impact: decide(impact).level or 0), actor)


def _kind(report: Report, shared: Sequence[Shared]) -> Suggestion | None:
    found = _kind_of_value(shared) or _kind_of_words(shared) or _kind_of_signals(report)
    return found if found and found.value != report.kind else None


def _kind_of_value(shared: Sequence[Shared]) -> Suggestion | None:
    held: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in shared:
        for case in each.cases:
            for value in each.values if case.kind != UNSETTLED else ():
                held[(case.kind, value)].add(case.id)
    if not held:
        return None
    kind, value = max(sorted(held), key=lambda each: len(held[each]))
    return Suggestion(What.KIND, kind, "same_value", {"count": len(held[(kind, value)]), "value": value})


def _kind_of_words(shared: Sequence[Shared]) -> Suggestion | None:
    cases = {case.id: case.kind for each in shared if each.likeness for case in each.cases if case.kind != UNSETTLED}
    counted = Counter(cases.values()).most_common(1)
    return Suggestion(What.KIND, counted[0][0], "same_words", {"count": counted[0][1]}) if counted else None


def _kind_of_signals(report: Report) -> Suggestion | None:
    kind, words = signals.named(f"{report.title}\n{report.text}")
    return Suggestion(What.KIND, kind, "signals", {"words": words}) if kind else None


def _level(report: Report) -> Suggestion | None:
    row = of_reports([report]).get(report.id)
    impact, reason = (impact_of(row.facts), "agency") if row else (_impact(report), "told")
    told = Impact.of_json(report.details.get(IMPACT) or {})
    verdict = decide(impact)
    if verdict.level is None or impact == told:
        return None
    return Suggestion(What.LEVEL, str(verdict.level), reason, {"impact": impact, "rule": verdict.rule})


def _impact(report: Report) -> Impact:
    """What a reporter's answers say about the effect; silence says nothing."""
    told = report.details
    affects = told.get("affects") or []
    return Impact(
        leaked=Leak.PERSONAL if told.get("personal_data") == "yes" else Leak.NONE,
        tampered=Tampering.NON_CORE if "integrity" in affects else Tampering.NONE,
        halted=Halt.NON_CORE if "availability" in affects else Halt.NONE,
        tolerable_hours=told.get("tolerable_hours"),
    )


def _organisation(report: Report) -> Suggestion | None:
    if report.details.get("organisation") or not report.reporter_email:
        return None
    answer = who_answers(report.reporter_email)
    if answer.organisation is None or answer.organisation.kind in CARRIERS:
        return None
    domain = report.reporter_email.rpartition("@")[2]
    return Suggestion(What.ORGANISATION, _name(answer.organisation, report), "mail_domain", {"domain": domain})


def _concerned(report: Report) -> Suggestion | None:
    if report.details.get("concerned"):
        return None
    rows = select(Observable.value).where(Observable.report_id == report.id, Observable.kind.in_(ADDRESSES))
    rows = rows.where(Observable.known.is_(False)).order_by(Observable.kind.desc(), Observable.value).limit(MOST)
    for value in session.scalars(rows).all():
        answer = who_answers(value)
        if answer.organisation is not None:
            steps = {step.code: step.facts for step in answer.steps}
            reason = next(code for code in ("system", "held", "domain") if code in steps)
            facts = {**steps[reason], "value": defang(value)}
            return Suggestion(What.CONCERNED, _name(answer.organisation, report), reason, facts)
    return None


def _name(organisation: Organisation, report: Report) -> str:
    return organisation.name(report.language)
