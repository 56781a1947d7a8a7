"""The liaison officer's pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.governance.figures import measure
from cert_portal.governance.period import named
from tests.governance import busy
from tests.governance.record import report as a_report
from tests.web.staff.desk import PASSPHRASE, add, check_places, code, open_case, sign_in
from tests.web.staff.desk import report as a_real_report

NOW = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def december() -> Iterator[None]:
    """A day near the end of 2026."""
    with clock.turned_to(NOW):
        yield


@contextmanager
def record(app: Flask) -> Iterator[None]:
    """Write events."""
    start_writing()
    with app.app_context():
        yield
        session.commit()


@pytest.fixture
def year(app: Flask) -> Flask:
    """A year with 40 cases."""
    add(app, "Seed", "analyst")
    with record(app):
        busy.year(count=40)
    return app


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_liaison_officer_lands_on_the_figures_and_reads_no_case(app: Flask) -> None:
    add(app, "Grace", "liaison")
    client = app.test_client()
    told = {"email": "grace@portal.example", "passphrase": PASSPHRASE, "code": code()}
    assert client.post("/staff/sign-in", data=told).location == "/staff/figures"
    assert client.get("/staff/").status_code == 403
    assert "/staff/cases/" not in client.get("/staff/figures").text


@pytest.mark.parametrize(("language", "name"), [("en", "Reports received"), ("zh-hant", "收到的報告")])
def test_the_dashboard_shows_what_is_counted(year: Flask, language: str, name: str) -> None:
    client = sign_in(year, "Grace", "liaison", language=language)
    page = client.get("/staff/figures?period=2026").text
    check_places(page)
    with year.app_context():
        found = measure(named("2026"))
    assert name in page
    assert f'href="/staff/figures/rows/reports.received?period=2026">{found["reports.received"].value:,.0f}</a>' in page
    assert f"{found['response.first_day'].value:.1%}" in page
    assert ("not measured" if language == "en" else "未有量度") in page
    assert 'style="' not in page


def test_every_link_of_the_dashboard_opens_as_many_rows_as_its_number(year: Flask) -> None:
    client = sign_in(year, "Grace", "liaison")
    page = client.get("/staff/figures?period=2026-H1").text
    links = re.findall(r'href="(/staff/figures/rows/[^"]+)">([\d,]+)(?: late)?</a>', page)
    assert len(links) > 40
    for href, number in links:
        rows = client.get(href.replace("&amp;", "&"))
        assert rows.status_code == 200, href
        assert f"<strong>{'1 row' if number == '1' else f'{number} rows'}</strong>" in rows.text, href
        assert rows.text.count('scope="row"') == int(number.replace(",", "")), href


def test_a_long_list_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cert_portal.governance.behind.MOST", 3)
    client = sign_in(app, "Grace", "liaison")
    with record(app):
        for number in range(5):
            a_report(f"R{number}")
    first = client.get("/staff/figures/rows/reports.received?period=2026&dimension=kind&code=phishing").text
    assert ">R2<" in first
    assert ">R3<" not in first
    following = re.search(r'href="([^"]+skip=3[^"]*)"', first)
    assert following
    second = client.get(following[1].replace("&amp;", "&")).text
    assert ">R4<" in second
    assert ">R2<" not in second
    assert "Next page" not in second


def test_half_a_year_is_compared_with_the_same_days(app: Flask) -> None:
    client = sign_in(app, "Grace", "liaison")
    with record(app):
        a_report("R1", datetime(2025, 12, 30, tzinfo=UTC))
        a_report("R2", datetime(2025, 12, 1, tzinfo=UTC))
        a_report("R3", datetime(2026, 12, 1, tzinfo=UTC))
        a_report("R4", datetime(2026, 12, 2, tzinfo=UTC))
    page = text_of(client.get("/staff/figures?period=2026").text)
    assert "+100.0% on the year before (1)" in page, "what came after 20 December 2025 is not compared"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 200, "1 Jan 2026 – 31 Dec 2026"),
        ("?period=2026-Q2", 200, "1 Apr 2026 – 30 Jun 2026"),
        ("?from=2026-05-04&to=2026-05-10", 200, "4 May 2026 – 10 May 2026"),
        ("?from=2026-05-10&to=2026-05-04", 422, "The first day must come before the last"),
        ("?from=2001-01-01&to=2026-05-04", 422, "Choose ten years at most"),
        ("?from=yesterday&to=", 422, "Choose two days"),
        ("?period=spring", 422, "Choose two days"),
        ("?period=2030", 200, "1 Jan 2030 – 31 Dec 2030"),
    ],
)
def test_periods(app: Flask, query: str, status: int, words: str) -> None:
    answer = sign_in(app, "Grace", "liaison").get(f"/staff/figures{query}")
    assert answer.status_code == status
    assert words in answer.text
    check_places(answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "rows/cases.titles",
        "rows/cases.opened?part=met",
        "rows/cases.opened?dimension=title&code=x",
    ],
)
def test_lists_that_there_are_not(app: Flask, path: str) -> None:
    assert sign_in(app, "Grace", "liaison").get(f"/staff/figures/{path}").status_code == 404


def test_an_empty_list_says_so(app: Flask) -> None:
    page = sign_in(app, "Grace", "liaison").get("/staff/figures/rows/cases.opened?skip=²").text
    assert "No row counts" in page


def test_a_restricted_row_stands_without_its_number(app: Flask) -> None:
    client, ann = sign_in(app, "Grace", "liaison"), sign_in(app, "Ann", "analyst")
    hidden = open_case(ann, a_real_report(app), restricted="y")
    shown = open_case(ann, a_real_report(app))
    page = client.get("/staff/figures/rows/cases.opened?period=2026").text
    assert "2 rows" in page
    assert shown in page
    assert hidden not in page
    assert "counted, but not told" in page


def test_files_hold_every_metric(year: Flask) -> None:
    client = sign_in(year, "Grace", "liaison")
    table = client.get("/staff/figures.csv?period=2026")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Content-Disposition"] == 'attachment; filename="figures-2026-01-01-2026-12-31.csv"'
    whole = json.loads(client.get("/staff/figures.json?period=2026").text)
    assert len(whole["metrics"]) == 25
    received = next(each for each in whole["metrics"] if each["id"] == "reports.received")
    assert f"reports.received,2,count,,,{received['value']},{received['value']},,," in table.text


@pytest.mark.parametrize(("language", "words"), [("en", "Exercises; replies"), ("zh-hant", "演習；對先前")])
def test_definitions(app: Flask, language: str, words: str) -> None:
    page = sign_in(app, "Grace", "liaison", language=language).get("/staff/figures/definitions").text
    assert words in page
    assert page.count("fig-definition") == 25
    check_places(page)


def test_the_numbers_of_the_rows_are_links_for_who_may_open_them(app: Flask) -> None:
    ann = sign_in(app, "Ann", "analyst")
    number = a_real_report(app)
    case = open_case(ann, number)
    for metric, page in (("reports.received", f"/staff/reports/{number}"), ("cases.opened", f"/staff/cases/{case}")):
        assert f'href="{page}"' in ann.get(f"/staff/figures/rows/{metric}?period=2026").text
        assert ann.get(page).status_code == 200
    grace = sign_in(app, "Grace", "liaison").get("/staff/figures/rows/cases.opened?period=2026").text
    assert case in grace
    assert "/staff/cases/" not in grace
