"""Pages of a fax on the page of the report."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from PIL import Image

from cert_portal.core import blobs
from cert_portal.core.db import session, start_writing
from cert_portal.intake import files, transcript
from cert_portal.intake.models import FaxPage, Report
from cert_portal.intake.pages import Picture
from tests.web.staff.desk import check_places, report, sign_in


def png() -> bytes:
    out = io.BytesIO()
    Image.new("L", (20, 30), 255).save(out, "PNG")
    return out.getvalue()


def test_pages_stand_beside_their_words_and_only_as_our_own_pictures(app: Flask) -> None:
    client = sign_in(app, "Olive", "operator")
    number = report(app)
    start_writing()
    with app.app_context():
        found = session.query(Report).one()
        file = files.keep("fax.tif", b"II*\x00 a fax", report_id=found.id)
        other = files.keep("other.tif", b"II*\x00 nonsense", report_id=found.id)
        session.flush()
        transcript.keep(found.id, file.id, [(Picture(png(), 20, 30), "Read by a machine")])
        transcript.keep(found.id, other.id, [])
        session.commit()
        file_id = file.id
    page = client.get(f"/staff/reports/{number}").text
    assert "Proposal of a machine" in page
    assert "No page could be read in this file" in page
    check_places(page)
    address = f"/staff/reports/{number}/files/{file_id}/pages/1"
    answer = client.get(address)
    assert (answer.content_type, answer.data) == ("image/png", png())
    assert client.get(f"/staff/reports/{number}/files/{file_id}/pages/2").status_code == 404
    assert client.post(address, data={"text": "What it says"}).status_code == 302
    page = client.get(f"/staff/reports/{number}").text
    assert "Saved by a person" in page
    assert "What it says" in page
    with app.app_context():
        blobs.delete(session.query(FaxPage).filter_by(page=1).one().blob_key)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "2 pages of this fax could not be read: <strong>2, 4</strong>"),
        ("zh-hant", "這份傳真有 2 頁未能讀取：<strong>2、4</strong>"),
    ],
)
def test_pages_that_could_not_be_read_are_named(app: Flask, language: str, said: str) -> None:
    number = report(app)
    start_writing()
    with app.app_context():
        file = files.keep("fax.tif", b"II*\x00 a fax", report_id=session.query(Report).one().id)
        session.flush()
        page = (Picture(png(), 20, 30), "words")
        transcript.keep(session.query(Report).one().id, file.id, [page, (None, ""), page, (None, "")])
        session.commit()
    shown = sign_in(app, "Olive", "operator", language=language).get(f"/staff/reports/{number}").text
    assert said in shown
    assert shown.count('<article class="staff-page">') == 2
