"""What codes are called that more than one face shows: said here once, in the same words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

Words = Mapping[str, str]

CHANNELS: Words = {
    "web": _l("Web form"),
    "email": _l("E-mail"),
    "telephone": _l("Telephone"),
    "mobile": _l("Mobile telephone"),
    "satellite": _l("Satellite telephone"),
    "fax": _l("Fax"),
    "sms": _l("SMS"),
    "letter": _l("Letter"),
    "api": _l("Interface"),
}
LEVELS: Mapping[int, str] = {1: _l("Level 1"), 2: _l("Level 2"), 3: _l("Level 3"), 4: _l("Level 4")}
REPORT_ENDS: Words = {
    "attached": _l("In a case"),
    "refused": _l("Refused"),
    "referred_elsewhere": _l("Referred elsewhere"),
}
CASE_OUTCOMES: Words = {
    "fixed": _l("Fixed by those affected"),
    "taken_down": _l("The source was taken down"),
    "contained": _l("Contained, nothing more to do"),
    "handed_over": _l("Handed over to another body"),
    "not_reproducible": _l("Could not be confirmed"),
    "no_answer": _l("Nobody answered"),
    "no_incident": _l("It was no incident"),
    "duplicate": _l("Handled in another case"),
    "exercise": _l("It was an exercise"),
    "outside_remit": _l("Outside what we handle"),
    "mistake": _l("Opened by mistake"),
}
REFERRAL_ENDS: Words = {
    "acknowledged": _l("Acknowledged"),
    "answered": _l("Answered"),
    "resolved": _l("Resolved"),
    "not_theirs": _l("Not theirs"),
    "bounced": _l("Came back"),
    "expired": _l("No answer in time"),
    "unanswered": _l("No answer yet"),
}
LEAKS: Words = {
    "none": _l("Nothing"),
    "non_core": _l("Data of non-core work"),
    "core": _l("Data of core work, neither secret nor sensitive"),
    "personal": _l("Personal data of the public"),
    "sensitive": _l("Secret-grade or sensitive official data"),
    "state_secret": _l("A state secret"),
}
TAMPERINGS: Words = {
    "none": _l("Nothing"),
    "non_core": _l("A non-core system or its data"),
    "core_slight": _l("A core system or its data, slightly"),
    "core_serious": _l("A core system or its data, seriously"),
    "cii": _l("A system or data of critical infrastructure"),
}
HALTS: Words = {
    "none": _l("Nothing"),
    "non_core": _l("Non-core work"),
    "core": _l("Core work"),
    "cii": _l("Critical infrastructure"),
}
RULES: Words = {
    "c4_state_secret": _l("a state secret leaked"),
    "i4_cii": _l("a system or data of critical infrastructure was changed"),
    "a4_cii_beyond": _l("critical infrastructure is out for longer than can be borne"),
    "a4_cii_unknown": _l("critical infrastructure is disturbed, for how long is not known"),
    "c3_sensitive": _l("secret-grade or sensitive official data leaked"),
    "c3_personal": _l("personal data of the public leaked"),
    "i3_core_serious": _l("a core system or its data was changed seriously"),
    "a3_core_beyond": _l("core work is out for longer than can be borne"),
    "a3_core_unknown": _l("core work is disturbed, for how long is not known"),
    "a3_cii_within": _l("critical infrastructure is disturbed but back in time"),
    "c2_core": _l("data of core work leaked, neither secret nor sensitive"),
    "i2_core_slight": _l("a core system or its data was changed slightly"),
    "a2_core_within": _l("core work is disturbed but back in time"),
    "c1_non_core": _l("data of non-core work leaked"),
    "i1_non_core": _l("a non-core system or its data was changed"),
    "a1_non_core_within": _l("non-core work is disturbed but back in time"),
    "a1_non_core_unknown": _l("non-core work is disturbed, for how long is not known"),
    "a1_non_core_beyond": _l("non-core work is out for longer than can be borne"),
    "no_effect": _l("nothing was affected: an attempt"),
}
FLAGS: Words = {
    "a4_cii_unknown": _l("Ask how long the outage lasts and how long it can be borne, then decide again."),
    "a3_core_unknown": _l("Ask how long the outage lasts and how long it can be borne, then decide again."),
    "a1_non_core_unknown": _l("Ask how long the outage lasts and how long it can be borne, then decide again."),
    "c3_personal": _l("The source has no line for this: personal data of the public counts as sensitive."),
    "a3_cii_within": _l("The source has no line for this: level 3 is our reading. Look at it again."),
    "a1_non_core_beyond": _l("The source speaks of brief stops only. Look again whether level 1 is enough."),
}
LEVEL_MEANINGS: Mapping[int, str] = {
    1: _l("slight"),
    2: _l("moderate"),
    3: _l("serious"),
    4: _l("the most serious"),
}
REPORTER_STATES: Words = {
    "received": _l("Received"),
    "processing": _l("Received"),
    "quarantined": _l("Received"),
    "waiting_triage": _l("Received"),
    "being_looked_at": _l("Being looked at"),
    "attached": _l("Being looked at"),
    "waiting_for_you": _l("Waiting for you"),
    "referred_elsewhere": _l("Passed to another body"),
    "refused": _l("Closed: outside what we handle"),
    "closed": _l("Closed"),
}
