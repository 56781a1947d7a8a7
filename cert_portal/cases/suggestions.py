"""What a report suggests: kind, level, organisations, each with its reason. A person takes it over or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from cert_portal.core import clock, tlp
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.text import defang
from cert_portal.directory.look_up import who_answers
from cert_portal.directory.models import User
from cert_portal.directory.parties import OrganisationKind
from cert_portal.guidance import signals
from cert_portal.guidance.kinds import UNSETTLED
from cert_portal.intake.editing import EDITED, LABEL, edit
from cert_portal.intake.models import Observable, Report

UNTOLD = (UNSETTLED, "other")
"""With these the reporter says that none of the kinds was found."""
HARMLESS, DISTURBED, CORE_STOPPED = ("0", "1"), ("2", "3"), ("4", "5")
"""What the reporter's own scale (000-52) says about the work."""
LEAST_EFFECT = {
    "ransomware": Impact(tampered=Tampering.NON_CORE, halted=Halt.NON_CORE),
    "defacement": Impact(tampered=Tampering.NON_CORE),
    "data_leak": Impact(leaked=Leak.NON_CORE),
    **dict.fromkeys(("ddos", "equipment", "disaster"), Impact(halted=Halt.NON_CORE)),
}
"""Kinds that name an effect: so much happened at least."""
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
    LABEL = "restriction"


@dataclass(frozen=True)
class Suggestion:
    """A value, and why.

    Reasons: same_value, same_words, signals, agency, told, kind, mail_domain, system, held, domain,
    label.
    """

    what: What
    value: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


def of_report(report: Report, shared: Sequence[Shared], language: Language) -> list[Suggestion]:
    """At most one suggestion of each sort, and none that says what stands there already; names are the reader's.

    `shared` is what `related.shared_with` tells a person about the report: nothing else of other cases is used.
    """
    near = [each for each in shared if not each.is_old]
    who = (_organisation(report, language), _concerned(report, language))
    found = (_label(report), _kind(report, near), _level(report), *who)
    return [each for each in found if each is not None]


def take_over(report: Report, what: str, shared: Sequence[Shared], actor: User) -> None:
    """Do what is suggested. Raises TriageRefused("no_suggestion") when nothing of this sort is, or no longer."""
    chosen = next((each for each in of_report(report, shared, Language(actor.language)) if each.what == what), None)
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


def _label(report: Report) -> Suggestion | None:
    """A label that only the text names: whether it is meant for all of it, a person says."""
    before = str(report.details.get(LABEL) or "")
    named = tlp.narrowest(f"{report.title}\n{report.text}\n{before}")
    edited = LABEL in report.details.get(EDITED, ())
    return Suggestion(What.LABEL, named, "label") if named != before and not edited else None


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
    ticked = "" if report.kind in UNTOLD else report.kind
    kind, words = signals.named(f"{report.title}\n{report.text}", ticked)
    return Suggestion(What.KIND, kind, "signals", {"words": words}) if kind else None


def _level(report: Report) -> Suggestion | None:
    impact, reason, because = _effect(report)
    verdict = decide(impact)
    if verdict.level is None or impact == Impact.of_json(report.details.get(IMPACT) or {}):
        return None
    return Suggestion(
        What.LEVEL, str(verdict.level), reason, {"impact": impact, "rule": verdict.rule, "because": because}
    )


def why_no_level(report: Report) -> str:
    """Why none can be suggested: no_effect (the reporter says that there was none), nothing_told; "" where one can."""
    if decide(_effect(report)[0]).level is not None:
        return ""
    return "no_effect" if str(report.details.get("severity_told")) in HARMLESS else "nothing_told"


def _effect(report: Report) -> tuple[Impact, str, list[tuple[str, str]]]:
    """What is known of the effect, from whom, and the answers (question, code) that say so."""
    row = of_reports([report]).get(report.id)
    if row is not None:
        return impact_of(row.facts), "agency", []
    impact, because = _told_impact(report.details)
    least = LEAST_EFFECT.get(report.kind)
    if decide(impact).level is not None or least is None or str(report.details.get("severity_told")) in HARMLESS:
        return impact, "told", because
    return replace(least, tolerable_hours=impact.tolerable_hours), "kind", [("kind", report.kind)]


def _told_impact(told: Mapping[str, Any]) -> tuple[Impact, list[tuple[str, str]]]:
    """What a reporter's answers say about the effect, and which they are; silence says nothing.

    Where most of the work stopped, core work did (000-52, 004-04); what is asked for no more closely counts least.
    """
    affects, severity = told.get("affects") or [], str(told.get("severity_told"))
    core, personal = severity in CORE_STOPPED, told.get("personal_data") == "yes"
    leaked = Leak.PERSONAL if personal else Leak.NON_CORE if "confidentiality" in affects else Leak.NONE
    changed = Tampering.CORE_SLIGHT if core else Tampering.NON_CORE
    stopped = severity in DISTURBED or "availability" in affects
    impact = Impact(
        leaked=leaked,
        tampered=changed if "integrity" in affects else Tampering.NONE,
        halted=Halt.CORE if core else Halt.NON_CORE if stopped else Halt.NONE,
        tolerable_hours=told.get("tolerable_hours"),
    )
    because = [("personal_data", "yes")] if personal else []
    because += [("affects", each) for each in affects]
    return impact, because + ([("severity_told", severity)] if core or severity in DISTURBED else [])


def _organisation(report: Report, language: Language) -> Suggestion | None:
    if report.details.get("organisation") or not report.reporter_email:
        return None
    answer = who_answers(report.reporter_email)
    if answer.organisation is None or answer.organisation.kind in CARRIERS:
        return None
    domain = report.reporter_email.rpartition("@")[2]
    return Suggestion(What.ORGANISATION, answer.organisation.name(language), "mail_domain", {"domain": domain})


def _concerned(report: Report, language: Language) -> Suggestion | None:
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
            return Suggestion(What.CONCERNED, answer.organisation.name(language), reason, facts)
    return None
