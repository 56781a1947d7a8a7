"""What an owner of a case is told when the party to a referral has answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from cert_portal.cases.notices import Kind
from cert_portal.cases.telling import Rule, Telling
from cert_portal.coordination.events import ANSWERED, NOT_THEIRS, RESOLVED
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import Referral
from cert_portal.core.db import session
from cert_portal.core.events import Event


def answered(event: Event) -> Iterable[Telling]:
    """The owner of the case that was referred, or of the one that took it in since, closed or not: a party may answer
    late.
    """
    for referral in session.scalars(select(Referral).where(Referral.number == event.subject)):
        case = case_at_work(referral)
        if case.owner_id:
            yield Telling(Kind.ANSWERED, case.id, case.owner_id)


RULES: Mapping[str, Rule] = {kind.name: answered for kind in (ANSWERED, RESOLVED, NOT_THEIRS)}
