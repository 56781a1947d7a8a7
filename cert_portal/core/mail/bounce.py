"""Whether a letter that came back came back for good (RFC 3464; many mail systems only say it in their own words)."""

from __future__ import annotations

import re
from enum import StrEnum

READ = 200_000
_ACTION = re.compile(rb"^Action:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^Status:\s*([245])\.\d{1,3}\.\d{1,3}", re.IGNORECASE | re.MULTILINE)
_WORDS = re.compile(
    rb"(?<![\d.])([45])\d\d(?:[ -]|\s+)(?:#?[45]\.\d{1,3}\.\d{1,3}\b)|(?<![\d.#])([45])\.\d\.\d{1,2}(?![\d.])"
)
_PLAIN = re.compile(
    rb"user unknown|no such (user|recipient|mailbox)|unknown (user|recipient)|mailbox (not found|unavailable)"
    rb"|does ?n[o']t exist|recipient rejected|address rejected|invalid (recipient|mailbox)|host (unknown|not found)",
    re.IGNORECASE,
)


class Verdict(StrEnum):
    """What a delivery report says about the letter."""

    HARD = "hard"
    SOFT = "soft"
    DELIVERED = "delivered"


def verdict(raw: bytes) -> Verdict:
    """Read a delivery report. What is not clear counts as soft: nobody is cut off on a guess."""
    head = raw[:READ]
    action = _ACTION.search(head)
    if action and action[1].lower() in (b"delivered", b"relayed", b"expanded"):
        return Verdict.DELIVERED
    if action and action[1].lower() == b"delayed":
        return Verdict.SOFT
    status = _STATUS.search(head)
    if status:
        return {b"5": Verdict.HARD, b"2": Verdict.DELIVERED}.get(status[1], Verdict.SOFT)
    told = _WORDS.search(head)
    if told:
        return Verdict.HARD if b"5" in (told[1], told[2]) else Verdict.SOFT
    return Verdict.HARD if _PLAIN.search(head) else Verdict.SOFT
