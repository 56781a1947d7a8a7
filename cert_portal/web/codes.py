"""What codes are called that both the desk and the figures show: said here once, in the same words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

Words = Mapping[str, str]

CHANNELS: Words = {
    "web": _l("Web form"),
    "email": _l("E-mail"),
    "telephone": _l("Telephone"),
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
