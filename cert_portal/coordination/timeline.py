"""What happened to the referrals of a case, as lines of its timeline."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases.models import Case
from cert_portal.cases.timeline import Entry
from cert_portal.coordination import events
from cert_portal.coordination.answers import ACTS
from cert_portal.coordination.models import Referral, ReferralMessage
from cert_portal.coordination.visible import referrals_of
from cert_portal.core.db import session
from cert_portal.core.events import Event, of_subjects
from cert_portal.core.mail import outbox
from cert_portal.directory import accounts
from cert_portal.directory.models import User

SAID_BY_THE_ROW = frozenset(
    {
        events.SENT.name,
        events.REMINDED.name,
        "letter.sent",
        "letter.failed",
        "letter.held",
        *(each.name for each in ACTS.values()),
    }
)
"""Events that say what a letter or an answer in the same list says better."""


def of_case_referrals(case: Case, user: User) -> list[Entry]:
    """All that happened to the referrals of a case that the person may see."""
    return entries(referrals_of(case, user))


def entries(referrals: Sequence[Referral]) -> list[Entry]:
    """All that happened to these referrals, in order."""
    numbers = {each.id: each.number for each in referrals}
    names = accounts.names()
    recorded = of_subjects(sorted(numbers.values()))
    found = [_event(each, names) for each in recorded if each.kind not in SAID_BY_THE_ROW]
    senders = {each.subject: names.get(each.actor, each.actor) for each in recorded if each.kind == events.SENT.name}
    for letter in outbox.about(list(numbers.values())):
        who = senders.get(letter.about, "system") if letter.name != "referral_reminder" else "system"
        found.append(Entry(letter.created_at, f"letter.{letter.name}", letter.about, who, letter.text, letter=letter))
    rows = select(ReferralMessage).where(ReferralMessage.referral_id.in_(list(numbers)))
    found += [_message(each, numbers[each.referral_id]) for each in session.scalars(rows)]
    return sorted(found, key=lambda entry: entry.at)


def _event(event: Event, names: dict[str, str]) -> Entry:
    return Entry(event.at, event.kind, event.subject, names.get(event.actor, event.actor), event.text or "", event.data)


def _message(message: ReferralMessage, number: str) -> Entry:
    data = {"how": message.how}
    return Entry(message.at, f"message.{message.verb}", number, "party", message.text, data, addition=message)
