"""The one way from the bytes of a stranger's message to the standard parser's tree: no nesting, length or charset
breaks it.

The parser recurses with the nesting, and reads parameters in a time that grows with the square of their length; so
both are bounded before it begins.
"""

from __future__ import annotations

import email
import email.utils
import re
from email.message import Message
from email.policy import Compat32
from typing import Any

MAX_HEADER = 200_000
MAX_FIELD = 20_000
MAX_PARAMETERS = 4_000
"""Characters of Content-Type and the like: a name of 255 Chinese characters takes under 3,000."""
MAX_PIECES = 100
"""Semicolons of such a header: that name, told in the pieces of RFC 2231, has 40."""
MAX_NESTED = 100
_NESTED = re.compile(rb"content-type:[\s\x1c-\x1f]*(?:multipart|message)/", re.IGNORECASE)
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""What the standard library raises on parameters and encodings that are none."""


class _Short(Compat32):
    """Every header is cut before anything looks into it; one character or semicolon too many stays as the mark."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, _shortened(name, value)


class _Careful(Message):
    """The parser itself asks for parameters: none of them raises here."""

    def get_param(self, param: str, failobj: Any = None, header: str = "content-type", unquote: bool = True) -> Any:
        try:
            value = super().get_param(param, failobj, header, unquote)
            told = email.utils.collapse_rfc2231_value(value) if isinstance(value, tuple) else value
        except _UNREADABLE:
            return failobj
        return _LONE.sub("\ufffd", told) if isinstance(told, str) else told


_SHORT = _Short()


def opened(raw: bytes) -> tuple[Message, list[str]]:
    """The tree, and what is wrong with it: header_too_long, nested_too_deep.

    Of a message whose whole head is too long or that nests too deep only the headers are read; a single header that is
    too long is cut.
    """
    head, _, _ = raw.partition(b"\n\n") if b"\r\n\r\n" not in raw[: MAX_HEADER * 2] else raw.partition(b"\r\n\r\n")
    trouble = ["header_too_long"] if len(head) > MAX_HEADER else []
    if len(_NESTED.findall(raw)) > MAX_NESTED:
        trouble.append("nested_too_deep")
    message = email.message_from_bytes(head[:MAX_HEADER] + b"\n\n" if trouble else raw, _Careful, policy=_SHORT)
    cut = any(_is_cut(name, value) for part in message.walk() for name, value in part.raw_items())
    return message, trouble or ["header_too_long"] * cut


def payload(part: Message) -> bytes | None:
    """The decoded bytes of a part that holds no others; None when they cannot be decoded."""
    try:
        data = part.get_payload(decode=True)
    except _UNREADABLE:
        return None
    return data if isinstance(data, bytes) else b""


def as_bytes(words: str) -> bytes:
    """The bytes that a raw value stands for; half a pair of surrogates stands for none and is replaced."""
    return _LONE.sub("\ufffd", words).encode("utf-8", "surrogateescape")


def _most(name: str) -> int:
    return MAX_PARAMETERS if _has_parameters(name) else MAX_FIELD


def _has_parameters(name: str) -> bool:
    return name.lower().startswith("content-")


def _shortened(name: str, value: str) -> str:
    short = value[: _most(name) + 1]
    pieces = short.split(";", MAX_PIECES + 1) if _has_parameters(name) else [short]
    return ";".join([*pieces[:-1], ""]) if len(pieces) > MAX_PIECES + 1 else short


def _is_cut(name: str, value: str) -> bool:
    return len(value) > _most(name) or (_has_parameters(name) and value.count(";") > MAX_PIECES)
