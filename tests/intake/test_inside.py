"""A look inside strangers' files: nothing runs, nothing is unpacked, nothing raises."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pillow_heif
import pytest
import pyzipper
from flask import Flask
from PIL import Image

from cert_portal.core.db import session
from cert_portal.intake import files, inside, photos
from cert_portal.intake.models import Observable, ReportFile
from tests.core.mail.outlook_files import msg
from tests.intake.messages import deliver, report, with_file

EML = (
    b"Return-Path: <bounce@evil.example>\r\nReceived: from mx.evil.example ([203.0.113.9]) by mx.shop.example\r\n"
    b"Received: from inside by mx.evil.example\r\nFrom: Bank <a@bank.example>\r\nReply-To: thief@evil.example\r\n"
    b"Subject: =?big5?B?uvS1uLOos70=?=\r\n\r\nPlease go to http://bad.example/login\r\n"
)


def test_a_suspicious_mail_is_taken_apart() -> None:
    seen = inside.look("text/plain", "mail.eml", EML)
    facts = seen.facts["mail"]
    assert (facts["from"], facts["reply_to"]) == ("Bank <a@bank.example>", "thief@evil.example")
    assert facts["return_path"] == "bounce@evil.example"
    assert len(facts["received"]) == 2
    assert "http://bad.example/login" in seen.words


def test_its_addresses_are_those_of_the_report(context: Flask) -> None:
    number = deliver(with_file("mail.eml", EML, Subject="see file", Message_ID="<7@shop.example>")).told
    deliver(with_file("mail.msg", msg({"0037": "x", "1000": "http://other.example/y"}), Message_ID="<8@shop.example>"))
    found = {(each.kind, each.value) for each in session.query(Observable)}
    assert {("url", "http://bad.example/login"), ("ip", "203.0.113.9"), ("url", "http://other.example/y")} <= found
    assert report(number).files[0].facts["mail"]["subject"] == "網絡釣魚"


def test_archives_are_listed_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("invoice.pdf.exe", b"MZ" * 50)
    assert inside.look("application/zip", "a.zip", out.getvalue()).facts == {"files": [("invoice.pdf.exe", 100)]}
    assert inside.look("application/zip", "a.zip", b"PK\x03\x04broken") == inside.Inside()
    for count in (3, inside.MOST_LISTED + 5):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as many:
            for number in range(count):
                many.addfile(tarfile.TarInfo(f"f{number}"), io.BytesIO())
        listed = inside.look("application/x-tar", "a.tar", out.getvalue()).facts["files"]
        assert len(listed) == min(count, inside.MOST_LISTED)
        assert ("not_listed" in inside.look("application/x-tar", "a.tar", out.getvalue()).facts) == (count > 200)
    assert inside.look("application/x-tar", "a.tar", b"x" * 600) == inside.Inside()


def packed(*names: str, size: int = 3) -> bytes:
    """A tar.gz whose files hold so many bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, io.BytesIO(bytes(size)))
    return out.getvalue()


def test_compressed_archives_are_listed_with_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = inside.look("application/gzip", "a.tgz", packed("a/invoice.exe", "b.txt"))
    assert seen == inside.Inside("a/invoice.exe\nb.txt", {"files": [("a/invoice.exe", 3), ("b.txt", 3)]})
    monkeypatch.setattr(inside, "MOST_UNPACKED", 20_000)
    bomb = inside.look("application/gzip", "a.tar.gz", packed("big", "hidden.exe", size=1_000_000))
    assert bomb.facts == {"files": [("big", 1_000_000)], "not_listed": "rest"}
    half = inside.look("application/gzip", "a.tgz", packed("a", "b", size=9000)[:-9])
    assert half.facts["not_listed"] == "rest"
    assert inside.look("application/gzip", "a.gz", b"\x1f\x8bbroken" * 4) == inside.Inside()
    assert inside.look("application/gzip", "a.gz", b"\x1f\x8b") == inside.Inside()


def test_a_gzip_tells_the_name_of_its_file() -> None:
    out = io.BytesIO()
    with gzip.GzipFile("real.exe", "wb", fileobj=out) as file:
        file.write(b"MZ" * 50)
    named = out.getvalue()
    extra = named[:3] + bytes([named[3] | 4]) + named[4:10] + b"\x02\x00ab" + named[10:]
    for raw in (named, extra):
        assert inside.look("application/gzip", "x.gz", raw).facts == {"files": [("real.exe", 100)]}
    assert inside.look("application/gzip", "x.log.gz", gzip.compress(b"ab")).facts == {"files": [("x.log", 2)]}


def test_of_archives_that_we_cannot_list_it_is_said(context: Flask) -> None:
    row = files.keep("a.7z", b"7z\xbc\xaf\x27\x1c rest")
    assert row.facts == {"not_listed": "all"}
    assert files.keep("a.rar", b"Rar!\x1a\x07 rest").facts == {"not_listed": "all"}


def test_other_files_show_what_they_can() -> None:
    assert inside.look("text/plain", "log.txt", "來源 192.0.2.1".encode("big5")).words == "來源 192.0.2.1"
    assert inside.look("image/png", "a.png", b"\x89PNG") == inside.Inside()
    assert inside.look("text/plain", "a.txt", b"").words == ""
    assert inside.look("application/x-ole-storage", "a.doc", b"\xd0\xcf\x11\xe0") == inside.Inside()


def heic(**more: bytes) -> bytes:
    picture = Image.new("RGB", (60, 40), "red")
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, **more)
    return out.getvalue()


def test_a_photo_of_a_telephone_is_converted_and_kept(context: Flask) -> None:
    files.keep("photo.heic", heic())
    session.flush()
    kept = session.query(ReportFile).order_by(ReportFile.id).all()
    assert [(each.filename, each.media_type) for each in kept] == [
        ("photo.heic", "image/heic"),
        ("photo.heic.jpg", "image/jpeg"),
    ]


def test_a_damaged_or_huge_photo_is_kept_as_it_is(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    files.keep("photo.heic", heic()[:60])
    monkeypatch.setattr(photos, "MOST_PIXELS", 10)
    assert photos.to_jpeg(heic()) is None
    session.flush()
    assert session.query(ReportFile).count() == 1


@pytest.mark.parametrize("exif", [b"Exif\x00\x00no TIFF at all", b"Exif\x00\x00II*\x00"])
def test_a_photo_with_facts_that_are_none_is_kept_as_it_is(context: Flask, exif: bytes) -> None:
    files.keep("photo.heic", heic(exif=exif))
    session.flush()
    assert session.query(ReportFile).count() >= 1


def test_a_download_is_locked() -> None:
    raw = files.locked("../virus.exe", b"MZ")
    assert b"MZ" not in raw
    with pyzipper.AESZipFile(io.BytesIO(raw)) as archive:
        archive.setpassword(b"infected")
        assert {each: archive.read(each) for each in archive.namelist()} == {"virus.exe": b"MZ"}
