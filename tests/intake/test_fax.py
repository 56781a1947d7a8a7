"""Faxes by mail: who called, whatever gateway tells it (001-20, 004-09)."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.core.mail.message import parse
from cert_portal.intake import fax
from cert_portal.intake.fax import Caller
from cert_portal.intake.mail import take
from cert_portal.intake.models import Report

HYLAFAX = """  Sender: +852 2345 6789
   Pages: 3
 Quality: Fine
    Size: ISO A4
Received: 2026:05:04 10:02:11
 CallID1: 23456789
"""


def mail(subject: str, body: str = "") -> bytes:
    head = (
        f"From: Fax gateway <fax@gateway.example>\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    )
    return f"{head}\r\n{body}".encode()


@pytest.mark.parametrize(
    ("subject", "body", "found"),
    [
        ('Fax received from "+852 2345 6789"', HYLAFAX, Caller("+852 2345 6789", 3)),
        ("Facsimile received from 23456789", "", Caller("23456789", 0)),
        ('Fax received from "<UNSPECIFIED>"', "  Sender: <UNSPECIFIED>\n CallID1: 2345 6789\n", Caller("2345 6789", 0)),
        ("New fax", "Received at: today\nReceived from: 85223456789\nTotal pages: 2", Caller("85223456789", 2)),
        ('eFax message from "852-2345-6789" - 4 page(s)', "", Caller("852-2345-6789", 4)),
        ("Fax Message [Caller-ID: 852-2345-6789] 1 page", "", Caller("852-2345-6789", 1)),
        ("來自 2345 6789 的傳真，共 2 頁", "", Caller("2345 6789", 2)),
        ("傳真", "傳送者：２３４５ ６７８９\n", Caller("2345 6789", 0)),
        ("Fax received", "no number here, 2026-05-04", Caller("", 0)),
        ("", "", Caller("", 0)),
    ],
)
def test_the_caller_is_found_in_the_words_of_each_gateway(subject: str, body: str, found: Caller) -> None:
    assert fax.caller(parse(mail(subject, body))) == found


@pytest.mark.parametrize(
    ("subject", "key", "title"),
    [('Fax received from "2345 6789"', "85223456789", "Fax 2345 6789"), ("A fax", "", "Fax")],
)
def test_a_fax_is_a_report_of_its_caller_even_without_number_or_name(
    context: Flask, subject: str, key: str, title: str
) -> None:
    receipt = spool.store(mail(subject, "see attachment"), "fax")
    told = take(receipt)
    report = session.query(Report).filter_by(number=told.told).one()
    assert (report.channel, report.telephone_key, report.title) == ("fax", key, title)
    assert (report.reporter_email, report.ack_address) == ("", ""), "the gateway is not the reporter"
