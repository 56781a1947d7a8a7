"""Where a message is made durable before anything reads it: one encrypted file per receipt, kept as the original.

The files are counted against the outcomes in the database (`mail reconcile`): taken = accounted for.
"""

from __future__ import annotations

import errno
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cert_portal.config import current
from cert_portal.core import blobs, clock

_RECEIPT = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}(?:-[a-z]{1,9})?")


_MAILBOX = re.compile("[^a-z]")


def store(raw: bytes, mailbox: str = "report") -> str:
    """Keep the bytes as they came, flushed to the disk; answers the receipt. Raises OSError when it cannot.

    A nearly full disk is one that cannot: the database needs the rest to go on. Of the mailbox's name nine letters
    count, on both sides of the balance.
    """
    _make_sure_of_room(len(raw))
    name = _MAILBOX.sub("", mailbox)[:9] or "report"
    receipt = f"{clock.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}-{name}"
    blobs.write_durably(_path(receipt), blobs.encrypt(name.encode() + b"\n" + raw))
    return receipt


def mailbox_of(receipt: str) -> str:
    """The mailbox that a message was kept for, told by the name of its file alone."""
    return receipt.split("-")[2] if receipt.count("-") == 2 else "report"


def kept_at(receipt: str) -> datetime:
    """When a message was kept (UTC)."""
    return datetime.strptime(receipt[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def read(receipt: str) -> tuple[str, bytes]:
    """Mailbox and bytes of a receipt. Raises FileNotFoundError, ValueError or BlobDamaged."""
    mailbox, _, raw = blobs.decrypt(_path(receipt).read_bytes()).partition(b"\n")
    return mailbox.decode(), raw


def receipts(since: date | None = None) -> Iterator[str]:
    """All receipts in order of arrival, those of `since` (UTC) and later when it is given."""
    folder = current().spool
    first = f"{since:%Y%m%d}" if since else ""
    for day in sorted(folder.iterdir()) if folder.is_dir() else []:
        if day.name >= first:
            yield from sorted(path.name for path in day.iterdir() if _RECEIPT.fullmatch(path.name))


def recent() -> Iterator[str]:
    """Receipts of the last two weeks: where unfinished ones can still be, longest holidays included."""
    return receipts(clock.now().date() - timedelta(days=14))


def _make_sure_of_room(size: int) -> None:
    folder = current().spool
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < current().least_free_megabytes * 1_000_000 + size:
        raise OSError(errno.ENOSPC, "the disk is nearly full")


def _path(receipt: str) -> Path:
    if not _RECEIPT.fullmatch(receipt):
        raise ValueError("not a receipt")
    return current().spool / receipt[:8] / receipt
