"""What Outlook makes of a message: `.msg` files (MS-OXMSG) and `winmail.dat` (TNEF, MS-OXTNEF), as far as they go."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass, field

import olefile
import tnefparse

from cert_portal.core.mail.charset import decode
from cert_portal.core.text import one_line

MOST_ATTACHMENTS = 200
MOST_DEPTH = 5
MOST_OBJECTS = 5_000
"""Objects of a TNEF file, and properties in one of them."""
_DAMAGED = (
    *(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, struct.error),
    *(AssertionError, NameError, MemoryError, RecursionError),
)
"""What the two readers raise on a file that is cut off or lies about itself."""

SUBJECT, SENDER_NAME, SENDER, SENDER_SMTP = "0037", "0C1A", "0C1F", "5D01"
HEADERS, TEXT, HTML, MESSAGE_ID = "007D", "1000", "1013", "1035"
DATA, LONG_NAME, SHORT_NAME, MEDIA_TYPE, EMBEDDED = "3701", "3707", "3704", "370E", "3701000D"


_PROPERTIES = (0x9003, 0x9005)
"""Attributes that begin with the number of properties: of the message, of a file."""


class NotReadable(Exception):
    """The file is not what it says, or damaged beyond reading."""


@dataclass(frozen=True)
class OutlookMessage:
    """The parts of a message: its transport headers as they came (may be empty), words, files."""

    headers: str = ""
    subject: str = ""
    sender_name: str = ""
    sender: str = ""
    message_id: str = ""
    text: str = ""
    html: str = ""
    attachments: list[tuple[str, str, bytes]] = field(default_factory=list)


def read_msg(data: bytes) -> OutlookMessage:
    """Read a `.msg` file; messages inside it come as their words. Raises NotReadable."""
    try:
        with olefile.OleFileIO(data) as ole:
            names = {"/".join(parts) for parts in ole.listdir()}
            if "__properties_version1.0" not in names:
                raise NotReadable("no message is in this file")
            return _message(ole, names, "", 0)
    except _DAMAGED as error:
        raise NotReadable(str(error)) from error


def read_tnef(data: bytes) -> OutlookMessage:
    """Read a `winmail.dat`. Raises NotReadable."""
    try:
        _must_be_short(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = tnefparse.TNEF(data, do_checksum=False)
        files = [
            (str(each.long_filename() or each.name or ""), "", bytes(each.data or b""))
            for each in found.attachments[:MOST_ATTACHMENTS]
        ]
        return OutlookMessage(text=_words(found.body), html=_words(found.htmlbody), attachments=files)
    except _DAMAGED as error:
        raise NotReadable(str(error)) from error


def _must_be_short(data: bytes) -> None:
    """Count before anything is read: level, attribute, length, content, checksum (MS-OXTNEF, 2.1.3.2)."""
    place, count = 6, 0
    while place + 9 <= len(data):
        attribute, size = struct.unpack_from("<xII", data, place)
        told = int.from_bytes(data[place + 9 : place + 13], "little") if attribute & 0xFFFF in _PROPERTIES else 0
        place, count = place + 11 + size, count + 1
        if max(count, told) > MOST_OBJECTS:
            raise NotReadable("more in it than any program writes")


def _words(told: object) -> str:
    if isinstance(told, bytes):
        return decode(told, "")[0]
    return str(told or "").strip("\x00")


def _message(ole: olefile.OleFileIO, names: set[str], place: str, depth: int) -> OutlookMessage:
    return OutlookMessage(
        headers=_text(ole, names, place, HEADERS),
        subject=one_line(_text(ole, names, place, SUBJECT)),
        sender_name=one_line(_text(ole, names, place, SENDER_NAME)),
        sender=_text(ole, names, place, SENDER_SMTP) or _text(ole, names, place, SENDER),
        message_id=_text(ole, names, place, MESSAGE_ID),
        text=_text(ole, names, place, TEXT),
        html=_text(ole, names, place, HTML),
        attachments=_files(ole, names, place, depth),
    )


def _text(ole: olefile.OleFileIO, names: set[str], place: str, tag: str) -> str:
    base = f"{place}__substg1.0_{tag}"
    for kind in ("001F", "001E", "0102"):
        if f"{base}{kind}" in names:
            raw: bytes = ole.openstream(f"{base}{kind}").read()
            return raw.decode("utf-16-le", "replace") if kind == "001F" else decode(raw, "")[0]
    return ""


def _files(ole: olefile.OleFileIO, names: set[str], place: str, depth: int) -> list[tuple[str, str, bytes]]:
    level = place.count("/")
    folders = {"/".join(name.split("/")[: level + 1]) for name in names if name.startswith(f"{place}__attach")}
    found = []
    for folder in sorted(folders)[:MOST_ATTACHMENTS]:
        base = f"{folder}/"
        name = _text(ole, names, base, LONG_NAME) or _text(ole, names, base, SHORT_NAME)
        if f"{base}__substg1.0_{DATA}0102" in names:
            data = ole.openstream(f"{base}__substg1.0_{DATA}0102").read()
            found.append((name, _text(ole, names, base, MEDIA_TYPE), data))
        elif depth < MOST_DEPTH:
            inner = _message(ole, names, f"{base}__substg1.0_{EMBEDDED}/", depth + 1)
            found.append((f"{inner.subject or 'message'}.txt", "text/plain", _as_text(inner)))
            found.extend(inner.attachments)
    return found


def _as_text(inner: OutlookMessage) -> bytes:
    lines = [f"From: {inner.sender_name} <{inner.sender}>", f"Subject: {inner.subject}", "", inner.text or inner.html]
    return "\n".join(lines).encode("utf-8", "replace")
