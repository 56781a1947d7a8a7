"""Referrals of the demonstration, and what the parties do with them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from cert_portal.cases.models import Case
from cert_portal.cases.workflow import OPEN
from cert_portal.coordination import refer, reminders, service
from cert_portal.coordination.answers import Told
from cert_portal.coordination.models import Referral
from cert_portal.coordination.proposals import proposals
from cert_portal.coordination.refer import Content
from cert_portal.coordination.workflow import REACHED, WAITING, State, Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.tlp import TLP
from cert_portal.demo.cast import party, staff, words
from cert_portal.demo.diary import Diary
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation
from cert_portal.directory.permissions import Role

ALSO = {"ransomware": "police", "ceo_fraud": "police", "data_leak": "regulator", "intrusion": "cert", "ddos": "bank"}
"""Who else is told of such a case, besides those whom the directory names."""
COMES_BACK = timedelta(minutes=2)
"""How long after it left a letter to a dead address is returned."""


def pass_on(diary: Diary, case: Case, dice: Random) -> None:
    """Refer the case to whom it concerns."""
    if case.state not in OPEN or case.owner_id is None:
        return
    ann = session.get_one(User, case.owner_id)
    for each in proposals(case, ann).parties[:2]:
        made = service.prepare(case, each.organisation, ann, observables=each.observables, reasons=each.reasons)
        _send(diary, made, ann, dice)
    other: Organisation | None = party(ALSO[case.kind]) if case.kind in ALSO else None
    if other and dice.random() < 0.7:
        _send(diary, service.prepare(case, other, ann), ann, dice)


def _send(diary: Diary, referral: Referral, ann: User, dice: Random) -> None:
    contact, narrow = refer.contact_of(referral), dice.random() < 0.06
    usual = contact.tlp if contact else TLP.AMBER
    note = words("reports")["words"]["refer_note"][referral.language] if dice.random() < 0.5 else ""
    service.change(
        referral,
        Content(
            contact_id=referral.contact_id,
            purpose=referral.purpose,
            language=referral.language,
            tlp=TLP.AMBER_STRICT if narrow else usual,
            note=note,
            observables=referral.observables,
        ),
        ann,
    )
    if "consent" in service.hindrances(referral) and dice.random() < 0.85:
        service.record_consent(referral, words("reports")["words"]["consent"], clock.now(), ann)
    if service.hindrances(referral) or dice.random() < 0.04:
        return
    if service.send(referral, ann) == State.SENT:
        _let_answer(diary, referral, dice)


def _let_answer(diary: Diary, referral: Referral, dice: Random) -> None:
    roll = dice.random()
    if int(referral.number[4:10]) % 16 == 5:
        letter = referral.letter_id or 0
        diary.on(clock.now() + COMES_BACK, lambda: service.take_bounce(letter, Verdict.HARD))
    elif roll < 0.06:
        return  # silence: it is reminded, and expires
    else:
        diary.later(dice.uniform(0.3, 20), lambda: _answer(diary, referral, dice))


def _answer(diary: Diary, referral: Referral, dice: Random) -> None:
    found, roll = words("reports")["words"], dice.random()
    if referral.state not in REACHED:
        return
    service.see(referral)
    reference = f"AB-{dice.randrange(20000, 99999)}" if dice.random() < 0.6 else ""
    if roll < 0.1:
        service.by_page(referral, Verb.DISOWN, Told(dice.choice(found["not_theirs"])))
        return
    if roll < 0.13:
        return  # it has only looked
    if roll < 0.35:
        service.by_telephone(referral, Verb.ANSWER, dice.choice(found["answered"]), staff(Role.ANALYST))
        return
    service.by_page(referral, Verb.ACKNOWLEDGE, Told(dice.choice(found["acknowledged"]), reference))
    if roll < 0.5:
        diary.later(dice.uniform(4, 40), lambda: _say(referral, Verb.ANSWER, dice.choice(found["answered"])))
    elif roll < 0.92:
        diary.later(dice.uniform(5, 90), lambda: _say(referral, Verb.RESOLVE, dice.choice(found["resolved"])))


def _say(referral: Referral, verb: Verb, text: str) -> None:
    if referral.state in WAITING | {State.EXPIRED}:
        service.by_page(referral, verb, Told(text))


def remind() -> None:
    """Remind every party whose clock ran out."""
    for number in reminders.due():
        reminders.remind(number)
