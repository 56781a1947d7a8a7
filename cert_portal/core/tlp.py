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


_NAMED = re.compile(
    r"(?<![0-9A-Za-z])TLP[\s:_-]{1,3}(RED|AMBER\s?\+\s?STRICT|AMBER|GREEN|CLEAR|WHITE)(?![0-9A-Za-z])", re.IGNORECASE
)
_OLD = {"WHITE": "CLEAR"}
"""What version 1 calls otherwise."""


def narrowest(words: str) -> str:
    """The narrowest label that a text names, as it must be printed; "" when it names none."""
    told = (each.upper() for each in _NAMED.findall(unicodedata.normalize("NFKC", words)))
    found = {f"TLP:{_OLD.get(each, ''.join(each.split()))}" for each in told}
    return next((each.value for each in TLP if each in found), "")


def unlabelled(words: str) -> str:
    """A subject without the labels that it names, and without the brackets that they stood in."""
    bare = re.sub(rf"[\[(]\s*{_NAMED.pattern}\s*[\])]|{_NAMED.pattern}", " ", words, flags=re.IGNORECASE)
    return " ".join(bare.split()) if bare != words else words
