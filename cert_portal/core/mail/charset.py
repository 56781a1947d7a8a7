"""Which characters the bytes of a mail stand for: names that Python lacks, and the order that loses least."""

from __future__ import annotations

import codecs
import re

WIDER = {
    "big5": ("cp950", "big5hkscs"),
    "big5hkscs": ("big5hkscs", "cp950"),
    "cp950": ("cp950", "big5hkscs"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "gb18030": ("gb18030",),
    "shift_jis": ("cp932",),
    "iso2022_jp": ("iso2022_jp_ext", "iso2022_jp_3"),
    "euc_kr": ("cp949",),
    "iso8859-1": ("cp1252", "iso8859-1"),
    "ascii": ("ascii", "utf-8"),
}
NAMES = {
    "x-gbk": "gbk",
    "x-big5": "big5",
    "x-x-big5": "big5",
    "big5-hkscs": "big5hkscs",
    "windows-950": "cp950",
    "windows-936": "gbk",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-2022-cn": "gb18030",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "ansi_x3.110-1983": "latin-1",
    "uft-8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
"""Codecs of Python that no mail is written in; some of them raise or dawdle on what a stranger sends."""
GUESSES = ("utf-8", "big5hkscs", "gb18030")
_JAPANESE = re.compile(rb"\x1b(?:\$[@B]|\$\(D|\([JI])")
"""What switches to Japanese within ISO-2022-JP: seven bits, so that every other set would take it for its own."""
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How UTF-16 begins, as Windows writes it."""


def decode(data: bytes, charset: str) -> tuple[str, bool]:
    """The text of these bytes, and whether it is sure: the charset was named, known and fitted.

    Tries what the name stands for in practice, then UTF-8 and the Chinese sets, at last replaces what does not fit.
    """
    if data.isascii() and b"\x1b" not in data and charset.lower() not in ("utf-7", "unicode-1-1-utf-7", "hz-gb-2312"):
        return data.decode("ascii"), True
    named, sure = _known(charset), True
    if _JAPANESE.search(data) and not any(name.startswith("iso2022") for name in named):
        named, sure = (*WIDER["iso2022_jp"], *named), False
    if not named and is_utf_16(data):
        return data.decode("utf-16", "replace"), False
    for name in named:
        try:
            return data.decode(name), sure
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    for name in GUESSES:
        try:
            return data.decode(name), name == "utf-8" and not charset
        except UnicodeDecodeError:
            continue
    return data.decode(named[0] if named else "utf-8", "replace"), False


def is_utf_16(data: bytes) -> bool:
    """Whether this is text in UTF-16 with its mark in front; a zero character is none of a text."""
    if data[:2] not in _WIDE:
        return False
    try:
        return "\0" not in codecs.getincrementaldecoder("utf-16")().decode(data[:8000])
    except UnicodeDecodeError:
        return False


def _known(charset: str) -> tuple[str, ...]:
    told = charset.strip("\"' _\t").lower().partition("$")[0]
    try:
        name = codecs.lookup(NAMES.get(told, told) or "?").name
        "".encode(name)
    except (LookupError, ValueError):
        return ()
    if name in NO_CHARSETS:
        return ()
    return WIDER.get(name, (name,))
