"""The store of files: encrypted at rest (000-06), named by a keyed hash, written whole or not at all."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cert_portal.config import current
from cert_portal.core import clock

MAGIC = b"CPB1"

_waiting: ContextVar[dict[Path, Path] | None] = ContextVar("waiting", default=None)


class BlobDamaged(Exception):
    """A stored file is not what was stored."""


def put(data: bytes) -> str:
    """Store bytes; the same bytes are stored once. Answers the key to get them with. Durable when it returns."""
    key = hmac.new(_secret("name"), data, hashlib.sha256).hexdigest()
    path = _path(key)
    try:
        os.utime(path)  # fresh again, so that `old` does not offer it for removal
    except FileNotFoundError:
        write_durably(path, encrypt(data))
    return key


def get(key: str) -> bytes:
    """The bytes of a key. Raises FileNotFoundError or BlobDamaged."""
    return decrypt(_path(key).read_bytes())


def delete(key: str) -> None:
    """Forget the bytes of a key; forgetting twice is no error."""
    _path(key).unlink(missing_ok=True)


def old(age: timedelta) -> Iterator[str]:
    """Keys of the files that nobody has stored for this long."""
    latest = clock.now().timestamp() - age.total_seconds()
    for path in current().blobs.glob("??/*"):
        if path.stat().st_mtime < latest:
            yield path.name


def encrypt(data: bytes) -> bytes:
    """AES-256-GCM with a random nonce in front."""
    nonce = secrets.token_bytes(12)
    return MAGIC + nonce + AESGCM(_secret("content")).encrypt(nonce, data, MAGIC)


def decrypt(stored: bytes) -> bytes:
    """Undo `encrypt`. Raises BlobDamaged when a byte differs or the key is another."""
    try:
        return AESGCM(_secret("content")).decrypt(stored[4:16], stored[16:], stored[:4])
    except (InvalidTag, ValueError) as error:
        raise BlobDamaged("a stored file was changed or belongs to another BLOB_KEY") from error


def write_durably(path: Path, data: bytes) -> None:
    """Write aside, flush to the disk, rename, flush the folder: after a crash the file is whole or absent."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        flush_folder(path.parent.parent)
    with flushed_at_once() as waiting:
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            aside.write_bytes(data)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        waiting[aside] = path


@contextmanager
def flushed_at_once() -> Iterator[dict[Path, Path]]:
    """What is written inside is flushed in the end, all together, which takes the disk little longer than one file.

    It can be read, and is durable, after the block. Yields what waits: where it is written, and the name that it gets.
    """
    if (outer := _waiting.get()) is not None:
        yield outer
        return
    waiting: dict[Path, Path] = {}
    token = _waiting.set(waiting)
    try:
        yield waiting
        for aside in waiting:
            _flush(aside)
        for aside, path in waiting.items():
            aside.rename(path)
        for folder in {path.parent for path in waiting.values()}:
            flush_folder(folder)
    finally:
        _waiting.reset(token)
        for aside in waiting:
            aside.unlink(missing_ok=True)


def flush_folder(path: Path) -> None:
    """Make what was created or renamed in a folder durable."""
    _flush(path)


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _path(key: str) -> Path:
    return current().blobs / key[:2] / key


def _secret(purpose: str) -> bytes:
    return hmac.new(current().blob_key.encode(), purpose.encode(), hashlib.sha256).digest()
