"""A look inside a stranger's file, without running, showing or unpacking it: words to compare, facts to read."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import Any

from cert_portal.core.mail import evidence
from cert_portal.core.mail.charset import decode
from cert_portal.core.text import clean
from cert_portal.intake import observables

MOST_WORDS = 200_000
MOST_LISTED = 200
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, ValueError, NotImplementedError, OSError, EOFError, RuntimeError)


@dataclass(frozen=True)
class Inside:
    """What was seen: `words` are searched and compared with other reports, `facts` are shown (JSON)."""

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
    listed = _listing(media_type, data)
    return Inside("\n".join(name for name, _ in listed), {"files": listed}) if listed else Inside()


def _listing(media_type: str, data: bytes) -> list[tuple[str, int]]:
    try:
        if media_type == "application/zip":
            entries = zipfile.ZipFile(io.BytesIO(data)).infolist()[:MOST_LISTED]
            return [(clean(entry.filename)[:300], entry.file_size) for entry in entries]
        if media_type == "application/x-tar":
            return _tar(data)
    except _DAMAGED:
        return []
    return []


def _tar(data: bytes) -> list[tuple[str, int]]:
    found = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for entry in archive:
            found.append((clean(entry.name)[:300], entry.size))
            if len(found) == MOST_LISTED:
                break
    return found
