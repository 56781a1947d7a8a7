"""Pages of a fax: made by independent tools, seen as pictures, read by a machine, decided by a person."""

from __future__ import annotations

import io
import struct
import subprocess
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from cert_portal.core import blobs, search
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail import spool
from cert_portal.core.pdf import to_pdf
from cert_portal.directory import accounts
from cert_portal.intake import files, pages, transcript
from cert_portal.intake.mail import take
from cert_portal.intake.models import FaxPage, Report
from workers.intake import read_fax

PAGE = (
    "<p style='font-size:24pt'>Report of a phishing message</p>"
    "<p style='font-size:24pt;break-before:page'>收到銀行的可疑短訊</p>"
)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return to_pdf(PAGE)


def drawn(data: bytes) -> list[pages.Picture]:
    """The pages that could be read."""
    return [each for each in pages.pictures(data) if each]


def tiff(pdf: bytes, folder: Path, device: str, resolution: str) -> bytes:
    """A fax as a gateway makes it, by Ghostscript."""
    (folder / "in.pdf").write_bytes(pdf)
    command = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", f"-sDEVICE={device}", f"-r{resolution}"]
    subprocess.run([*command, f"-sOutputFile={folder}/out.tif", f"{folder}/in.pdf"], check=True)
    return (folder / "out.tif").read_bytes()


@pytest.mark.parametrize(("device", "resolution"), [("tiffg3", "204x98"), ("tiffg4", "204x98"), ("tiffg4", "204x196")])
def test_the_pages_of_a_fax_are_upright_with_square_pixels(
    pdf: bytes, tmp_path: Path, device: str, resolution: str
) -> None:
    found = drawn(tiff(pdf, tmp_path, device, resolution))
    assert len(found) == 2
    for each in found:
        with Image.open(io.BytesIO(each.png)) as picture:
            assert (picture.format, picture.size) == ("PNG", (each.width, each.height))
        assert each.width == 1728
        assert each.height / each.width == pytest.approx(297 / 210, rel=0.05)


def test_a_pdf_is_seen_too_and_both_languages_are_read(pdf: bytes) -> None:
    english, chinese = drawn(pdf)
    assert "phishing message" in pages.words(english)
    assert "銀行" in "".join(pages.words(chinese).split())


def test_a_coarse_fax_can_be_read(pdf: bytes, tmp_path: Path) -> None:
    assert "phishing" in pages.words(drawn(tiff(pdf, tmp_path, "tiffg3", "204x98"))[0])


@pytest.mark.parametrize("data", [b"II*\x00" + b"x" * 50, b"%PDF-1.4 nonsense", b"MM\x00*"])
def test_what_cannot_be_read_has_no_pages(data: bytes) -> None:
    assert pages.pictures(data) == []


def test_a_fax_of_very_many_pages_ends_and_a_wide_one_is_made_smaller() -> None:
    out = io.BytesIO()
    one = Image.new("1", (4000, 20), 1)
    one.save(out, "TIFF", save_all=True, append_images=[one] * 60, dpi=(2000, 1))
    found = pages.pictures(out.getvalue())
    assert found[0] is not None
    assert (len(found), found[0].width, found[0].height) == (61, 2000, 10)
    assert found[50:] == [None] * 11, "those beyond fifty are not drawn, and counted"
    out = io.BytesIO()
    one.save(out, "TIFF", save_all=True, append_images=[one] * 250)
    assert len(pages.pictures(out.getvalue())) == pages.MOST_COUNTED


def damaged(place: int) -> bytes:
    """Three pages of a fax, one of which is rubbish."""
    out, page = io.BytesIO(), Image.effect_noise((1728, 600), 80).convert("1")
    page.save(out, "TIFF", compression="tiff_adobe_deflate", save_all=True, append_images=[page, page])
    raw = bytearray(out.getvalue())
    with Image.open(io.BytesIO(bytes(raw))) as whole:
        whole.seek(place)
        tags: Any = whole
        start, size = tags.tag_v2[273][0], tags.tag_v2[279][0]
    raw[start : start + size] = b"\xff" * size
    return bytes(raw)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_damaged_page_takes_no_other_along_and_leaves_a_gap(place: int) -> None:
    assert [each is None for each in pages.pictures(damaged(place))] == [each == place for each in range(3)]


def test_a_fax_that_was_cut_off_says_that_there_was_more() -> None:
    out, page = io.BytesIO(), Image.effect_noise((1728, 600), 80).convert("1")
    page.save(out, "TIFF", save_all=True, append_images=[page] * 3)
    found = pages.pictures(out.getvalue()[: len(out.getvalue()) // 2])
    assert found[0] is not None
    assert found[-1] is None


def test_pages_of_a_pdf_beyond_those_that_are_drawn_are_counted(pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 1)
    assert [each is None for each in pages.pictures(pdf)] == [False, True]
    monkeypatch.setattr(pages, "_picture", lambda _page: struct.unpack("<H", b""))
    assert pages.pictures(pdf) == []


def test_a_pdf_whose_pages_nobody_can_count_shows_those_that_are_drawn(
    pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = pages._run

    def only_drawing(command: list[str], data: bytes) -> bytes:
        if command[0] == "pdfinfo":
            raise OSError
        return run(command, data)

    monkeypatch.setattr(pages, "_run", only_drawing)
    assert [each is None for each in pages.pictures(pdf)] == [False, False]


def test_a_page_of_absurd_size_is_not_drawn() -> None:
    out = io.BytesIO()
    Image.new("1", (10_000, 5000), 1).save(out, "TIFF", compression="group4")
    assert pages.pictures(out.getvalue()) == []


def test_without_the_reading_machine_nothing_is_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LIMITS", ("/nowhere/prlimit",))
    assert pages.words(pages.Picture(b"", 1, 1)) == ""
    monkeypatch.undo()
    assert pages.words(pages.Picture(b"no picture", 1, 1)) == ""


def fax(*attachments: tuple[str, bytes]) -> Report:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "fax@gateway.example", 'Fax received from "2345 6789"'
    mail.set_content("Pages: 2")
    for name, data in attachments:
        mail.add_attachment(data, "image", "tiff", filename=name)
    told = take(spool.store(mail.as_bytes(), "fax"))
    report = session.query(Report).filter_by(number=told.told).one()
    session.commit()
    return report


@pytest.fixture
def work(context: Flask) -> Callable[[int], None]:
    def run(report_id: int) -> None:
        session.remove()
        read_fax(report_id)

    return run


def test_a_fax_is_seen_read_and_set_down_by_a_person(
    context: Flask, work: Callable[[int], None], pdf: bytes, tmp_path: Path
) -> None:
    report = fax(("fax.tif", tiff(pdf, tmp_path, "tiffg3", "204x98")))
    number = report.id
    assert transcript.unfinished() == [number]
    work(number)
    work(number)
    assert transcript.unfinished() == []
    report = session.get_one(Report, number)
    first, second = transcript.pages(report)
    assert (first.page, first.saved_at, second.page) == (1, None, 2)
    assert "phishing" in first.text
    assert blobs.get(first.blob_key).startswith(b"\x89PNG")
    assert [each.data for each in session.query(Event).filter_by(kind="report.pages_read")] == [
        {"pages": 2, "unread": 0}
    ]
    assert search.find("R", "accountant") == []
    ann = accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["operator"])
    transcript.save(report, first, "The accountant paid", ann)
    assert (first.text, first.saved_by) == ("The accountant paid", ann.id)
    assert search.find("R", "accountant") == [number]
    assert transcript.find(report, first.file_id, 2) is second
    assert transcript.find(report, first.file_id, 3) is None
    session.commit()
    files.forget_unused(age=files.timedelta(0))
    assert blobs.get(first.blob_key)


def without_size(pages: int = 2) -> bytes:
    """So many pages, of which all but the first do not say how wide they are."""
    out, page = io.BytesIO(), Image.new("1", (40, 20))
    page.save(out, "TIFF", save_all=True, append_images=[page] * (pages - 1))
    raw = bytearray(out.getvalue())
    here = int.from_bytes(raw[4:8], "little")
    for _page in range(pages - 1):
        link = here + 2 + 12 * int.from_bytes(raw[here : here + 2], "little")
        here = int.from_bytes(raw[link : link + 4], "little")
        assert raw[here + 2 : here + 4] == b"\x00\x01"
        raw[here + 2 : here + 4] = b"\xff\x00"
    return bytes(raw)


def test_two_pages_in_a_row_that_lead_nowhere_end_it() -> None:
    assert [each is None for each in pages.pictures(without_size(5))] == [False, True]


def test_a_page_without_a_size_does_not_stop_the_next_file(
    context: Flask, work: Callable[[int], None], pdf: bytes
) -> None:
    number = fax(("fax.tif", without_size()), ("fax.pdf", pdf)).id
    work(number)
    assert [each.page for each in session.query(FaxPage).order_by(FaxPage.file_id, FaxPage.page)] == [1, 2, 1, 2]
    read = [each.data for each in session.query(Event).filter_by(kind="report.pages_read").order_by(Event.id)]
    assert read == [{"pages": 1, "unread": 1}, {"pages": 2, "unread": 0}]
    first = session.query(FaxPage).order_by(FaxPage.file_id).first()
    assert first is not None
    assert transcript.find(session.get_one(Report, number), first.file_id, 2) is None, "a gap has no picture"


def test_a_fax_that_nobody_can_read_says_so_once(context: Flask, work: Callable[[int], None]) -> None:
    number = fax(("fax.tif", b"II*\x00 nonsense")).id
    work(number)
    page = session.query(FaxPage).one()
    assert (page.page, page.blob_key) == (0, "")
    assert transcript.unfinished() == []
    report = session.get_one(Report, number)
    assert transcript.find(report, page.file_id, 0) is None
    transcript.keep(number, page.file_id, [])
    assert session.query(FaxPage).count() == 1
    assert transcript.look("0" * 64) == []
