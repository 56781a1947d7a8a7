"""The number that a party gave our referral in its own books, as far as the subject of its mail shows it."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
_OURS = re.compile(r"\[?(?:\b[RCN]\d{2}-\d{6,9}-\d\b|TLP:[A-Z+]+)\]?")
_WORDS = r"ticket|case|ref(?:erence)?|incident|request|inquiry|工單|個案|檔號|檔案|參考編號|參考|編號"
_NAMED = re.compile(
    rf"(?:{_WORDS})(?:\s*(?:no\.?|number|id|編號|號碼))?[\s:#：]*([A-Z0-9][\w/.-]{{1,40}})", re.IGNORECASE
)
_MARKED = re.compile(r"\[[^\[\]#]{0,30}#\s*([A-Z0-9][\w/.-]{0,40})\]|(?<!\w)#([A-Z0-9][\w/-]{1,40})", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([A-Z]{2,10}[-_]?\d[\w-]{1,30})\]")


def their_reference(subject: str) -> str:
    """The ticket number that stands in a subject; "" when none does. Ours are left out; a number has a digit."""
    plain = _OURS.sub(" ", unicodedata.normalize("NFKC", subject))
    for pattern in (_MARKED, _BRACKETED, _NAMED):
        for match in pattern.finditer(plain):
            told = next(group for group in match.groups() if group).rstrip(".-_/")
            if re.search(r"\d", told):
                return told[:LONGEST]
    return ""
