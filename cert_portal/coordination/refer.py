"""Passing a case on: prepare, change, send once, hold when it cannot be sealed, revoke the link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cert_portal.cases.models import Case
from cert_portal.cases.outside import take_up_answers
from cert_portal.cases.workflow import OPEN as OPEN_CASE
from cert_portal.coordination import events, link
from cert_portal.coordination.bound import label_of
from cert_portal.coordination.consent import consent_of
from cert_portal.coordination.letters import Purpose, language_for, post, purpose_for
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import PlannedReferral, Referral
from cert_portal.coordination.sealing import Seal, Sealing, sealing_of
from cert_portal.coordination.workflow import SENDABLE, UNSENT, ReferralRefused, State, Verb, move
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail.exercise import is_registered
from cert_portal.core.numbers import NumberKind, assign, issue
from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP
from cert_portal.directory import contacts
from cert_portal.directory.models import User
from cert_portal.directory.parties import Contact, ContactRole, Organisation


@dataclass(frozen=True)
class Content:
    """What can be changed before a referral leaves."""

    contact_id: int | None = None
    purpose: str = Purpose.TAKEDOWN
    language: str = Language.EN
    tlp: str = TLP.AMBER
    note: str = ""
    deadline_on: date | None = None
    observables: list[list[str]] = field(default_factory=list)


def prepare(
    case: Case,
    organisation: Organisation,
    actor: User,
    *,
    observables: Sequence[Sequence[str]] = (),
    reasons: Sequence[Sequence[dict[str, str]]] = (),
) -> Referral:
    """Prepare a referral of a case; nothing leaves. Raises ReferralRefused: case_closed, unknown_party."""
    if case.state not in OPEN_CASE:
        raise ReferralRefused("case_closed")
    if not organisation.active:
        raise ReferralRefused("unknown_party")
    purpose = purpose_for(organisation)
    contact = contacts.best(organisation, ContactRole.ABUSE if purpose is Purpose.TAKEDOWN else ContactRole.SECURITY)
    now = clock.now()
    referral = Referral(
        number=issue(NumberKind.REFERRAL),
        case_id=case.id,
        organisation_id=organisation.id,
        contact_id=contact.id if contact else None,
        state=State.DRAFT,
        purpose=purpose,
        language=language_for(organisation, contact),
        tlp=TLP.AMBER,
        observables=[list(pair) for pair in observables],
        reasons=[list(chain) for chain in reasons],
        drafted_by=actor.id,
        drafted_at=now,
        updated_at=now,
    )
    session.add(referral)
    session.flush()
    assign(referral.number, referral.id)
    told: dict[str, Any] = {"case": case.number, "organisation": organisation.id, "party": organisation.kind}
    record(events.DRAFTED, referral.number, actor.actor, purpose=purpose.value, **told)
    return referral


def change(referral: Referral, told: Content, actor: User) -> None:
    """Change what a referral that has not left will say and to whom; who changes one for later answers for it.

    Raises ReferralRefused: state, unknown_contact, unknown_purpose, unknown_tlp.
    """
    hold_sendable(referral)
    contact = session.get(Contact, told.contact_id) if told.contact_id else None
    if told.contact_id and (contact is None or contact.organisation_id != referral.organisation_id):
        raise ReferralRefused("unknown_contact")
    if told.purpose not in set(Purpose) or told.language not in set(Language):
        raise ReferralRefused("unknown_purpose")
    if told.tlp not in set(TLP):
        raise ReferralRefused("unknown_tlp")
    referral.contact_id = contact.id if contact else None
    referral.purpose, referral.language, referral.tlp = told.purpose, told.language, told.tlp
    referral.note, referral.deadline_on = clean(told.note).strip(), told.deadline_on
    referral.observables = [list(pair) for pair in dict.fromkeys(map(tuple, told.observables))]
    referral.updated_at = clock.now()
    if planned := planned_of(referral):
        planned.author_id = actor.id
    record(events.CHANGED, referral.number, actor.actor, tlp=referral.tlp, purpose=referral.purpose)


def contact_of(referral: Referral) -> Contact | None:
    """To whom it goes, as long as that contact is in use and has an address."""
    contact = session.get(Contact, referral.contact_id) if referral.contact_id else None
    return contact if contact and contact.active and contact.email else None


def sealing(referral: Referral) -> Sealing | None:
    """How it would leave now; None when there is nobody to write to."""
    contact = contact_of(referral)
    return sealing_of(case_at_work(referral), contact, label_of(referral)) if contact else None


def hindrances(referral: Referral) -> list[str]:
    """Why it cannot be sent now: case_closed, no_contact, tlp_red, exercise, consent.

    Sealing is another thing: it holds, with its reason.
    """
    case, contact = case_at_work(referral), contact_of(referral)
    outside = case.drill and contact is not None and not is_registered(contact.email)
    found = (
        ("case_closed", case.state not in OPEN_CASE),
        ("no_contact", contact is None),
        ("tlp_red", label_of(referral) == TLP.RED),
        ("exercise", outside),
        ("consent", not consent_of(referral).given),
    )
    return [code for code, is_so in found if is_so]


def send(referral: Referral, actor: User) -> State:
    """Send the letter, or hold it when the key that it needs is unusable: then nothing leaves. Answers the new state.

    Of two people who send at once one is refused. Raises ReferralRefused: state, case_closed, no_contact, tlp_red,
    exercise, consent.
    """
    hold_sendable(referral)
    if lacking := hindrances(referral):
        raise ReferralRefused(lacking[0])
    forget_time(referral)
    contact, how = session.get_one(Contact, referral.contact_id), sealing(referral)
    assert how is not None  # there is a contact
    if how.seal is Seal.HELD:
        hold(referral, how.trouble, actor.actor)
        return State.HELD
    now = clock.now()
    first, referral.tlp = referral.sent_at is None, label_of(referral)
    link.renew(referral)
    letter = post(referral, contact, how)
    move(referral, Verb.SEND)
    referral.letter_id, referral.recipient, referral.held_reason = letter.id, contact.email, ""
    referral.sent_at, referral.asked_at, referral.answered_at = referral.sent_at or now, now, None
    referral.reminders = 0
    _tell(referral, how, actor, first)
    return State.SENT


def _tell(referral: Referral, how: Sealing, actor: User, first: bool) -> None:
    case, organisation = case_at_work(referral), session.get_one(Organisation, referral.organisation_id)
    told: dict[str, Any] = {"organisation": organisation.id, "party": organisation.kind}
    record(events.SENT, referral.number, actor.actor, case=case.number, sealing=how.seal.value, **told)
    if first:
        record(events.CASE_REFERRED, case.number, actor.actor, referral=referral.number, **told)
    case.updated_at = clock.now()
    take_up_answers(case)
    session.flush()


def hold(referral: Referral, reason: str, actor: str) -> None:
    """Keep it back and say why. Holding again for the same reason is no news."""
    if referral.state == State.HELD and referral.held_reason == reason:
        return
    move(referral, Verb.HOLD)
    referral.held_reason = reason[:24]
    record(events.HELD, referral.number, actor, reason=referral.held_reason)
    session.flush()


def revoke_link(referral: Referral, actor: User) -> None:
    """Close the page of the party; its next letter carries a new address."""
    link.revoke(referral)
    record(events.LINK_REVOKED, referral.number, actor.actor)


def drop(referral: Referral, actor: User) -> None:
    """Throw a draft away; its number stays used. Raises ReferralRefused("state") once it left."""
    _hold_row(referral)
    if referral.state not in UNSENT or referral.sent_at is not None:
        raise ReferralRefused("state")
    record(events.DROPPED, referral.number, actor.actor)
    forget_time(referral)
    session.delete(referral)
    session.flush()


def planned_of(referral: Referral) -> PlannedReferral | None:
    """The time that somebody set for it, if it waits for one or was stopped."""
    return session.get(PlannedReferral, referral.id)


def forget_time(referral: Referral) -> None:
    """It waits for no time any longer."""
    if row := planned_of(referral):
        session.delete(row)
        session.flush()


def hold_sendable(referral: Referral) -> None:
    """Read the row again and hold it. Raises ReferralRefused("state") where nothing can be sent any more."""
    _hold_row(referral)
    if referral.state not in SENDABLE:
        raise ReferralRefused("state")


def _hold_row(referral: Referral) -> None:
    """Read the row again and hold it, so that two presses at once come one after the other."""
    session.flush()
    if session.get(Referral, referral.id, with_for_update=True, populate_existing=True) is None:
        raise ReferralRefused("state")
