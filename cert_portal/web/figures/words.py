"""What the codes of figures are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.web.codes import CASE_OUTCOMES, CHANNELS, LEVELS, REFERRAL_ENDS, REPORT_ENDS
from cert_portal.web.forms.agency_words import NOTICES, SUPPORT
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
    "support": _l("By what is asked for"),
    "notice": _l("By the clock"),
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
    "channel": CHANNELS,
    "origin": {
        "local": _l("Local"),
        "overseas": _l("From overseas teams"),
        "proactive": _l("Found by ourselves"),
    },
    "level": {
        **{str(number): label for number, label in LEVELS.items()},
        "none": _l("No level: an attempt"),
        "undecided": _l("Not decided"),
    },
    "outcome": {
        **REPORT_ENDS,
        "waiting": _l("Waits for triage"),
        **CASE_OUTCOMES,
        **REFERRAL_ENDS,
    },
    "party": ORGANISATIONS,
    "risk": {
        "4": _l("Extremely high risk"),
        "3": _l("High risk"),
        "2": _l("Medium risk"),
        "1": _l("Low risk"),
    },
    "support": SUPPORT,
    "notice": NOTICES,
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
    "unmerged": _l("Taken out of a merge"),
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
