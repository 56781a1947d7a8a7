"""What comes back from a party: by its page, by mail, or by telephone. All of it is kept; only its own word counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from cert_portal.cases.models import Case
from cert_portal.coordination import events
from cert_portal.coordination.index import index_referral
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import Referral, ReferralFile, ReferralMessage
from cert_portal.coordination.reference import LONGEST, their_reference
from cert_portal.coordination.workflow import ReferralRefused, Verb, may, move
from cert_portal.core import clock, numbers
from cert_portal.core.db import session
from cert_portal.core.events import EventKind, of_subjects, record
from cert_portal.core.mail import nature, outbox
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.message import InboundMail
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import clean
from cert_portal.directory import contacts
from cert_portal.directory.models import User
from cert_portal.directory.parties import Contact
from cert_portal.intake import files

PAGE, MAIL, TELEPHONE, MACHINE = "page", "mail", "telephone", "machine"
PARTY = "party"
ACTS: Mapping[Verb, EventKind] = {
    Verb.ACKNOWLEDGE: events.ACKNOWLEDGED,
    Verb.ANSWER: events.ANSWERED,
    Verb.RESOLVE: events.RESOLVED,
    Verb.DISOWN: events.NOT_THEIRS,
}
STOPS = frozenset({Verb.ANSWER, Verb.RESOLVE, Verb.DISOWN})
"""What stops the clock of the answer."""
ANYBODYS = frozenset({"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "yahoo.com.hk", "qq.com", "163.com"})
"""Mail domains that anybody has an address at: there a colleague of the party is not known by the domain."""


@dataclass(frozen=True)
class Told:
    """What the party said: words, the number in its own books, files."""

    text: str = ""
    reference: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Sender:
    """Who said it, whether that is somebody of the party, and the message that it came in."""

    address: str = ""
    known: bool = True
    receipt: str | None = None


def see(referral: Referral) -> None:
    """The party opened its page. A further time is no news."""
    if may(referral, Verb.SEE):
        move(referral, Verb.SEE)
        record(events.SEEN, referral.number, PARTY)


def by_page(referral: Referral, verb: Verb, told: Told) -> ReferralMessage:
    """What the party does on its page. Raises ReferralRefused("no_words"), FileRefused; then nothing is kept."""
    for position, (filename, data) in enumerate(told.files):
        files.check(filename, data, len(referral.files) + position)
    return _take(referral, verb, told, PAGE, PARTY, Sender())


def by_telephone(referral: Referral, verb: Verb, text: str, actor: User) -> ReferralMessage:
    """What the party said on the telephone, noted by one of us. Raises ReferralRefused: state, no_words."""
    if referral.sent_at is None:
        raise ReferralRefused("state")
    if not clean(text).strip():
        raise ReferralRefused("no_words")
    return _take(referral, verb, Told(text), TELEPHONE, actor.actor, Sender())


def take_answer(mail: InboundMail, receipt: str) -> str | None:
    """Join a message to the referral that it answers; answers its number, or None when it answers none.

    In the thread of our letter it is always kept, and counts as the party's word when the sender belongs to the party.
    By a number in the subject alone it is the party's or it is not ours: anybody can write a number. What a program
    wrote, such as the receipt of a ticket system, is kept and counts for nothing but the number that it gave.
    """
    referral, in_thread = _of_thread(mail), True
    if referral is None:
        referral, in_thread = _of_subject(mail), False
    if referral is None:
        return None
    known = _is_theirs(referral, mail.sender, in_thread)
    told = Told(mail.text, their_reference(mail.subject), [(each.filename, each.data) for each in mail.attachments])
    how = MACHINE if nature.is_by_machine(mail) else MAIL
    _take(referral, Verb.ANSWER, told, how, PARTY, Sender(mail.sender[:320], known, receipt))
    return referral.number


def take_reference(mail: InboundMail) -> None:
    """Of what answers by itself in the thread of our letter only the party's own number is kept, when we have none."""
    referral = _of_thread(mail)
    if referral is not None and _is_theirs(referral, mail.sender, in_thread=True):
        _keep_reference(referral, their_reference(mail.subject))


def take_bounce(letter_id: int, verdict: Verdict) -> None:
    """A letter to a party came back: for good it ends the waiting and marks the contact, else it is noted."""
    letter = session.get(Letter, letter_id)
    referral = _numbered(letter.about) if letter else None
    if referral is None or verdict is Verdict.DELIVERED or _is_counted(referral, letter_id, verdict):
        return
    hard = verdict is Verdict.HARD
    record(events.BOUNCED, referral.number, "system", letter=letter_id, hard=hard)
    if not hard:
        return
    contact = session.get(Contact, referral.contact_id) if referral.contact_id else None
    if contact and contact.email == referral.recipient:
        contact.bounces += 1
    if may(referral, Verb.BOUNCE):
        move(referral, Verb.BOUNCE)


def file_keys() -> set[str]:
    """The stored files that parties sent: they are in use."""
    return set(session.scalars(select(ReferralFile.blob_key)))


def _take(referral: Referral, verb: Verb, told: Told, how: str, actor: str, sender: Sender) -> ReferralMessage:
    text, reference = clean(told.text).strip(), " ".join(clean(told.reference).split())[:LONGEST]
    if verb is Verb.ANSWER and not (text or told.files or sender.receipt):
        raise ReferralRefused("no_words")
    message = ReferralMessage(
        referral_id=referral.id,
        at=clock.now(),
        verb=verb,
        how=how,
        sender=sender.address,
        known_sender=sender.known,
        text=text,
        receipt=sender.receipt,
    )
    session.add(message)
    session.flush()
    for filename, data in told.files:
        session.add(ReferralFile(referral_id=referral.id, message_id=message.id, **files.stored(filename, data)))
    more: dict[str, Any] = {"known_sender": sender.known, "files": len(told.files)} if verb is Verb.ANSWER else {}
    if how == MACHINE:
        record(events.MACHINE_WROTE, referral.number, actor, **more)
    else:
        record(ACTS[verb], referral.number, actor, how=how, **more)
    if sender.known and how == MACHINE:
        _keep_reference(referral, reference)
    elif sender.known:
        _count(referral, verb, reference, how)
    case = case_at_work(referral)
    referral.updated_at = case.updated_at = clock.now()
    if verb in STOPS and how in (PAGE, MAIL):
        session.get_one(Case, referral.case_id).answered_at = case.updated_at
    index_referral(referral)
    return message


def _count(referral: Referral, verb: Verb, reference: str, how: str) -> None:
    """It is the party's own word: it moves the referral, stops the clock and shows that the contact is alive."""
    if may(referral, verb):
        move(referral, verb)
    if verb in STOPS and referral.answered_at is None:
        referral.answered_at = clock.now()
    if reference and (how != MAIL or not referral.their_reference):
        referral.their_reference = reference
    contact = session.get(Contact, referral.contact_id) if referral.contact_id else None
    if contact:
        contact.bounces = 0


def _keep_reference(referral: Referral, reference: str) -> None:
    if reference and not referral.their_reference:
        referral.their_reference = reference
        record(events.REFERENCE_TAKEN, referral.number, PARTY, text=reference)
        index_referral(referral)


def _numbered(number: str) -> Referral | None:
    target = numbers.resolve(number)
    return session.get(Referral, target[1]) if target and target[0] is NumberKind.REFERRAL else None


def _of_thread(mail: InboundMail) -> Referral | None:
    letter = outbox.by_message_id(mail.references)
    return _numbered(letter.about) if letter else None


def _of_subject(mail: InboundMail) -> Referral | None:
    for number in numbers.find_in(mail.subject):
        referral = _numbered(number)
        if referral and referral.sent_at is not None and _is_theirs(referral, mail.sender, False):
            return referral
    return None


def _is_theirs(referral: Referral, sender: str, in_thread: bool) -> bool:
    """Whether the sender belongs to the party: whom we wrote to, a contact, or in our thread a colleague of theirs."""
    address, ours = sender.lower(), referral.recipient.lower()
    if not address:
        return False
    house = ours.rpartition("@")[2]
    same_house = in_thread and house not in ANYBODYS and address.rpartition("@")[2] == house
    return address == ours or same_house or contacts.belongs(referral.organisation_id, address)


def _is_counted(referral: Referral, letter_id: int, verdict: Verdict) -> bool:
    """Mail systems tell the same thing several times."""
    told = {"letter": letter_id, "hard": verdict is Verdict.HARD}
    return any(each.kind == events.BOUNCED.name and each.data == told for each in of_subjects([referral.number]))
