"""What the codes of figures are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.web.forms.words import ORGANISATIONS

Words = Mapping[str, Any]

DIMENSIONS: Words = {
    "month": _l("By month"),
    "channel": _l("By channel"),
    "origin": _l("By origin"),
    "kind": _l("By kind"),
    "level": _l("By level"),
    "outcome": _l("By outcome"),
    "party": _l("By kind of party"),
    "organisation": _l("By organisation"),
    "risk": _l("By risk level"),
    "language": _l("By language"),
}
GROUPS: Words = {
    "reports": _l("Reports"),
    "cases": _l("Cases"),
    "referrals": _l("Referrals"),
    "letters": _l("Letters"),
    "alerts": _l("Alerts and subscribers"),
    "times": _l("Times"),
    "targets": _l("Service targets"),
}
CODES: Mapping[str, Words] = {
    "channel": {
        "web": _l("Web form"),
        "email": _l("E-mail"),
        "telephone": _l("Telephone"),
        "fax": _l("Fax"),
        "sms": _l("SMS"),
        "letter": _l("Letter"),
        "api": _l("Interface"),
    },
    "origin": {
        "local": _l("Local"),
        "overseas": _l("From overseas teams"),
        "proactive": _l("Found by ourselves"),
    },
    "level": {
        "1": _l("Level 1"),
        "2": _l("Level 2"),
        "3": _l("Level 3"),
        "4": _l("Level 4"),
        "none": _l("No level: an attempt"),
        "undecided": _l("Not decided"),
    },
    "outcome": {
        "attached": _l("In a case"),
        "refused": _l("Refused"),
        "referred_elsewhere": _l("Referred elsewhere"),
        "waiting": _l("Waits for triage"),
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
        "acknowledged": _l("Acknowledged"),
        "answered": _l("Answered"),
        "resolved": _l("Resolved"),
        "not_theirs": _l("Not responsible"),
        "bounced": _l("Letter came back"),
        "expired": _l("No answer in time"),
    },
    "party": ORGANISATIONS,
    "risk": {
        "4": _l("Extremely high risk"),
        "3": _l("High risk"),
        "2": _l("Medium risk"),
        "1": _l("Low risk"),
    },
    "language": {"en": _l("English"), "zh-hant": _l("Traditional Chinese")},
}
FLOWS: Words = {
    "opening": _l("At the beginning"),
    "new": _l("Came in"),
    "returned": _l("Returned to the queue"),
    "reopened": _l("Opened again"),
    "attached": _l("Joined to a case"),
    "refused": _l("Refused"),
    "referred_elsewhere": _l("Referred elsewhere"),
    "closed": _l("Closed"),
    "dismissed": _l("Closed without handling"),
    "merged": _l("Merged"),
    "ended": _l("Left"),
    "suspended": _l("Suspended"),
    "closing": _l("At the end of the period"),
}
CHAPTERS: Words = {
    "foreword": _l("Foreword"),
    "glance": _l("The year at a glance"),
    "handling": _l("Handling, response and coordination"),
    "alerts": _l("Alerts and early warning"),
    "awareness": _l("Awareness and training"),
    "cooperation": _l("Cooperation and coordination"),
    "service": _l("Service levels"),
    "method": _l("Method and data notes"),
    "annex": _l("Annex: all figures"),
}
