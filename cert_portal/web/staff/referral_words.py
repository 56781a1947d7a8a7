"""What the codes of referrals are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cert_portal.coordination.answers import MACHINE, MAIL, PAGE, TELEPHONE
from cert_portal.coordination.letters import Purpose
from cert_portal.coordination.lists import View
from cert_portal.coordination.sealing import Seal
from cert_portal.coordination.workflow import State, Verb
from cert_portal.directory.parties import OrganisationKind
from cert_portal.web import codes
from cert_portal.web.staff import letter_words
from cert_portal.web.staff.directory_words import KINDS

Words = Mapping[Any, Any]

VIEWS: Words = {
    View.OPEN: _l("All open"),
    View.WAITING: _l("Waiting for an answer"),
    View.OURS: _l("For us to do"),
    View.OVER: _l("Over"),
}
EMPTY: Words = {
    View.OPEN: _l("No referral is open. Refer a case from its page."),
    View.WAITING: _l("No party owes us an answer."),
    View.OURS: _l("No draft, held, bounced, expired or answered referral waits for us."),
    View.OVER: _l("No referral is over yet."),
}
STATES: Words = {
    State.DRAFT: _l("Draft"),
    State.HELD: _l("Held: nothing left"),
    State.SENT: _l("Sent"),
    State.SEEN: _l("Seen"),
    **codes.REFERRAL_ENDS,
}
STATE_COLOURS: Words = {
    State.HELD: "red",
    State.SENT: "blue",
    State.SEEN: "blue",
    State.ACKNOWLEDGED: "purple",
    State.ANSWERED: "teal",
    State.RESOLVED: "green",
    State.BOUNCED: "red",
    State.EXPIRED: "orange",
}
PURPOSES: Words = {
    Purpose.TAKEDOWN: _l("Request to stop (take-down, abuse)"),
    Purpose.INFORM: _l("Information (police, regulator, member)"),
    Purpose.CERT: _l("Notice to another response team"),
}
SEALS: Words = {
    Seal.ENCRYPTED: _l("signed and encrypted"),
    Seal.SIGNED: _l("signed, not encrypted"),
    Seal.PLAIN: _l("neither signed nor encrypted: the desk has no key"),
    Seal.HELD: _l("held: it must be encrypted and cannot be"),
}
REQUIRED: Words = {
    "tlp": _l("its label is narrower than TLP:AMBER"),
    "tlp_above": _l("its label is narrower than this contact may get in clear"),
    "restricted": _l("the case is restricted"),
    "contact": _l("the contact demands encryption"),
}
TROUBLE: Words = {
    "missing": _l("the contact has no key"),
    "expired": _l("the key of the contact has expired"),
    "revoked": _l("the key of the contact was revoked"),
    "no_encryption": _l("the key of the contact cannot encrypt"),
    "sealing": _l("sealing the letter failed; ask the administrator to look at the key"),
    "no_contact": _l("the contact is no longer in use"),
    "tlp_red": _l("it became TLP:RED, which never leaves by mail"),
    "exercise": _l("it is an exercise, and the address of the contact is not registered for exercises"),
}
ASKED: Words = {
    "police": _l("The reporters must allow that the case is passed to the police, or a consent must be recorded."),
    "pcpd": _l(
        "The reporters must allow that the case is passed to the Privacy Commissioner, or a consent must be recorded."
    ),
    "isp": _l(
        "The reporters must allow that the case is passed to Internet and hosting companies, "
        "or a consent must be recorded."
    ),
    "recorded": _l("Somebody who may speak for those affected must agree first, and that must be recorded."),
}
VERBS: Words = {
    Verb.ACKNOWLEDGE: _l("They have it"),
    Verb.ANSWER: _l("They answered"),
    Verb.RESOLVE: _l("They say that it is over"),
    Verb.DISOWN: _l("They say that it is not theirs"),
}
HOW: Words = {
    PAGE: _l("on their page"),
    MAIL: _l("by e-mail"),
    TELEPHONE: _l("noted by the desk"),
    MACHINE: _l("by an automatic message, which counts as no answer"),
}
REFUSED: Words = {
    "state": _l("The referral has moved on since you opened this page; perhaps somebody else has just sent it."),
    "case_closed": _l("The case is closed. Open it again first."),
    "unknown_party": _l("Choose a party from the directory"),
    "no_contact": _l("The party has no contact in use with an e-mail address."),
    "tlp_red": _l("TLP:RED never leaves by mail. Tell the party in person or by telephone, or choose another label."),
    "exercise": _l("This is an exercise: the address of the contact is not registered for exercises."),
    "consent": _l("Consent is missing: see what is asked for."),
    "no_words": _l("Enter what was said"),
    "unknown_contact": _l("Choose a contact of this party"),
    "unknown_purpose": _l("Choose a letter and a language from the lists"),
    "unknown_tlp": _l("Choose a label from the list"),
    "who_missing": _l("Enter who agreed"),
    "future": _l("The consent cannot lie in the future"),
}
STOPPED: Words = {**REFUSED, **{name: letter_words.STOPPED[name] for name in ("author", "access")}}
"""Why a referral for later did not leave."""
PLACES: Words = {
    "no_words": "#said",
    "who_missing": "#who",
    "future": "#when",
    "unknown_contact": "#contact",
    "unknown_tlp": "#tlp",
    "consent": "#consent",
    "no_contact": "#contact",
    "tlp_red": "#tlp",
}
LETTERS: Words = {
    "referral_takedown": _l("Request to a party to stop it"),
    "referral_inform": _l("Information to a party"),
    "referral_cert": _l("Notice to another response team"),
    "referral_reminder": _l("Reminder to a party"),
}
EVENTS: Words = {
    "case.referred": _l("Case referred"),
    "referral.drafted": _l("Referral prepared"),
    "referral.changed": _l("Referral changed"),
    "referral.machine_wrote": _l("A program of the party wrote"),
    "referral.reference_taken": _l("A program of the party named its own number"),
    "referral.consented": _l("Consent recorded"),
    "referral.held": _l("Referral held: nothing left"),
    "referral.seen": _l("The party opened its page"),
    "referral.bounced": _l("Letter to the party came back"),
    "referral.expired": _l("No answer after the last reminder"),
    "referral.link_revoked": _l("Link of the party revoked"),
    "referral.planned": _l("Referral dated for later"),
    "referral.plan_cancelled": _l("Referral for later called off"),
    "referral.plan_stopped": _l("Referral for later did not leave"),
    "referral.dropped": _l("Draft thrown away"),
    "message.acknowledge": _l("The party has the referral"),
    "message.answer": _l("Answer of the party"),
    "message.resolve": _l("The party says that it is over"),
    "message.disown": _l("The party says that it is not theirs"),
}


def _bounced(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    return _("for good") if data["hard"] else _("perhaps only for a while")


def _how(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    return str(HOW[data["how"]])


TELLERS: Mapping[str, Any] = {
    "case.referred": lambda data, names: f"{data['referral']} · {KINDS[OrganisationKind(data['party'])]}",
    "referral.drafted": lambda data, names: str(PURPOSES[data["purpose"]]),
    "referral.changed": lambda data, names: f"{data['tlp']} · {PURPOSES[data['purpose']]}",
    "referral.held": lambda data, names: str(TROUBLE[data["reason"]]),
    "referral.bounced": _bounced,
    "referral.plan_stopped": lambda data, names: str(STOPPED[data["reason"]]),
    **{f"message.{verb}": _how for verb in VERBS},
}
