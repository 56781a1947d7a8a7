"""What others know about a value of a case: who answers for it, who registered it, what the registry says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from cert_portal.cases.models import Case
from cert_portal.cases.reviewing import REGISTRY_ASKED
from cert_portal.cases.values import Value
from cert_portal.cases.visible import visible_to
from cert_portal.core.db import session
from cert_portal.core.events import Event, record
from cert_portal.directory import registry
from cert_portal.directory.look_up import Answer, who_answers
from cert_portal.directory.models import User
from cert_portal.directory.registry import Registrar, RegistryAnswer
from cert_portal.intake import observables

LOOKED_UP = ("url", "domain", "ip", "email", "asn")


@dataclass(frozen=True)
class Enriched:
    """What is known without asking anybody: the directory's answer, the registrar, and what a registry said before.

    `said_at`: when it was said, or asked for in a case that the person sees, whatever is later.
    """

    answer: Answer | None
    registrar: Registrar | None
    said: RegistryAnswer | None
    can_ask: bool
    said_at: datetime | None = None


def of_value(value: Value, user: User) -> Enriched:
    """Nothing leaves: the directory and what is kept are read; of the latter only what was asked for in a case that the
    person may see, since it tells that somebody works on it.
    """
    if value.kind not in LOOKED_UP:
        return Enriched(None, None, None, can_ask=False)
    told = (value.kind, value.value)
    about, asked_at = registry.subject(*told), _first_asked(value, user)
    said = registry.kept(*told) if asked_at else None
    said_at = max(said.answered_at, asked_at) if said and said.answered_at and asked_at else None
    registrar = registry.registrar_of(*told, may_know=said is not None)
    return Enriched(who_answers(value.value), registrar, said, about is not None, said_at)


def ask(case: Case, value: Value, user: User) -> RegistryAnswer:
    """Ask the registry, unless its answer is kept. That it was asked is recorded. Raises RegistryRefused."""
    row = registry.ask(value.kind, value.value)
    record(REGISTRY_ASKED, case.number, user.actor, values=[value.key], asked=_mark(value))
    return row


def _first_asked(value: Value, user: User) -> datetime | None:
    """When the registry was first asked about it in a case that the person may see."""
    same = or_(Event.data["asked"].as_string() == _mark(value), Event.data[("values", 0)].as_string() == value.key)
    rows = select(func.min(Event.at)).join(Case, Case.number == Event.subject)
    return session.scalar(rows.where(Event.kind == REGISTRY_ASKED.name, same, visible_to(user)))


def _mark(value: Value) -> str:
    """The same for all values about which a registry is asked the same."""
    return observables.digest(" ".join(registry.subject(value.kind, value.value) or ()))
