"""The printed form comes back by fax: recognised by its code, read box by box, proposed."""

from __future__ import annotations

import io
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw, ImageFont

from cert_portal.core import numbers
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.mail import spool
from cert_portal.guidance import kinds
from cert_portal.intake import pages, paper, status
from cert_portal.intake.mail import take
from cert_portal.intake.models import Report
from workers.intake import read_fax

pytestmark = pytest.mark.slow
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
SAID = {"name": "CHAN TAI MAN", "organisation": "HARBOUR BAKERY", "telephone": "2345 6789"}


def printed(app: Flask, language: str = "en") -> bytes:
    """The form as a visitor gets it."""
    session.rollback()
    made = app.test_client().post(f"/{language}/report/form.pdf")
    assert made.mimetype == "application/pdf"
    return made.data


def filled(pdf: bytes, said: dict[str, str], ticks: tuple[str, ...], turn: float = 0.0) -> bytes:
    """Filled in by hand and sent through a fax machine: black and white, a little askew."""
    out = []
    for number, page in enumerate([each for each in pages.pictures(pdf) if each], start=1):
        image = Image.open(io.BytesIO(page.png)).convert("L")
        pen, dots = ImageDraw.Draw(image), image.width / 210
        for box in paper.FIELDS:
            if box.page == number and box.key in said:
                font = ImageFont.truetype(FONT, round(6 * dots))
                pen.text(((box.left + 3) * dots, (box.top + 1) * dots), said[box.key], fill=0, font=font)
        for box in paper.TICKS:
            if box.page == number and box.key in ticks:
                left, top, right, down = (each * dots for each in (box.left, box.top, box.left + 6, box.top + 6))
                pen.line((left + 8, top + 8, right - 8, down - 8), fill=0, width=5)
                pen.line((right - 8, top + 8, left + 8, down - 8), fill=0, width=5)
        out.append(image.rotate(turn, fillcolor=255, resample=Image.Resampling.BICUBIC).convert("1"))
    data = io.BytesIO()
    out[0].save(data, "TIFF", save_all=True, append_images=out[1:], compression="group4", dpi=(200, 200))
    return data.getvalue()


def faxed(tiff: bytes, serial: int = 1) -> Report:
    """It arrives from the gateway and its pages are read."""
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "gateway@fax.example", "Fax from 23456789", f"<{serial}@fax>"
    mail.set_content("A fax")
    mail.add_attachment(tiff, maintype="image", subtype="tiff", filename="fax.tif")
    row = take(spool.store(mail.as_bytes(), "fax"))
    session.commit()
    number = session.query(Report.id).filter_by(number=row.told).scalar()
    session.rollback()
    read_fax(number)
    session.expire_all()
    return session.get_one(Report, number)


@pytest.mark.parametrize(("turn", "language"), [(1.5, "zh-hant"), (-178.0, "en")])
def test_a_returned_form_is_recognised_and_its_fields_are_proposed(context: Flask, turn: float, language: str) -> None:
    report = faxed(filled(printed(context, language), SAID, ("ransomware",), turn))
    form = report.details["form"]
    assert numbers.resolve(form) == (numbers.NumberKind.REPORT, report.id)
    assert report.details["proposed"] == ["name", "organisation", "telephone"] or report.details["proposed"] == [
        "name",
        "organisation",
    ]
    assert report.details["name"].upper() == "CHAN TAI MAN"
    assert report.details["organisation"].upper() == "HARBOUR BAKERY"
    assert (report.kind, report.language) == ("ransomware", language)
    assert report.ack_address == ""
    told = status.look_up(form, status.secret_of(form))
    assert told is not None
    assert told.number == report.number
    [said] = [event.data for event in of_subjects([report.number]) if event.kind == "report.form_read"]
    assert (said["before"], said["after"]) == ("not_sure", "ransomware"), "figures count the kind by this"


def test_chinese_is_read_and_two_ticks_decide_nothing(context: Flask) -> None:
    report = faxed(filled(printed(context), {"description": "收到銀行的可疑短訊"}, ("phishing", "botnet")))
    assert "短訊" in report.details["description"].replace(" ", "")
    assert report.kind == "not_sure"


def test_a_form_sent_twice_leads_to_the_first_report(context: Flask) -> None:
    tiff = filled(printed(context), SAID, ())
    first, second = faxed(tiff), faxed(tiff + b"\0", 2)
    assert paper.another(first) == ""
    assert paper.another(second) == first.number
    assert paper.another(Report(details={})) == ""


def test_a_code_that_is_not_ours_is_no_form(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "_mark", lambda number: "0" * 12)
    tiff = filled(printed(context), SAID, ())
    monkeypatch.undo()
    report = faxed(tiff)
    assert "form" not in report.details
    assert paper.read([]) is None


def test_every_kind_can_be_ticked_and_no_box_leaves_the_page() -> None:
    assert {box.key for box in paper.TICKS} <= {kind.code for kind in kinds.load()}
    for box in (paper.CODE, *paper.FIELDS, *paper.TICKS):
        assert box.left + box.width <= 200, box
        assert box.top + box.height <= 262, box


def test_what_was_told_is_not_written_over(context: Any) -> None:
    report = Report(
        details={"name": "Ann", "description": "x"}, reporter_name="Ann", kind="phishing", number="R26-000001-5"
    )
    form = paper.Read("R26-000009-9", Language.EN, {"name": "Ben", "description": "y", "email": ""}, ("botnet",))
    report.id = 1
    paper.fill(report, form)
    assert (report.details["name"], report.details["description"]) == ("Ann", "y")
    assert (report.reporter_name, report.kind, report.language) == ("Ann", "phishing", "en")
    report.language, report.details = "zh-hant", report.details | {"edited": ["language"]}
    paper.fill(report, form)
    assert report.language == "zh-hant", "a person set it"
