"""What is seen of archives, and that not everything in them was seen."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from flask import Flask

from cert_portal.core.db import session, start_writing
from cert_portal.intake import files, inside
from cert_portal.intake.models import Report
from tests.web.staff.desk import report, sign_in


@pytest.mark.parametrize(
    ("language", "none", "rest"),
    [
        ("en", "The content of this archive is not listed.", "There is more in it than is listed here."),
        ("zh-hant", "此壓縮檔的內容未有列出。", "內裏的檔案多於此處所列。"),
    ],
)
def test_what_is_not_listed_is_said(
    app: Flask, language: str, none: str, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside, "MOST_LISTED", 2)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name in ("one.txt", "two.exe", "three.exe"):
            archive.addfile(tarfile.TarInfo(name))
    number = report(app)
    start_writing()
    with app.app_context():
        row = session.query(Report).one()
        for name, data in (
            ("a.7z", b"7z\xbc\xaf\x27\x1c rest"),
            ("b.tgz", out.getvalue()),
            ("c.gz", gzip.compress(b"x")),
        ):
            files.keep(name, data, report_id=row.id)
        session.commit()
    page = sign_in(app, "Ann", "analyst", language=language).get(f"/staff/reports/{number}").text
    assert (page.count(none), page.count(rest)) == (1, 1)
    assert "two.exe" in page
    assert "three.exe" not in page
