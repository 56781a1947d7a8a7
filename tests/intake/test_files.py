"""Files of strangers: named by content, refused with a reason, kept encrypted."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.core import blobs
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.intake import compare, files
from cert_portal.intake.files import FileRefused, is_bomb, media_type
from cert_portal.intake.models import ReportFile
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from tests.intake.test_bad_mail import bomb


def archive(entries: int, size: int = 1) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writer:
        for number in range(entries):
            writer.writestr(str(number), bytes(size))
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind", "lies"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\nrest", "image/png", False),
        ("a.JPG", b"\xff\xd8\xff", "image/jpeg", False),
        ("a.txt", b"MZ\x90", "application/vnd.microsoft.portable-executable", True),
        ("program", b"\x7fELF", "application/x-elf", False),
        ("a.pdf .", b"%PDX", "text/plain", True),
        ("a.pdf", b"no pdf at all", "text/plain", True),
        ("a.log", b"lines", "text/plain", False),
        ("a.dat", b"\x00\x01", "application/octet-stream", False),
        ("a.tar", b"\0" * 257 + b"ustar", "application/x-tar", False),
        ("a.docx", b"PK\x03\x04", "application/zip", False),
        ("a.docm", b"PK\x03\x04", "application/zip", False),
        ("a.jfif", b"\xff\xd8\xff", "image/jpeg", False),
        ("photo.png", b"\xff\xd8\xff", "image/jpeg", False),
        ("a.pdf", b"\xff\xd8\xff", "image/jpeg", True),
        ("a.pdf", b"PK\x03\x04", "application/zip", True),
    ],
)
def test_the_type_is_what_the_content_says(name: str, data: bytes, kind: str, lies: bool) -> None:
    assert media_type(name, data) == (kind, lies)


def test_an_archive_is_measured_without_unpacking() -> None:
    assert is_bomb(bomb())
    assert is_bomb(archive(10_001))
    assert not is_bomb(archive(3, 5000))
    assert not is_bomb(b"PK\x03\x04 damaged")
    assert not is_bomb(b"PK\x05\x06" + b"\xff" * 18)


@pytest.mark.parametrize(
    ("name", "data", "already", "code"),
    [
        ("a.txt", b"", 0, "empty"),
        ("a.txt", b"x" * 1_000_001, 0, "too_big"),
        ("a.txt", b"x", 20, "too_many"),
        ("a.pdf", b"x", 0, "type_lies"),
        ("a.zip", bomb(), 0, "archive_bomb"),
    ],
)
def test_refusals_name_their_reason(app: Flask, name: str, data: bytes, already: int, code: str) -> None:
    config.use(replace(config.current(), upload_megabytes=1))
    with pytest.raises(FileRefused) as refused:
        files.check(name, data, already)
    assert refused.value.code == code


def test_what_is_in_order_is_taken(app: Flask) -> None:
    assert files.check("a.zip", archive(2), 19) == "application/zip"
    assert files.check("a.txt", b"x", 0) == "text/plain"


def test_kept_files_are_encrypted_and_their_names_harmless(context: Flask) -> None:
    row = files.keep("..\\..\\etc/pass\x00wd\n.exe ", b"words of a stranger")
    assert (row.filename, row.notes) == ("passwd .exe", ["type_lies"])
    assert blobs.get(row.blob_key) == b"words of a stranger"
    stored = next(path for path in config.current().blobs.rglob("*") if path.is_file())
    assert b"stranger" not in stored.read_bytes()
    assert files.keep("", b"").filename == "file"
    assert files.keep("/", b"").notes == ["empty"]


@pytest.mark.parametrize(("name", "lies"), [("logs.tar", False), ("photo.png", True)])
def test_a_tape_archive_is_known_by_its_inside(name: str, lies: bool) -> None:
    assert files.media_type(name, b"\x00" * 257 + b"ustar\x00") == ("application/x-tar", lies)


@pytest.mark.parametrize("head", [b"II*\x00", b"MM\x00*"])
def test_a_fax_is_known_by_its_inside(head: bytes) -> None:
    assert files.media_type("fax.tif", head + b"x") == ("image/tiff", False)


def test_files_that_come_too_late_are_kept_and_marked(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.5, 11.5])
    monkeypatch.setattr(files.time, "thread_time", lambda: next(clock))
    report = receive(Submission(Language.EN, description="x"), Channel.EMAIL)
    files.keep_all([("a.txt", b"http://bad.example/a"), ("b.txt", b"http://bad.example/b")], report.id)
    first, second = session.query(ReportFile).order_by(ReportFile.id)
    assert (first.words, first.notes) == ("http://bad.example/a", [])
    assert (second.words, second.notes) == ("", ["not_looked_into"])
    assert blobs.get(second.blob_key) == b"http://bad.example/b"


def test_logs_of_windows_are_texts(context: Flask) -> None:
    words = "Fehler 日本 http://bad.example/x".encode("utf-16")
    assert files.media_type("log.txt", words) == ("text/plain", False)
    for none in (b"\xff\xfe\x00\x00", b"\xff\xfe\x00\xd8a\x00"):
        assert files.media_type("x", none)[0] == "application/octet-stream"
    assert "http://bad.example/x" in files.keep("log.txt", words).words


def test_words_of_very_many_files_are_compared_up_to_a_limit(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "MOST_INSIDE", 30)
    report = receive(Submission(Language.EN, description="x"), Channel.EMAIL)
    files.keep_all([(f"{n}.txt", f"http://bad{n}.example/".encode()) for n in range(3)], report.id)
    session.flush()
    found = [value for kind, value in compare.look(report).fresh if kind == "url"]
    assert found == ["http://bad0.example/", "http://bad"]
