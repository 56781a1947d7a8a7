"""Telephone numbers as people write them, in one spelling to compare by."""

from __future__ import annotations

import re
import unicodedata

HOME = "852"
_EXTENSION = re.compile(r"(?:ext\.?|x|內線)\s*\d+\s*$", re.IGNORECASE)
_LEAST, _MOST = 6, 20


def key(told: str) -> str:
    """The digits with the country code; eight digits alone are a number of Hong Kong. Empty for what is no number."""
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", told[:100]))
    digits = "".join(c for c in plain if c in "0123456789")
    if digits.startswith("00"):
        digits = digits[2:]
    if not _LEAST <= len(digits) <= _MOST:
        return ""
    return HOME + digits if len(digits) == 8 and "+" not in plain else digits
