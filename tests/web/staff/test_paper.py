"""What a page of the desk bears when it is printed."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.staff.desk import do, open_case, report, sign_in


@pytest.fixture
def ann(app: Flask) -> FlaskClient:
    return sign_in(app, "Ann", "supervisor")


def printed(client: FlaskClient, path: str) -> str:
    """The line that only paper shows, without its tags."""
    page = client.get(path).text
    assert page.count('class="staff-paper ') == 1, path
    line = page.partition('class="staff-paper ')[2].partition(">")[2].partition("</p>")[0]
    return re.sub(r"<[^>]+>", "", line)


def test_paper_bears_the_label_the_page_who_printed_it_and_when(app: Flask, ann: FlaskClient) -> None:
    number = report(app)
    case = open_case(ann, report(app))
    for path, name in (
        ("/staff/", "Triage"),
        ("/staff/queue/team", "All open"),
        ("/staff/search?q=bad.example", "Search"),
        (f"/staff/reports/{number}", number),
        (f"/staff/cases/{case}", case),
        (f"/staff/cases/{case}/observables", case),
        ("/staff/team", "Team"),
        ("/staff/directory/", "Directory"),
    ):
        told = printed(ann, path)
        assert told.startswith("TLP:AMBER · "), path
        assert name in told, path
        assert re.search(r"Ann, \d+ \w{3} \d{4} \d\d:\d\d \(HKT\)$", told), path


def test_paper_in_chinese(app: Flask) -> None:
    ben = sign_in(app, "Ben", "analyst", language="zh-hant")
    assert re.search(r"^TLP:AMBER · 待分流 · 列印：Ben，\d{4}年\d+月\d+日 \d\d:\d\d（HKT）$", printed(ben, "/staff/"))


def test_paper_travels_no_further_than_what_it_shows(app: Flask, ann: FlaskClient) -> None:
    """The label of the case, of a report that a sender marked, of any row of a list; never wider than TLP:AMBER."""
    green, red = (open_case(ann, report(app, text)) for text in ("one", "two"))
    do(ann, f"/staff/cases/{green}/tlp", tlp="TLP:GREEN", why="a warning to partners")
    do(ann, f"/staff/cases/{red}/tlp", tlp="TLP:RED")
    marked = report(app, "three", restriction="TLP:AMBER+STRICT")
    strict = open_case(ann, marked)
    assert printed(ann, f"/staff/cases/{green}").startswith("TLP:AMBER · ")
    assert printed(ann, f"/staff/cases/{red}").startswith("TLP:RED · ")
    assert printed(ann, f"/staff/cases/{strict}").startswith("TLP:AMBER+STRICT · ")
    assert printed(ann, f"/staff/reports/{marked}").startswith("TLP:AMBER+STRICT · ")
    assert printed(ann, "/staff/queue/team").startswith("TLP:RED · ")
    assert printed(ann, f"/staff/search?q={red}%20OR").startswith("TLP:")
    do(ann, f"/staff/cases/{green}/link", other=red, why_linked="the same sender")
    assert printed(ann, f"/staff/cases/{green}").startswith("TLP:RED · ")


def test_somebody_who_is_not_signed_in_prints_no_such_line(app: Flask) -> None:
    assert "staff-paper" not in app.test_client().get("/staff/sign-in").text
