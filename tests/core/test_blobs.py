"""Files are encrypted, whole or absent, and a changed byte is noticed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cert_portal.config import current
from cert_portal.core import blobs


def stored() -> list[Path]:
    return [path for path in current().blobs.rglob("*") if path.is_file()]


def test_what_is_stored_cannot_be_read_without_the_key(context: Flask) -> None:
    key = blobs.put(b"secret words of a victim")
    assert blobs.get(key) == b"secret words of a victim"
    [path] = stored()
    assert b"victim" not in path.read_bytes()
    assert blobs.put(b"secret words of a victim") == key
    assert len(stored()) == 1


def test_a_changed_byte_is_noticed(context: Flask) -> None:
    key = blobs.put(b"evidence")
    [path] = stored()
    for position in (0, 5, -1):
        changed = bytearray(path.read_bytes())
        changed[position] ^= 1
        path.write_bytes(bytes(changed))
        with pytest.raises(blobs.BlobDamaged):
            blobs.get(key)
        changed[position] ^= 1
        path.write_bytes(bytes(changed))
    path.write_bytes(b"x")
    with pytest.raises(blobs.BlobDamaged):
        blobs.get(key)


def test_many_are_flushed_in_the_end_whole_or_not_at_all(context: Flask) -> None:
    with blobs.flushed_at_once():
        keys = [blobs.put(each) for each in (b"one", b"two", b"one")]
        assert not [path for path in stored() if not path.name.startswith(".")]
    assert [blobs.get(each) for each in keys] == [b"one", b"two", b"one"]
    with contextlib.suppress(LookupError), blobs.flushed_at_once():
        blobs.put(b"three")
        raise LookupError
    assert len(stored()) == 2


def test_a_half_written_file_gets_no_name_though_the_others_do(
    context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if len(data) > 100:
            really(path, data[:50])
            raise OSError(28, "No space left on device")
        return really(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with blobs.flushed_at_once():
        whole = blobs.put(b"whole")
        with pytest.raises(OSError, match="No space"):
            blobs.put(b"half written" * 20)
    assert (blobs.get(whole), len(stored())) == (b"whole", 1)


def test_forgotten_is_forgotten(context: Flask) -> None:
    key = blobs.put(b"x")
    blobs.delete(key)
    blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        blobs.get(key)


def test_a_full_disk_leaves_nothing_half_written(context: Flask, tmp_path: Path, monkeypatch: Any) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.write_durably(tmp_path / "x", b"data")
    assert not (tmp_path / "x").exists()
    assert list(tmp_path.iterdir()) == []
