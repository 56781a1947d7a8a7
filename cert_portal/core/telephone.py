"""Telephone numbers as people write them, in one spelling to compare by."""

from __future__ import annotations

import re
import unicodedata

HOME = "852"
_EXTENSION = re.compile(r"(?:ext\.?|x|內線)\s*\d+\s*$", re.IGNORECASE)
_LEAST, _MOST = 6, 20
_LOCAL = r"(?:(?:\+|00)?\(?852\)?[ -]?)?[2-9]\d{3}[ -]?\d{4}"
_ABROAD = r"(?:\+|00)\d{1,3}(?:[ -]?\(?\d{2,4}\)?){2,4}"
_IN_TEXT = re.compile(rf"(?<![\w+.@/-])\(?(?:{_LOCAL}|{_ABROAD}|\d{{9,15}})(?![\w@/]|[.-]\w)", re.ASCII)


def key(told: str) -> str:
    """The digits with the country code; eight digits alone are a number of Hong Kong. Empty for what is no number."""
    plain = _EXTENSION.sub("", unicodedata.normalize("NFKC", told[:100]))
    digits = "".join(c for c in plain if c in "0123456789")
    if digits.startswith("00"):
        digits = digits[2:]
    if not _LEAST <= len(digits) <= _MOST:
        return ""
    return HOME + digits if len(digits) == 8 and "+" not in plain else digits


def mark(told: str) -> str:
    """The word of the index for a number, however it was written: tel85223456789. Empty for what is no number."""
    digits = key(told)
    return f"tel{digits}" if digits else ""


def pick(words: str) -> tuple[list[str], str]:
    """What in a text looks like a telephone number, as it stands there, and the text without it."""
    plain = unicodedata.normalize("NFKC", words)
    return [each[0] for each in _IN_TEXT.finditer(plain)], _IN_TEXT.sub(" ", plain)
