"""Whom a case concerns: what its reports name, asked of the directory and grouped by who answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from cert_portal.cases import values
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.sightings import all_findings_of
from cert_portal.cases.visible import reports_of
from cert_portal.config import current
from cert_portal.directory.look_up import Answer, who_answers
from cert_portal.directory.models import User
from cert_portal.directory.parties import Contact, Organisation

ASKED = ("url", "domain", "ip", "email")
MOST = 100


@dataclass
class Proposal:
    """A party, and the values that lead to it, each with its chain."""

    organisation: Organisation
    contact: Contact | None
    answers: list[tuple[str, Answer]] = field(default_factory=list)

    @property
    def observables(self) -> list[list[str]]:
        """Pairs of kind and value."""
        return [[kind, answer.asked] for kind, answer in self.answers]

    @property
    def reasons(self) -> list[list[dict[str, str]]]:
        """The chains as they are kept with a referral."""
        return [[{"code": step.code, **step.facts} for step in answer.steps] for _kind, answer in self.answers]


@dataclass
class Proposals:
    """The parties that the directory names, and the values that lead to nobody."""

    parties: list[Proposal]
    nobody: list[tuple[str, str]]


def observables_of(case: Case, user: User) -> list[tuple[str, str]]:
    """What reports, findings and people name in a case, once each, but what was rejected, and without the addresses of
    the reporters and our own.
    """
    own = {current().report_address.lower(), *(each.reporter_email.lower() for each in reports_of(case, user))}
    held = values.of_case(case, user)
    found = {(each.kind, each.value) for each in held if each.verdict is not Verdict.REJECTED}
    for each in all_findings_of(case, user):
        told = (("url", each.url), ("ip", each.ip), ("domain", "" if each.url else each.domain))
        found |= {(kind, value) for kind, value in told if value}
    return sorted(pair for pair in found if pair[1].lower() not in own)


def proposals(case: Case, user: User) -> Proposals:
    """The parties of a case, those with most values first."""
    parties: dict[int, Proposal] = {}
    nobody: list[tuple[str, str]] = []
    for kind, value in [pair for pair in observables_of(case, user) if pair[0] in ASKED][:MOST]:
        answer = who_answers(value)
        if answer.organisation is None:
            nobody.append((kind, value))
            continue
        proposal = Proposal(answer.organisation, answer.contact)
        parties.setdefault(answer.organisation.id, proposal).answers.append((kind, answer))
    return Proposals(
        sorted(parties.values(), key=lambda each: (-len(each.answers), each.organisation.sort_key)), nobody
    )
