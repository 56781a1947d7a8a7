"""The frame of the public pages: language, titles, promises, and what must not be there."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.public.conftest import Visitor

PAGES = ("", "report/", "report/emergency", "report/resume/1-nothing", "status")
STEPS = ("who", "what", "advice", "when", "affected", "personal-data", "evidence", "actions", "contact", "check")


@pytest.fixture(params=["en", "zh-hant"])
def reader(request: pytest.FixtureRequest, app: Flask) -> Visitor:
    """A visitor in each language, with a report begun."""
    visitor = Visitor(app, request.param)
    for slug in ("emergency", "who"):
        visitor.step(slug)
    visitor.step("what", description="x", kind="phishing")
    return visitor


@pytest.mark.parametrize("path", [*PAGES, *(f"report/{slug}" for slug in STEPS)])
def test_every_page_keeps_the_promises_of_the_frame(reader: Visitor, path: str) -> None:
    page = reader.get(path)
    text = page.text
    assert page.status_code == 200
    assert f'<html lang="{"en" if reader.lang == "en" else "zh-Hant-HK"}"' in text
    assert "+852 5550 0100" in text
    assert "report@portal.example" in text
    assert "style=" not in text
    assert text.count("<script") == text.count('<script type="module"') + 1
    assert " required" not in text
    assert len(re.findall("<h1", text)) == 1
    assert 'class="govuk-skip-link"' in text


@pytest.mark.parametrize("slug", ["who", "what", "advice", "when", "affected", "evidence", "actions", "contact"])
def test_question_pages_have_a_way_back_a_way_on_and_a_way_to_save(reader: Visitor, slug: str) -> None:
    text = reader.get(f"report/{slug}").text
    assert "govuk-back-link" in text
    assert 'value="save"' in text
    assert "novalidate" in text
    assert "*" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)


def test_the_start_page_says_what_is_needed_and_the_other_ways(visitor: Visitor) -> None:
    text = visitor.get("report/").text
    for part in ("10 minutes", "Good to have at hand", "+852 5550 0199", "report@portal.example", "14 days"):
        assert part in text
    for part in ("denial of service", "malware", "ransomware", "phishing"):
        assert part in text


def test_an_unknown_question_is_not_found(visitor: Visitor) -> None:
    assert visitor.get("report/nonsense").status_code == 404
    assert visitor.step("nonsense").status_code == 404


def test_the_header_leads_only_where_something_is(visitor: Visitor) -> None:
    for href in re.findall(r'<li><a href="(/en/[^"]*)"', visitor.get("").text):
        assert visitor.client.get(href).status_code == 200


def test_an_address_without_language_offers_no_switch(app: Flask) -> None:
    assert "portal-switch" not in app.test_client().get("/no-such-page").text


def test_a_link_in_the_header_keeps_the_page_and_its_query(visitor: Visitor) -> None:
    assert 'href="/zh-hant/status?x=1"' in visitor.get("status?x=1").text


def test_too_much_at_once_is_explained(visitor: Visitor) -> None:
    visitor.app.config["MAX_CONTENT_LENGTH"], before = 1000, visitor.app.config["MAX_CONTENT_LENGTH"]
    answer = visitor.step("what", description="x" * 2000)
    visitor.app.config["MAX_CONTENT_LENGTH"] = before
    assert answer.status_code == 413
    assert 'href="/en/report/what"' in answer.text


@pytest.mark.parametrize(
    ("path", "whom"),
    [
        ("/en/", ("small and medium-sized businesses", "everyone who uses the Internet")),
        ("/zh-hant/", ("中小企", "互聯網")),
    ],
)
def test_the_home_page_says_whom_the_centre_serves(client: FlaskClient, path: str, whom: tuple[str, ...]) -> None:
    lead = re.search(r'portal-hero__lead">([^<]+)', client.get(path).text)
    assert lead is not None
    assert all(each in lead[1] for each in whom), lead[1]
