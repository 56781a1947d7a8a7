"""What others know about a value of a case: who answers for it, who registered it, what the registry says."""

from __future__ import annotations

from dataclasses import dataclass

from cert_portal.cases.models import Case
from cert_portal.cases.reviewing import REGISTRY_ASKED
from cert_portal.cases.values import Value
from cert_portal.core.events import record
from cert_portal.directory import registry
from cert_portal.directory.look_up import Answer, who_answers
from cert_portal.directory.models import User
from cert_portal.directory.registry import Registrar, RegistryAnswer

LOOKED_UP = ("url", "domain", "ip", "email", "asn")


@dataclass(frozen=True)
class Enriched:
    """What is known without asking anybody: the directory's answer, the registrar, and what a registry said before."""

    answer: Answer | None
    registrar: Registrar | None
    said: RegistryAnswer | None
    can_ask: bool


def of_value(value: Value) -> Enriched:
    """Nothing leaves: the directory and what is kept are read."""
    if value.kind not in LOOKED_UP:
        return Enriched(None, None, None, can_ask=False)
    told = (value.kind, value.value)
    can_ask = registry.subject(*told) is not None
    return Enriched(who_answers(value.value), registry.registrar_of(*told), registry.kept(*told), can_ask)


def ask(case: Case, value: Value, user: User) -> RegistryAnswer:
    """Ask the registry, unless its answer is kept. That it was asked is recorded. Raises RegistryRefused."""
    row = registry.ask(value.kind, value.value)
    record(REGISTRY_ASKED, case.number, user.actor, values=[value.key])
    return row
