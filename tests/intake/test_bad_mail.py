"""What a stranger may send: kept as it came, read as far as it goes, never an error, never lost."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from cert_portal import config
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.core.numbers import NumberKind
from cert_portal.intake.models import MailReceipt, Outcome, ReportState
from cert_portal.intake.reconcile import reconcile
from tests.intake.messages import deliver, report, with_file

FROM = b"From: ann@shop.example\r\n"


def bomb() -> bytes:
    """A small archive that unpacks to 60 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(60_000_000))
    return made.getvalue()


def thousand_parts() -> bytes:
    """A thousand attachments."""
    part = b"--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n"
    return FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 1000 + b"--b--\r\n"


def nested(depth: int) -> bytes:
    """Parts within parts within parts."""
    frame = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return FROM + b"".join(frame % (n, n) for n in range(depth)) + b"\r\nwords"


def kept(row: MailReceipt) -> bytes:
    return spool.read(row.receipt)[1]


@pytest.mark.parametrize(
    ("raw", "trouble"),
    [
        (thousand_parts(), "too_many_parts"),
        (FROM + b"X-Long: " + b"a" * 1_000_000 + b"\r\nSubject: s\r\n\r\nwords", "header_too_long"),
        (nested(30), "nested_too_deep"),
        (nested(3000), "nested_too_deep"),
        (FROM + b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"x", "nested_too_deep"),
    ],
    ids=["parts", "header", "nested", "nested-deep", "forwards"],
)
def test_absurd_messages_are_set_aside_whole(context: Flask, run_jobs: Any, raw: bytes, trouble: str) -> None:
    row = deliver(raw)
    assert row.outcome == Outcome.QUARANTINED
    assert kept(row) == raw
    number = row.told
    assert trouble in report(number).trouble
    assert reconcile().difference == 0
    assert deliver(raw).outcome == Outcome.DUPLICATE
    session.remove()
    run_jobs()
    assert report(number).state == ReportState.QUARANTINED


def test_a_message_that_is_too_big_is_set_aside_whole(context: Flask) -> None:
    config.use(replace(config.current(), message_megabytes=1))
    raw = FROM + b"Subject: big\r\n\r\n" + b"words " * 200_000
    row = deliver(raw)
    assert (row.outcome, row.size, row.subject) == (Outcome.QUARANTINED, len(raw), "big")
    assert kept(row) == raw
    assert report(row.told).trouble == ["message_too_big"]


@pytest.mark.parametrize(
    ("charset", "data", "words"),
    [
        ("utf-8", "公司電腦".encode("big5"), "公司電腦"),
        ("x-unheard-of", "公司電腦".encode(), "公司電腦"),
        ("us-ascii", "公司電腦".encode(), "公司電腦"),
        ("idna", b"\xff\xfe\xfa", ""),
        ("a\x00b", b"caf\xe9", "caf"),
        ("undefined", b"\x80words", "words"),
        ("unicode_escape", rb"\d plain", r"\d plain"),
    ],
)
def test_wrong_encodings_are_read_as_well_as_can_be(context: Flask, charset: str, data: bytes, words: str) -> None:
    row = deliver(FROM + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + data)
    assert row.outcome == Outcome.REPORT
    assert words in report(row.told).text
    assert kept(row).endswith(data)


def test_a_word_that_was_cut_off_is_read_as_far_as_it_goes(context: Flask) -> None:
    assert report(deliver(FROM + b"Subject: =?utf-8?B?YWJjZ?=\r\n\r\nwords").told).title == "abc"


def test_a_charset_in_pieces_is_no_error(context: Flask) -> None:
    row = deliver(FROM + b"Content-Type: text/plain; charset*=utf-8''utf-8\r\n\r\n\xe4\xb8")
    assert row.outcome == Outcome.REPORT


def test_nul_bytes_are_left_out_of_the_words_only(context: Flask) -> None:
    raw = b"From: a\x00nn@shop.example\r\nSubject: he\x00lp\r\nMessage-ID: <\x001@x>\r\n\r\nwo\x00rds"
    row = deliver(raw)
    made = report(row.told)
    assert (made.title, made.text, made.trouble) == ("help", "words", ["nul_bytes"])
    assert kept(row) == raw
    named = report(deliver(with_file("a\x00b.txt", b"x\x00y")).told)
    assert named.files[0].filename in ("ab.txt", "a_b.txt", "a b.txt")


def test_a_file_that_lies_and_a_bomb_are_kept_and_marked(context: Flask) -> None:
    lies = report(deliver(with_file("holiday.jpg", b"MZ\x90 program")).told)
    [file] = lies.files
    assert (file.media_type, file.notes) == ("application/vnd.microsoft.portable-executable", ["type_lies"])
    data = bomb()
    [file] = report(deliver(with_file("backup.zip", data)).told).files
    assert (file.size, file.notes) == (len(data), ["archive_bomb"])


@pytest.mark.parametrize(
    "date", [b"Mon, 1 Jan 0000 00:00:00 +0000", b"Fri, 31 Dec 9999 23:59:59 -9999", b"yesterday", b"1 Jan 0001 0:0"]
)
def test_impossible_dates_are_no_error(context: Flask, date: bytes) -> None:
    row = deliver(FROM + b"Date: " + date + b"\r\n\r\nwords")
    assert row.outcome == Outcome.REPORT
    assert report(row.told).received_at.year >= 2026


def test_long_names_and_subjects_are_cut_not_refused(context: Flask) -> None:
    raw = b"From: " + b"N" * 10_000 + b" <ann@shop.example>\r\nSubject: " + b"s" * 10_000 + b"\r\n\r\nwords"
    made = report(deliver(raw).told)
    assert (len(made.reporter_name), len(made.title)) == (200, 200)


def test_very_many_words_can_still_be_found(context: Flask, run_jobs: Any) -> None:
    words = " ".join(f"{n:05d}" + "ж" * 74 for n in range(12_000))
    number = deliver(FROM + b"\r\n" + words.encode()).told
    session.remove()
    run_jobs()
    assert report(number).state == ReportState.WAITING_TRIAGE
    assert [len(search.find(NumberKind.REPORT, each)) for each in (words[:79], words[80 * 11_000 :][:79])] == [1, 1]
    reply = deliver(FROM + b"Subject: " + number.encode() + b"\r\n\r\n" + words.encode())
    assert reply.outcome == Outcome.REPLY


@pytest.mark.parametrize(
    "body",
    [
        b"-----BEGIN PGP MESSAGE-----" * 30_000,
        b"<a " * 300_000,
        b"<a href=http:" + b"x" * 900_000,
        b"<div>" * 200_000,
    ],
    ids=["armour", "links", "address", "depth"],
)
def test_no_message_keeps_the_desk_busy(context: Flask, body: bytes) -> None:
    start = time.monotonic()
    row = deliver(FROM + b"Content-Type: text/html\r\n\r\n" + body)
    deliver(FROM + b"\r\n" + body)
    assert row.outcome == Outcome.REPORT
    assert time.monotonic() - start < 10


LINES = st.sampled_from(
    [
        b"From: ann@shop.example\r\n",
        b"Subject: R26-000001-4\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/html; charset=big5\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Auto-Submitted: auto-replied\r\n",
        b"Return-Path: <>\r\n",
        b"--b\r\n",
        b"\r\n",
        b"\x00\xff\xfe",
        b"-----BEGIN PGP MESSAGE-----\r\n",
    ]
)


@given(st.lists(LINES | st.binary(max_size=200), max_size=20).map(b"".join))
@how(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_pile_of_bytes_has_exactly_one_outcome(context: Flask, raw: bytes) -> None:
    row = deliver(raw)
    assert row.outcome in set(Outcome)
    assert kept(row) == raw
    balance = reconcile()
    assert (balance.difference, balance.unfinished) == (0, [])
