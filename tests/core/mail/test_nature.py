"""Who wrote this, and who may be answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from cert_portal.core.mail import nature
from cert_portal.core.mail.message import parse

BOUNCES = sorted((Path(__file__).parents[4] / "shared" / "data" / "mail-bounces").glob("*.eml"))


def mail(*headers: str, body: str = "words") -> bytes:
    return "\r\n".join(["From: Ann <ann@shop.example>", *headers, "", body]).encode()


@pytest.mark.parametrize(
    "raw",
    [
        mail('Content-Type: multipart/report; report-type=delivery-status; boundary="x"'),
        mail("Return-Path: <>", "Subject: Undeliverable: hello"),
        mail("Return-Path: <>", "Subject: 退信通知"),
        b"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nSubject: whatever\r\n\r\nx",
        b"From: Mail-Daemon <postmaster@mx.example>\r\nSubject: failure notice\r\n\r\nx",
        b'From: no-reply@sns.amazonaws.com\r\n\r\n{"notificationType":"Bounce","bounce":{}}',
    ],
)
def test_bounces(raw: bytes) -> None:
    assert nature.is_bounce(parse(raw))


def test_a_person_who_speaks_of_delivery_is_no_bounce() -> None:
    assert not nature.is_bounce(parse(mail("Subject: Undeliverable parcel, is this phishing?")))
    assert not nature.is_bounce(parse(mail("Content-Type: multipart/report; report-type=feedback-report; boundary=x")))
    assert not nature.is_bounce(parse(mail(body='{"notificationType":"Bounce"} is what I got: what is it?')))
    assert not nature.is_bounce(parse(b"From: no-reply@sns.amazonaws.com\r\n\r\nAlarm: the disk is full"))


@pytest.mark.parametrize(
    "headers",
    [
        ["Auto-Submitted: auto-replied"],
        ["X-Autoreply: yes"],
        ["Precedence: auto_reply"],
        ["Content-Type: multipart/report; report-type=disposition-notification; boundary=x"],
        ["Subject: Automatic reply: [R26-000417-0]", "In-Reply-To: <x@y>"],
        ["Subject: 自動回覆: 你好", "Return-Path: <>"],
        ["Subject: Out of office", "Auto-Submitted: auto-generated"],
    ],
)
def test_automatic_answers(headers: list[str]) -> None:
    assert nature.is_auto_reply(parse(mail(*headers)))


def test_a_person_out_of_office_is_still_a_person() -> None:
    assert not nature.is_auto_reply(parse(mail("Subject: Out of office hours hotline?")))


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "List-Id: <news.example>",
        "X-Auto-Response-Suppress: All",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=x",
        "X-Loop: us",
        "Reply-To: noreply@shop.example",
        "Reply-To: mailer-daemon@shop.example",
        "Reply-To: list-request@shop.example",
        "Reply-To: bounces+12@shop.example",
    ],
)
def test_nobody_may_be_answered(header: str) -> None:
    assert nature.may_answer(parse(mail(header))) == ""


def test_a_person_may_be_answered() -> None:
    assert nature.may_answer(parse(mail("Auto-Submitted: no"))) == "ann@shop.example"
    assert nature.may_answer(parse("From: jd@mächine.example\r\n\r\nx".encode())) == ""
    assert nature.may_answer(parse(b"Subject: no sender\r\n\r\nx")) == ""


def test_sealed_parts_are_found() -> None:
    armour = "-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----"
    assert nature.sealed_part(parse(mail(body=f"hello\n{armour}\n"))) == armour.encode()
    assert nature.sealed_part(parse(mail())) is None
    mime = (
        "Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n"
        f"Version: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n{armour}\r\n--b--"
    )
    assert b"BEGIN PGP MESSAGE" in (nature.sealed_part(parse(mime.encode())) or b"")
    empty = parse(mime.replace("BEGIN PGP MESSAGE", "BEGIN NOTHING").encode())
    assert nature.sealed_part(empty) is None


@pytest.mark.skipif(not BOUNCES, reason="the sample mails are not part of the repository")
def test_real_bounces_are_never_answered() -> None:
    missed = []
    for path in BOUNCES:
        each = parse(path.read_bytes())
        if not (nature.is_bounce(each) or nature.is_auto_reply(each) or each.report_type == "feedback-report"):
            missed.append(path.name)
    assert len(missed) <= len(BOUNCES) * 0.05, missed


def test_a_report_without_any_sender_is_a_bounce() -> None:
    assert nature.is_bounce(parse(b"From: <>\nSubject: Delivery Status\n\nno such user"))
    assert not nature.is_bounce(parse(b"From: <>\nSubject: my parcel\n\nno such user"))


@pytest.mark.parametrize(
    ("head", "person"),
    [
        ("Subject: Fwd: 2026-05-01 report", True),
        ("Subject: 轉寄：報告", True),
        ("Subject: report\nIn-Reply-To: <1@shop.example>", True),
        ("Subject: Forward proxy scan", False),
        ("Subject: Re: report\nAuto-Submitted: auto-generated", False),
    ],
)
def test_what_a_person_passes_on(head: str, person: bool) -> None:
    assert nature.is_passed_on(parse(f"From: ann@shop.example\n{head}\n\nx".encode())) is person
    report = "Content-Type: multipart/report; report-type=feedback-report; boundary=b"
    raw = f"From: fbl@isp.example\n{head}\n{report}\n\n--b\nContent-Type: text/plain\n\nx\n--b--\n"
    assert not nature.is_passed_on(parse(raw.encode())), "RFC 5965's own example has the subject FW: Earn money"
