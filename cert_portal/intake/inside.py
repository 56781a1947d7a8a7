"""A look inside a stranger's file, without running, showing or unpacking it: words to compare, facts to read."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from cert_portal.core.mail import evidence
from cert_portal.core.mail.charset import decode
from cert_portal.core.text import clean, unturned
from cert_portal.intake import archives, observables

MOST_WORDS = 200_000
MOST_LISTED = 200
LEAST_UNPACKED, MOST_UNPACKED = 1_000_000, 20_000_000
"""Bytes of a compressed tar that are read for its list: what packs better than twenty to one is read less far."""
_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    ValueError,
    NotImplementedError,
    OSError,
    EOFError,
    RuntimeError,
)


@dataclass(frozen=True)
class Inside:
    """What was seen: `words` are searched and compared with other reports, `facts` are shown (JSON).

    Of an archive: `files`, and `not_listed` when "all" or the "rest" of its content is not among them.
    """

    words: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def look(media_type: str, filename: str, data: bytes) -> Inside:
    """Look inside a file whose type by content is known; an unreadable one shows nothing."""
    if media_type in ("text/plain", "application/x-ole-storage"):
        mail = evidence.read(filename, data)
        if mail is not None:
            words = "\n".join([mail.subject, mail.sender, mail.text, *(each.filename for each in mail.attachments)])
            facts = evidence.facts(mail)
            hashes = [each["sha256"] for each in facts["attachments"]]
            ways = "\n".join([facts["from"], facts["reply_to"], *mail.received, *hashes])
            links = [value for kind, value in observables.find(f"{mail.text}\n{mail.html}") if kind == "url"]
            return Inside(clean(f"{words}\n{ways}")[:MOST_WORDS], {"mail": facts, "links": links[:MOST_LISTED]})
        if media_type == "text/plain":
            return Inside(clean(decode(data[:MOST_WORDS], "")[0]))
    if media_type in archives.TYPES:
        listed, whole = archives.listing(data, MOST_LISTED)
        if not listed:
            return Inside(facts={"not_listed": "all"})
        cut = not whole
    else:
        found, cut = _listing(media_type, filename, data)
        listed, cut = found[:MOST_LISTED], cut or len(found) > MOST_LISTED
    facts = {"files": listed, **({"not_listed": "rest"} if cut else {})}
    return Inside("\n".join(name for name, _ in listed), facts) if listed else Inside()


def _listing(media_type: str, filename: str, data: bytes) -> tuple[list[tuple[str, int]], bool]:
    """Names and sizes, one more than are shown, and whether the archive was not read to its end."""
    try:
        if media_type == "application/zip":
            entries = zipfile.ZipFile(io.BytesIO(data)).infolist()[: MOST_LISTED + 1]
            return [(unturned(clean(entry.filename))[:300], entry.file_size) for entry in entries], False
        if media_type == "application/x-tar":
            return _tar(data), False
        if media_type == "application/gzip":
            return _gzip(filename, data)
    except _DAMAGED:
        return [], False
    return [], False


def _tar(data: bytes) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for entry in archive:
                found.append((unturned(clean(entry.name))[:300], entry.size))
                if len(found) > MOST_LISTED:
                    break
    except _DAMAGED:  # or cut: what was seen until there stays
        return found
    return found


def _gzip(filename: str, data: bytes) -> tuple[list[tuple[str, int]], bool]:
    """A tar is listed; of any other its one file, by the name and size that it tells (RFC 1952)."""
    if len(data) < 18:  # its head and its end
        return [], False
    reader = zlib.decompressobj(wbits=31)
    plain = reader.decompress(data, min(MOST_UNPACKED, LEAST_UNPACKED + 20 * len(data)))
    if plain[257:262] == b"ustar":
        return _tar(plain), not reader.eof
    start = 12 + int.from_bytes(data[10:12], "little") if data[3] & 4 else 10
    told = data[start:].partition(b"\0")[0].decode("latin-1") if data[3] & 8 else filename.removesuffix(".gz")
    return [(unturned(clean(told))[:300], int.from_bytes(data[-4:], "little"))], False
