"""What machines report by mail is read as data; what only looks like it stays a report and says why."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, true

from cert_portal.core.db import session
from cert_portal.core.mail.message import parse
from cert_portal.core.pages import Page
from cert_portal.directory import organisations
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.intake.reconcile import reconcile
from cert_portal.monitoring import findings, machine_mail, tables
from cert_portal.monitoring.findings import Wanted
from cert_portal.monitoring.machine_mail import Unreadable
from cert_portal.monitoring.models import Finding
from tests.intake.messages import deliver, report
from tests.intake.test_documents import IODEF

SHARED = Path(__file__).parents[3] / "shared" / "data" / "xarf"
XARF: dict[str, Any] = {
    "xarf_version": "4.2.0",
    "report_id": "0b0c9c0e-0000-4000-8000-000000000001",
    "timestamp": "2026-05-01T15:15:24Z",
    "reporter": {"org": "Team", "contact": "a@team.example", "domain": "team.example"},
    "source_identifier": "203.0.113.45",
    "category": "content",
    "type": "phishing",
    "url": "http://login.bank.example/auth",
    "confidence": 0.9,
    "evidence": [{"content_type": "text/html", "payload": "PGI+"}],
}
V3 = "Report-Type: login-attack\nSource: 192.0.2.9\nSource-Type: ip-address\nReport-ID: 77@team.example\nDate: never\n"
CSV = (
    b'"timestamp","ip","asn","hostname","tag"\n'
    b'"2026-05-01 00:10:00","192.0.2.1","64500","a.member.example","x"\n'
    b'"2026-05-01 00:11:00","192.0.2.2","none","","x"\n'
)


def arf(fields: str, original: bytes = b"Subject: spam\n\nbuy") -> bytes:
    tail = b"--b\nContent-Type: message/rfc822\n\n" + original + b"\n" if original else b""
    head = (
        "From: fbl@isp.example\nSubject: complaint\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nAn abuse report\n--b\nContent-Type: message/feedback-report\n\n{fields}\n"
    )
    return head.encode() + tail + b"--b--\n"


def mail(filename: str, data: bytes, kind: str = "application/octet-stream", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "robot@team.example"
    message["Subject"] = f"Report {filename}"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("See the data")
    main, _, sub = kind.partition("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=filename)
    return message.as_bytes()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def kept() -> list[Finding]:
    return list(session.scalars(select(Finding).order_by(Finding.id)))


FULL = (
    "Feedback-Type: abuse\nUser-Agent: ISP-Feedback/1.0\nVersion: 1\nSource-IP: 192.0.2.7\n"
    "Arrival-Date: Fri, 01 May 2026 14:00:00 -0500\nReported-Domain: Shop.example\nReported-URI: http://shop.example/x\n"
)


@pytest.mark.parametrize("original", [b"Subject: spam\n\nbuy", b""])
def test_arf_is_a_finding_with_and_without_the_message(context: Flask, original: bytes) -> None:
    row = deliver(arf(FULL, original))
    assert row.outcome == "finding"
    found = kept()[0]
    assert (found.ip, found.domain, found.kind, found.feed) == (
        "192.0.2.7",
        "shop.example",
        "spam",
        "arf ISP-Feedback",
    )
    assert found.seen_at is not None
    assert found.receipt == row.receipt
    assert reconcile().difference == 0


def test_arf_in_base64_and_with_odd_fields() -> None:
    raw = (
        b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n"
        b"Content-Type: message/feedback-report\n\nFeedback-Type: fraud\nSource-IP: x.example\n"
        b"Reported-URI: http://a.example/\nArrival-Date: yesterday\n--b--\n"
    )
    seen = machine_mail.read(parse(raw), raw)[0]
    assert (seen.kind, seen.ip, seen.domain, seen.seen_at) == ("phishing", "", "x.example", None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (arf("Feedback-Type: abuse\nVersion: 1\n"), "arf_unreadable"),
        (mail("xarf.json", b"{", "application/json"), "xarf_unreadable"),
        (mail("xarf.json", b"[" * 5000, "application/json"), "xarf_unreadable"),
        (mail("xarf.json", b'{"xarf_version": "4.0.0"}', "application/json"), "xarf_unreadable"),
        (mail("xarf.json", b'{"Report": {"Source": {}}}', "application/json"), "xarf_unreadable"),
        (mail("i.xml", IODEF.replace("</Incident>", "", 1).encode(), "application/xml"), "iodef_unreadable"),
        (
            mail("2026-05-01-scan-x.csv", CSV + CSV.split(b"\n")[1] * 1 + b"\n" + (CSV.split(b"\n")[1] + b"\n") * 2000),
            "table_too_big",
        ),
    ],
    ids=["arf", "json", "deep", "v4", "v3", "iodef", "csv"],
)
def test_what_cannot_be_read_stays_a_report_and_says_why(context: Flask, raw: bytes, code: str) -> None:
    row = deliver(raw)
    assert row.outcome == "report"
    assert code in report(row.told).trouble
    assert kept() == []


def test_xarf_4_is_a_finding_once(context: Flask) -> None:
    raw = mail("xarf.json", json.dumps(XARF).encode(), "application/json")
    assert deliver(raw).told == "1 new of 1 from xarf team.example"
    assert deliver(raw + b"\n--again").told == "0 new of 1 from xarf team.example"
    found = kept()[0]
    assert (found.ip, found.kind, found.confidence, found.url) == ("203.0.113.45", "phishing", 90, XARF["url"])
    assert "evidence" not in found.raw


@pytest.mark.parametrize(("told", "kept_as"), [(55, 55), (True, None), ("high", None), (-1, None)])
def test_confidence_is_a_share_or_nothing(told: Any, kept_as: int | None) -> None:
    raw = mail("xarf.json", json.dumps({**XARF, "confidence": told, "reporter": None}).encode(), "application/json")
    assert machine_mail.read(parse(raw), raw)[0].confidence == kept_as


def test_xarf_3_as_yaml_and_as_json() -> None:
    raw = mail("report.txt", V3.encode(), "text/plain", X_XARF="PLAIN")
    seen = machine_mail.read(parse(raw), raw)[0]
    assert (seen.kind, seen.ip, seen.external_id) == ("intrusion", "192.0.2.9", "77@team.example")
    old = {"Version": "3", "ReporterInfo": {}, "Report": {"ReportType": "Spam", "Source": {"URL": "http://s.example/"}}}
    raw = mail("xarf.json", json.dumps(old).encode(), "application/json")
    assert machine_mail.read(parse(raw), raw)[0].url == "http://s.example/"


def test_a_persons_json_is_no_finding() -> None:
    raw = mail("settings.json", b"[1]", "application/json")
    assert machine_mail.read(parse(raw), raw) == []


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("2026-05-01-event4_sinkhole-hk.csv", CSV),
        ("2026-05-01-event4_sinkhole-hk.csv.gz", gzip.compress(CSV)),
        ("2026-05-01-event4_sinkhole-hk.zip", zipped(a__csv=CSV, readme__txt=b"x")),
    ],
)
def test_tables_make_one_finding_a_row_and_know_who_answers(context: Flask, filename: str, data: bytes) -> None:
    told = OrganisationTold("member", "Member Ltd", domains=["member.example"])
    organisations.add(told, actor="system")
    session.commit()
    row = deliver(mail(filename, data))
    assert (row.outcome, row.told) == ("finding", "2 new of 2 from shadowserver event4_sinkhole")
    first, second = kept()
    assert (first.asn, second.asn, first.kind, first.rsit) == (64500, None, "botnet", "malicious-code/infected-system")
    assert first.domain == "a.member.example"


def damaged(method: int) -> bytes:
    """A zip whose only table was hit within its compressed bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.csv", CSV * 20)
    raw = bytearray(out.getvalue())
    raw[46:76] = b"\xff" * 30
    return bytes(raw)


@pytest.mark.parametrize(
    ("filename", "data"),
    [
        ("orders.csv", b"name,price\nx,1\n"),
        ("a.csv", b"timestamp,ip,asn\n2026,no address,1\n"),
        ("a.zip", b"PK\x03\x04 broken"),
        ("a.zip", damaged(zipfile.ZIP_LZMA)),
        ("a.zip", damaged(zipfile.ZIP_BZIP2)),
        ("a.csv.gz", b"\x1f\x8b broken"),
        ("a.csv", b"timestamp,ip,asn\n" + b'"' + b"x" * 140_000),
        ("a.txt", CSV),
        ("a.csv", b""),
    ],
)
def test_a_persons_table_is_no_finding(filename: str, data: bytes) -> None:
    assert tables.rows(filename, data) == []


def test_tables_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    with pytest.raises(tables.TooBig):
        tables.rows("a.zip", zipped(a__csv=CSV, b__csv=CSV))
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    for name, data in (("a.csv", CSV), ("a.csv.gz", gzip.compress(CSV))):
        with pytest.raises(tables.TooBig):
            tables.rows(name, data)


def test_iodef_by_mail_makes_a_finding_of_each_incident(context: Flask) -> None:
    assert deliver(mail("i.xml", IODEF.encode(), "application/xml")).told.startswith("2 new of 2 from iodef")
    assert kept()[0].ip == "192.0.2.44"
    assert kept()[0].asn == 64501


def test_the_list_is_filtered_and_paged(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(mail("2026-05-01-event4_sinkhole-hk.csv", CSV))
    deliver(mail("xarf.json", json.dumps(XARF).encode(), "application/json"))
    assert findings.feeds(true()) == [("shadowserver event4_sinkhole", 2), ("xarf team.example", 1)]
    assert findings.organisations() == {}
    monkeypatch.setattr(findings, "PAGE", 2)
    page = findings.page(Wanted(), true())
    rows = page.rows
    assert (len(rows), page.after) == (2, "2")
    assert len(findings.page(Wanted(), true(), after=page.after).rows) == 1
    assert len(findings.page(Wanted(feed="xarf team.example"), true()).rows) == 1
    assert len(findings.everything(Wanted("open", "xarf team.example"), true())) == 1
    assert findings.page(Wanted(organisation=7), true()) == Page([], "")
    assert [each.where for each in findings.page(Wanted("open"), true()).rows] == [rows[0].where, rows[1].where]


@pytest.mark.skipif(not SHARED.exists(), reason="the samples are not here")
def test_every_sample_of_the_standard_is_read() -> None:
    for path in [*(SHARED / "v4").glob("*.json"), *(SHARED / "v3").glob("*.json")]:
        raw = mail("xarf.json", path.read_bytes(), "application/json")
        assert machine_mail.read(parse(raw), raw), path.name


@given(st.binary(max_size=300), st.sampled_from(["xarf.json", "a.csv", "a.zip", "a.csv.gz", "i.xml", "report.txt"]))
@hypothesis_settings(max_examples=150)
def test_nothing_escapes_whatever_a_machine_sends(data: bytes, filename: str) -> None:
    prefix = b"urn:ietf:params:xml:ns:iodef-2.0" if filename == "i.xml" else b""
    raw = mail(filename, prefix + data)
    with suppress(Unreadable):
        machine_mail.read(parse(raw), raw)


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.floats(),
        lambda inner: st.dictionaries(st.sampled_from(["Source", "IP", "Report", "type", "reporter", "domain"]), inner),
        max_leaves=8,
    )
)
@hypothesis_settings(max_examples=150)
def test_nothing_escapes_whatever_the_json_holds(told: Any) -> None:
    more: dict[str, Any]
    for more in ({"xarf_version": "4.0.0", "source_identifier": "x"}, {"Report": {}}):
        whole = {**more, **(told if isinstance(told, dict) else {"type": told})}
        raw = mail("xarf.json", json.dumps(whole).encode(), "application/json")
        with suppress(Unreadable):
            machine_mail.read(parse(raw), raw)


def test_a_person_who_writes_of_such_reports_is_no_machine(context: Flask) -> None:
    raw = b"From: ann@shop.example\nSubject: question\n\nWhat is message/feedback-report?"
    assert deliver(raw).outcome == "report"


@pytest.mark.parametrize("subject", ["Fwd: report of today", "轉寄：今日的報告"])
def test_what_a_person_passes_on_with_a_question_is_a_report_and_answered(context: Flask, subject: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ann@shop.example", subject
    mail.set_content("We got this from abroad. What should we do?")
    mail.add_attachment(CSV, "text", "csv", filename="2026-05-01-scan_ssl-member.csv")
    row = deliver(mail.as_bytes())
    assert row.outcome == "report"
    made = report(row.told)
    assert (made.ack_address, "What should we do?" in made.text) == ("ann@shop.example", True)
    assert [each.filename for each in made.files] == ["2026-05-01-scan_ssl-member.csv"]


def test_files_of_one_message_share_the_room_to_unpack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables.Room, "__init__", lambda room: setattr(room, "left", 2 * len(CSV)))
    packed = gzip.compress(CSV)
    mail = EmailMessage()
    mail["From"] = "autoreports@feed.example"
    for n in range(3):
        mail.add_attachment(packed, "application", "gzip", filename=f"2026-05-0{n + 1}-scan_ssl.csv.gz")
    raw = mail.as_bytes()
    with pytest.raises(Unreadable, match="table_too_big"):
        machine_mail.read(parse(raw), raw)
    assert tables.rows("a.csv", b"name,place\n" + b"x,y\n" * 9) == []
