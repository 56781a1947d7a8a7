"""The confirmation and the record."""

from __future__ import annotations

import pytest

from cert_portal.core.pdf import FetchRefused, to_pdf
from cert_portal.intake.status import secret_of
from tests.web.public.conftest import Visitor


def test_the_confirmation_says_number_secret_and_when(visitor: Visitor) -> None:
    number = visitor.send(contact={"reach": "contact", "email": "c@shop.example"})
    text = visitor.get("report/sent").text
    with visitor.app.app_context():
        for part in (number, secret_of(number), f"/en/status/{number}/", "one working day", "c@shop.example"):
            assert part in text


def test_a_bookmark_of_the_confirmation_gets_a_sensible_answer(visitor: Visitor) -> None:
    assert "No report is open" in visitor.get("report/sent").text
    assert visitor.get("report/sent/record.pdf").headers["Location"] == "/en/report/sent"
    visitor.step("emergency")
    assert visitor.get("report/sent").headers["Location"] == "/en/report/check"
    assert visitor.get("report/sent/record.pdf").headers["Location"] == "/en/report/sent"


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_the_record_is_a_pdf(visitor: Visitor, lang: str) -> None:
    visitor.lang = lang
    number = visitor.send(what={"description": "㗎 啲 嘅 睇 <b>"}, contact={"reach": "anonymous"})
    answer = visitor.get("report/sent/record.pdf")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert number in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("source", ["file:///etc/passwd", "http://127.0.0.1/x.png"])
def test_a_document_fetches_nothing(source: str) -> None:
    with pytest.raises(FetchRefused):
        to_pdf(f"<html lang='en'><title>t</title><img src='{source}' alt=''>")


def test_a_document_prints_links_without_reading_them() -> None:
    assert to_pdf("<html lang='en'><title>t</title><a href='/en/'>x</a>", "https://portal.example/").startswith(
        b"%PDF-"
    )
