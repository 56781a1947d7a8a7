"""Traffic Light Protocol 2.0 (FIRST): the labels are never translated."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class TLP(StrEnum):
    """How far something may travel; the value is the label as it must be printed."""

    RED = "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER"
    GREEN = "TLP:GREEN"
    CLEAR = "TLP:CLEAR"


_EDGE = r"(?![0-9A-Za-z])"
_BEGUN = r"(?<![0-9A-Za-z])TLP[\s:_-]{1,3}"
_NAMES = r"RED|AMBER\s?\+\s?STRICT|AMBER|GREEN|CLEAR|WHITE"
_NAMED = re.compile(rf"{_BEGUN}({_NAMES}){_EDGE}", re.IGNORECASE)
_SIGNS = r"[\s:;,、|/–—-]{0,20}"
_LABELS = rf"{_BEGUN}(?:{_NAMES}){_EDGE}(?:{_SIGNS}{_BEGUN}(?:{_NAMES}){_EDGE})*"
_OPEN, _SHUT = r"[\[(【]", r"[\])】]"
_TAKEN_AWAY = re.compile(
    rf"{_OPEN}\s?{_LABELS}{_SIGNS}{_SHUT}|(?P<edge>{_SIGNS}{_LABELS}\s?(?={_SHUT}|$)|(?<={_OPEN})\s?{_LABELS}{_SIGNS})"
    rf"|{_LABELS}{_SIGNS}",
    re.IGNORECASE,
)
"""Labels with the brackets around them, or with the signs that set them apart from the words beside them."""
_OLD = {"WHITE": "CLEAR"}
"""What version 1 calls otherwise."""


def narrowest(words: str) -> str:
    """The narrowest label that a text names, as it must be printed; "" when it names none."""
    told = (each.upper() for each in _NAMED.findall(unicodedata.normalize("NFKC", words)))
    found = {f"TLP:{_OLD.get(each, ''.join(each.split()))}" for each in told}
    return next((each.value for each in TLP if each in found), "")


def unlabelled(words: str) -> str:
    """A subject without the labels that it names, of any width, and without brackets that held nothing more."""
    bare, at = "", 0
    for match in _TAKEN_AWAY.finditer("".join(map(_narrow, words))):
        bare += words[at : match.start()] + ("" if match["edge"] else " ")
        at = match.end()
    return " ".join((bare + words[at:]).split()) if at else words


def _narrow(sign: str) -> str:
    """A full-width sign as the plain one; what would become several stays, so that places in the text stay too."""
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 else sign
