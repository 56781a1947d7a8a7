"""Files that strangers send: measured, named by content, kept encrypted; never executed, rendered or unpacked."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import pyzipper
from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import blobs, clock
from cert_portal.core.db import session
from cert_portal.core.mail.charset import is_utf_16
from cert_portal.core.text import clean, unturned
from cert_portal.intake import archives, inside, photos
from cert_portal.intake.models import FaxPage, ReportFile

PASSWORD = b"infected"
MOST_FILES = 20
MOST_RATIO = 200
MOST_UNPACKED = 500_000_000
MOST_ENTRIES = 10_000

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"GIF8", "image/gif", (".gif",)),
    (b"II*\x00", "image/tiff", (".tif", ".tiff")),
    (b"MM\x00*", "image/tiff", (".tif", ".tiff")),
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"PK\x03\x04", "application/zip", (".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".apk", ".jar", ".epub")),
    (b"\x1f\x8b", "application/gzip", (".gz", ".tgz")),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", (".7z",)),
    (b"Rar!\x1a\x07", "application/vnd.rar", (".rar",)),
    (b"MSCF\x00\x00\x00\x00", "application/vnd.ms-cab-compressed", (".cab",)),
    (b"MZ", "application/vnd.microsoft.portable-executable", (".exe", ".dll", ".scr", ".com", ".sys")),
    (b"\x7fELF", "application/x-elf", (".elf", ".so", ".bin", "")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", (".msg", ".doc", ".xls", ".ppt", ".msi")),
)
_FURTHER_IN = (
    (257, (b"ustar",), "application/x-tar", (".tar",)),
    (2, tuple(b"-lh%c-" % each for each in b"01234567d"), "application/x-lzh-compressed", (".lzh", ".lha")),
    (32769, (b"CD001",), "application/x-iso9660-image", (".iso", ".img")),
)
_CHECKED = frozenset(ending for _, _, endings in _MAGIC for ending in endings if ending)
_PICTURES = frozenset(ending for _, kind, endings in _MAGIC if kind.startswith("image/") for ending in endings)
_RUNS = frozenset({"application/vnd.microsoft.portable-executable", "application/x-elf"})


class FileRefused(Exception):
    """A file cannot be taken. `code`: empty, too_big, too_many, type_lies or archive_bomb."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Effort:
    """How much work the files of one message may still make, in seconds of processor time: looks inside, pictures, and
    waiting for the program that lists archives. A file that comes too late for it is kept and marked; `reread` looks
    inside.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self._until = time.thread_time() + seconds

    def waited(self, seconds: float) -> None:
        """Another program worked for this so long."""
        self._until -= seconds

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is looked into."""
        return time.thread_time() >= self._until


def media_type(filename: str, data: bytes) -> tuple[str, bool]:
    """The type by content, and whether the name says something else."""
    if photos.is_heic(data):
        return "image/heic", False
    name = _safe_name(filename)
    ending = "." + name.rpartition(".")[2].lower() if "." in name else ""
    for magic, kind, endings in _MAGIC:
        if data.startswith(magic):
            return kind, ending not in endings and (kind in _RUNS or ending in _CHECKED - _alike(kind))
    for place, marks, kind, endings in _FURTHER_IN:
        if data.startswith(marks, place):
            return kind, ending in _CHECKED and ending not in endings
    is_text = b"\x00" not in data[:8000] or is_utf_16(data)
    return ("text/plain" if is_text else "application/octet-stream"), ending in _CHECKED


def _alike(kind: str) -> frozenset[str]:
    """Endings that people mix up without meaning harm: a picture is a picture."""
    return _PICTURES if kind.startswith("image/") else frozenset()


def is_bomb(data: bytes) -> bool:
    """Whether a zip says of itself that it unpacks to something absurd; nothing is unpacked to find out."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError, RuntimeError):
        return False
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(1, sum(entry.compress_size for entry in entries))
    return len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or (ratio > MOST_RATIO and unpacked > 10_000_000)


def check(filename: str, data: bytes, already: int) -> str:
    """The type of a file that a person uploads. Raises FileRefused with the reason."""
    if not data:
        raise FileRefused("empty")
    if len(data) > current().upload_megabytes * 1_000_000:
        raise FileRefused("too_big")
    if already >= MOST_FILES:
        raise FileRefused("too_many")
    kind, lies = media_type(filename, data)
    if lies:
        raise FileRefused("type_lies")
    if kind == "application/zip" and is_bomb(data):
        raise FileRefused("archive_bomb")
    return kind


def keep_all(sent: Iterable[tuple[str, bytes]], report_id: int, addition_id: int | None = None) -> None:
    """Store the files of one message, or of what was added later; they share one effort."""
    effort = Effort()
    for filename, data in sent:
        keep(filename, data, report_id=report_id, addition_id=addition_id, effort=effort)


def keep(
    filename: str,
    data: bytes,
    *,
    report_id: int | None = None,
    draft_id: int | None = None,
    addition_id: int | None = None,
    effort: Effort | None = None,
) -> ReportFile:
    """Store a file whatever it is (a mail's attachment cannot be refused); what is odd about it is noted."""
    rows = read(filename, data, effort)
    for row in rows:
        row.report_id, row.draft_id, row.addition_id = report_id, draft_id, addition_id
    session.add_all(rows)
    return rows[0]


def read(filename: str, data: bytes, effort: Effort | None = None) -> list[ReportFile]:
    """Put the bytes into the store; the row of the file, not stored yet, and one more for a picture made of it."""
    facts = stored(filename, data)
    if effort is not None and effort.is_spent:
        return [ReportFile(words="", facts={}, **facts | {"notes": [*facts["notes"], "not_looked_into"]})]
    begun = time.monotonic()
    seen = inside.look(facts["media_type"], facts["filename"], data)
    if effort is not None and facts["media_type"] in archives.TYPES:
        effort.waited(time.monotonic() - begun)
    rows = [ReportFile(words=seen.words, facts=seen.facts, **facts)]
    if facts["media_type"] == "image/heic" and (picture := photos.to_jpeg(data)) is not None:
        rows += read(f"{facts['filename']}.jpg", picture)
    return rows


def locked(filename: str, data: bytes) -> bytes:
    """The file in a zip whose pass-word is "infected" (AES-256): nothing opens it by accident, no scanner eats it."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD)
        archive.writestr(_safe_name(filename), data)
    return out.getvalue()


def stored(filename: str, data: bytes) -> dict[str, Any]:
    """Put the bytes into the store; answers what a row says of a file, whoever's row it is."""
    kind, lies = media_type(filename, data)
    bomb = kind == "application/zip" and is_bomb(data)
    return {
        "filename": _safe_name(filename),
        "media_type": kind,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "blob_key": blobs.put(data),
        "notes": [note for note, true in (("type_lies", lies), ("archive_bomb", bomb), ("empty", not data)) if true],
        "added_at": clock.now(),
    }


def forget_unused(age: timedelta = timedelta(days=1), downstream: Sequence[Callable[[], set[str]]] = ()) -> int:
    """Remove stored files that no report, no draft and no later stage names any more; answers how many.

    Only old ones: a file that is being stored now has no row yet.
    """
    candidates = list(blobs.old(age))
    pages = session.scalars(select(FaxPage.blob_key)).all()
    used = set(session.scalars(select(ReportFile.blob_key))).union(pages, *(named() for named in downstream))
    unused = [key for key in candidates if key not in used]
    for key in unused:
        blobs.delete(key)
    return len(unused)


def _safe_name(filename: str) -> str:
    last = unturned(clean(filename)).replace("\\", "/").rpartition("/")[2].replace("\n", " ").strip(" .")
    return last[-200:] or "file"
