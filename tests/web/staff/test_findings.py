"""Findings at the desk, and what the desk sees of a report that came by the other ways."""

from __future__ import annotations

import io
import zipfile

from flask import Flask

from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.intake import files
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from tests.web.staff.desk import sign_in

MAIL = (
    b"From: Bank <a@bad.example>\nReply-To: b@worse.example\nReceived: from evil.example by mx\nSubject: Pay\n"
    b"Message-ID: <1@bad.example>\nDate: Fri, 01 May 2026 10:00:00 +0000\n\nGo to http://bad.example/login now\n"
)


def test_findings_are_listed_and_filtered(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    assert "No findings" in client.get("/staff/findings").text
    start_writing()
    with app.app_context():
        seen = [Seen("feed a", "botnet", ip=f"192.0.2.{n}", raw={"n": n}) for n in range(60)]
        findings.keep([*seen, Seen("feed b", "phishing", url="http://bad.example/x")], None)
        session.commit()
    page = client.get("/staff/findings").text
    assert "hxxp://bad[.]example/x" in page
    assert "Nobody known" in page
    assert "before=" in page
    only = client.get("/staff/findings?feed=feed+b&organisation=x").text
    assert "192" not in only.partition("<tbody")[2]
    assert client.get("/staff/findings?before=3").text.count("staff-hash") == 4


def test_the_desk_sees_answers_indicators_and_what_is_inside_files(app: Flask) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("invoice.exe", b"MZ")
    with app.app_context():
        told = Submission(
            Language.EN,
            description="x",
            kind="phishing",
            answers={"money_sent": "yes"},
            indicators="10:11:12.345 Apache 2.4.62 GET http://bad.example/i",
            for_whom="Bakery Ltd",
            for_whom_contact="no",
            reference="T-17",
            restriction="TLP:GREEN",
            together=["R26-000002-0"],
        )
        report = receive(told, Channel.API)
        number, report_id = report.number, report.id
        files.keep("suspicious.eml", MAIL, report_id=report_id)
        files.keep("a.zip", out.getvalue(), report_id=report_id)
        session.commit()
    page = sign_in(app, "Ann", "analyst").get(f"/staff/reports/{number}").text
    assert "10:11:12.345 Apache 2.4.62 GET hxxp://bad[.]example/i" in page
    for words in ("Was money sent?", "Bakery Ltd", "may be contacted: No", "T-17", "TLP:GREEN", "R26-000002-0"):
        assert words in page, words
    for words in ("Reply-To", "worse", "evil", "hxxp://bad[.]example/login", "invoice.exe"):
        assert words in page, words
    assert "http://bad.example" not in page.partition("What it names")[0].partition("Inside")[2]
