"""The verbs of the stage in one place. None of them commits: views, commands and jobs do."""

from cert_portal.coordination.answers import (
    by_page,
    by_telephone,
    file_keys,
    see,
    take_answer,
    take_bounce,
    take_reference,
)
from cert_portal.coordination.consent import consent_of, record_consent
from cert_portal.coordination.refer import Content, change, drop, hindrances, prepare, revoke_link, send
from cert_portal.coordination.reminders import due, letter_done, remind
from cert_portal.coordination.workflow import ReferralRefused

__all__ = [
    "Content",
    "ReferralRefused",
    "by_page",
    "by_telephone",
    "change",
    "consent_of",
    "drop",
    "due",
    "file_keys",
    "hindrances",
    "letter_done",
    "prepare",
    "record_consent",
    "remind",
    "revoke_link",
    "see",
    "send",
    "take_answer",
    "take_bounce",
    "take_reference",
]
