"""The mailboxes, and what becomes of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Words = Mapping[Any, Any]

MAIL_OUTCOMES: Words = {
    "reports": _l("Reports"),
    "findings": _l("Findings"),
    "replies": _l("Replies"),
    "bounces": _l("Came back"),
    "ignored": _l("Ignored"),
    "duplicates": _l("Duplicates"),
    "quarantined": _l("Set aside"),
}
TEXT_OUTCOMES: Words = {
    "reports": _l("Became reports"),
    "replies": _l("Joined reports"),
    "sent": _l("Taken by the gateway"),
    "waiting": _l("Waiting"),
    "failed": _l("Refused by the gateway"),
}
MAILBOXES: Words = {
    "report": _l("Reports"),
    "phishing": _l("Phishing"),
    "abuse": _l("Abuse"),
    "fax": _l("Fax"),
    "sms": _l("Text messages in"),
    "sms-out": _l("Text messages out"),
}
