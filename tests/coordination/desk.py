"""Cases that concern a party, for the tests of referrals."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

from cert_portal.cases import service
from cert_portal.cases.models import Case
from cert_portal.config import current
from cert_portal.coordination import refer
from cert_portal.coordination.models import Referral
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.models import User
from cert_portal.directory.parties import Contact, Organisation
from tests.cases.desk import a_report
from tests.directory.parties import contact, party
from workers.mail import send_letter

TEXT = "A page at https://www.harbour.example/login on 203.0.113.7 steals passwords. Mail me at rita@victim.example"


def a_case(ann: User, *consents: str, **more: Any) -> Case:
    """A case whose report names what belongs to the party."""
    restricted = bool(more.pop("restricted", False))
    report = a_report(TEXT, consents=list(consents), **more)
    return service.open_case([report], ann, title="<b>Fake bank</b>", kind="phishing", restricted=restricted)


def a_party(**more: Any) -> tuple[Organisation, Contact]:
    """A hosting company with an abuse desk."""
    owner = party()
    return owner, contact(owner, **more)


def a_referral(ann: User, *consents: str, **more: Any) -> Referral:
    """A draft to the hosting company."""
    owner, _desk = a_party(**more)
    case = a_case(ann, *(consents or ("isp",)))
    return refer.prepare(case, owner, ann, observables=[("url", "https://www.harbour.example/login")])


def a_sent_referral(ann: User, **more: Any) -> Referral:
    """One that left."""
    made = a_referral(ann, **more)
    assert refer.send(made, ann) == "sent"
    return made


def letter_of(referral: Referral) -> Letter:
    """The letter that a referral left by."""
    return session.get_one(Letter, referral.letter_id)


def deliver(letter: Letter) -> Any:
    """Let the worker send it; answers the message as it left the portal, read by another program."""
    number = letter.id
    session.commit()
    send_letter(number)
    return message_from_bytes((current().instance_dir / "mail" / f"{number:08d}.eml").read_bytes())
