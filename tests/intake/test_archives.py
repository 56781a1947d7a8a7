"""Lists of archives that another program reads, and what it cannot read."""

from __future__ import annotations

import os
import subprocess
import zlib
from pathlib import Path

import pytest
from flask import Flask

from cert_portal.intake import archives, files, inside
from cert_portal.intake.files import Effort, media_type

NAMES = ("a b.exe", "\u767c\u7968.js", "new\nline.txt")


def vint(number: int) -> bytes:
    """A number as RAR 5 writes it."""
    return bytes([number]) if number < 128 else bytes([number % 128 | 128]) + vint(number // 128)


def block(head: bytes, data: bytes = b"") -> bytes:
    """A block of a RAR 5 archive."""
    sized = vint(len(head)) + head
    return zlib.crc32(sized).to_bytes(4, "little") + sized + data


def rar(name: str, data: bytes) -> bytes:
    """A RAR 5 archive of one file that is stored as it is."""
    told = name.encode()
    fields = (2, 2, len(data), 0, len(data), 0o100644)  # file, with data: size, flags, unpacked size, mode
    head = b"".join(map(vint, fields)) + vint(0) + vint(1) + vint(len(told)) + told
    return b"Rar!\x1a\x07\x01\x00" + block(vint(1) + vint(0) + vint(0)) + block(head, data) + block(b"\x05\x00\x00")


def made(folder: Path, form: str, *names: str) -> bytes:
    """An archive of files with these names, a folder among them."""
    (folder / "in").mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode() * 10)
    command = ["bsdtar", "-cf", "-", f"--format={form}", "in", *names]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


@pytest.mark.parametrize(
    ("form", "ending", "kind"),
    [("7zip", "7z", "application/x-7z-compressed"), ("iso9660", "iso", "application/x-iso9660-image")],
)
def test_names_and_sizes_are_told(tmp_path: Path, form: str, ending: str, kind: str) -> None:
    data = made(tmp_path, form, *NAMES)
    assert media_type(f"a.{ending}", data) == (kind, False)
    assert media_type("a.png", data)[1]
    seen = inside.look(kind, f"a.{ending}", data)
    sizes = {name.replace("\n", "\\n"): len(name.encode()) * 10 for name in NAMES}
    assert dict(seen.facts["files"]) == sizes
    assert "not_listed" not in seen.facts
    assert "\u767c\u7968.js" in seen.words


def test_rar_is_read() -> None:
    data = rar("invoice 07.exe", b"MZ rest")
    assert media_type("a.rar", data) == ("application/vnd.rar", False)
    assert inside.look("application/vnd.rar", "a.rar", data).facts == {"files": [("invoice 07.exe", 7)]}


def test_only_so_many_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = made(tmp_path, "7zip", *(f"{number}.txt" for number in range(9)))
    assert [len(each) if isinstance(each, list) else each for each in archives.listing(data, 5)] == [5, False]
    monkeypatch.setattr(archives, "MOST_TOLD", 100)
    found, whole = archives.listing(data, 200)
    assert 0 < len(found) < 5
    assert not whole


def test_what_is_damaged_or_cut_is_said(tmp_path: Path) -> None:
    data = made(tmp_path, "7zip", *NAMES)
    assert inside.look("application/x-7z-compressed", "a.7z", data[:100]).facts == {"not_listed": "all"}
    cut = inside.look("application/x-iso9660-image", "a.iso", made(tmp_path, "iso9660", *NAMES)[:40_000])
    assert cut.facts == {"not_listed": "all"}


def test_other_archives_are_known_by_their_content() -> None:
    assert media_type("a.cab", b"MSCF\0\0\0\0 rest") == ("application/vnd.ms-cab-compressed", False)
    assert media_type("a.lzh", b"\x20\x40-lh5- rest") == ("application/x-lzh-compressed", False)
    assert media_type("a.txt", b"ls-lh of a text")[0] == "text/plain"


def test_without_the_program_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LIMITS", (os.devnull,))
    assert archives.listing(b"7z", 5) == ([], False)


def test_waiting_for_the_program_is_effort(context: Flask) -> None:
    effort = Effort(1000)
    assert files.read("a.rar", rar("x.exe", b"MZ"), effort)[0].facts
    effort.waited(2000)
    assert files.read("a.rar", rar("x.exe", b"MZ"), effort)[0].notes == ["not_looked_into"]
