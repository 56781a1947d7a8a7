"""What happened to the referrals of a case, as lines of its timeline."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from cert_portal.cases.models import Case
from cert_portal.cases.timeline import Entry, of_event, of_letter
from cert_portal.coordination import events
from cert_portal.coordination.answers import ACTS
from cert_portal.coordination.models import Referral, ReferralMessage
from cert_portal.coordination.visible import referrals_of
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
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
        events.MACHINE_WROTE.name,
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
    found = [of_event(each, names) for each in recorded if each.kind not in SAID_BY_THE_ROW]
    senders = {each.subject: names.get(each.actor, each.actor) for each in recorded if each.kind == events.SENT.name}
    for letter in outbox.about(list(numbers.values())):
        who = senders.get(letter.about, "system") if letter.name != "referral_reminder" else "system"
        found.append(of_letter(letter, who))
    rows = select(ReferralMessage).where(ReferralMessage.referral_id.in_(list(numbers)))
    found += [_message(each, numbers[each.referral_id]) for each in session.scalars(rows)]
    return sorted(found, key=lambda entry: entry.at)


def _message(message: ReferralMessage, number: str) -> Entry:
    about = (f"message.{message.verb}", number, "party", message.text, {"how": message.how})
    return Entry(f"m{message.id}", message.at, message.at, *about, addition=message)
