"""Lists of reports in the browser: filter in the address, columns of each person, rows that refresh themselves."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.staff.desk import check_places, report, sign_in


@pytest.fixture
def numbers(app: Flask) -> list[str]:
    told = ("A page steals passwords", "A virus ran", "冒充銀行的網頁")
    return [
        report(app, words, kind=kind) for words, kind in zip(told, ("phishing", "malware", "phishing"), strict=True)
    ]


def shown(client: FlaskClient, path: str) -> list[str]:
    """The reports of a list, in order."""
    page = client.get(path)
    assert page.status_code == 200
    return list(dict.fromkeys(re.findall(r'/staff/reports/(R[\d-]+)"', page.text)))


def test_the_filter_writes_the_query_into_the_address(ann: FlaskClient, numbers: list[str]) -> None:
    boxes = {"was": "", "q": "銀行", "kind": "phishing", "channel": "web", "origin": "local", "since": "2026-05-01"}
    answer = ann.get("/staff/", query_string=boxes)
    assert answer.location == (
        "/staff/?q=kind:phishing+channel:web+origin:local+opened%3E%3D2026-05-01+%E9%8A%80%E8%A1%8C"
    )
    page = ann.get(answer.location)
    assert page.status_code == 200
    assert 'value="2026-05-01"' in page.text
    assert '<option value="web" selected>' in page.text
    assert shown(ann, "/staff/?q=kind:phishing") == [numbers[0], numbers[2]]
    assert shown(ann, "/staff/?q=銀行") == [numbers[2]]
    assert shown(ann, "/staff/?q=channel:fax") == []
    assert "No report in this list is like that" in ann.get("/staff/?q=channel:fax").text
    was = "/staff/queue/quarantined?was=kind:phishing&q=kind:phishing&since="
    assert "q=kind:phishing" not in ann.get(was).location
    assert ann.get("/staff/?was=&since=may").location == "/staff/?q=opened%3E%3Dmay"
    assert 'href="/staff/?q=channel:web"' in ann.get("/staff/?q=kind:phishing+channel:web").text


@pytest.mark.parametrize(
    ("told", "said"), [("after:may", "write the day as"), ("owner:me", "only cases have this"), ("channel:x", "choose")]
)
def test_what_cannot_be_read_is_said_and_kept(told: str, said: str, ann: FlaskClient, numbers: list[str]) -> None:
    for path in ("/staff/", "/staff/queue/answered"):
        page = ann.get(path, query_string={"q": told})
        assert (page.status_code, said in page.text, f'value="{told}"' in page.text) == (422, True, True)
        check_places(page.text)


def test_each_person_chooses_columns(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    assert "Arrived</th>" in ann.get("/staff/").text
    told = {"columns": ["report.kind", "report.origin", "report.channel"], "view": "triage", "q": "銀行"}
    assert ann.post("/staff/columns", data=told).location == "/staff/?q=%E9%8A%80%E8%A1%8C"
    page = ann.get("/staff/").text
    assert all(f"{name}</th>" in page for name in ("Kind", "Whose report", "How it came"))
    assert "Arrived</th>" not in page
    assert "Time left</th>" not in page
    assert "Arrived</th>" in sign_in(app, "Bob", "analyst").get("/staff/").text
    assert ann.post("/staff/columns", data={"view": "answered"}).location == "/staff/queue/answered"
    for view in ("mine", "nonsense", ""):
        assert ann.post("/staff/columns", data={"view": view}).status_code == 404


def test_the_rows_refresh_themselves_with_the_filter_that_is_set(ann: FlaskClient, numbers: list[str]) -> None:
    page = ann.get("/staff/?q=kind:malware").text
    rows = page.partition('<div id="rows"')[2]
    assert 'data-hx-get="/staff/?q=kind:malware"' in rows.partition(">")[0]
    assert (numbers[1] in rows, numbers[0] in rows) == (True, False)


def test_pages_and_the_download_keep_the_filter(
    ann: FlaskClient, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cert_portal.cases.queue.PAGE", 1)
    page = ann.get("/staff/?q=kind:phishing").text
    found = re.search(r'rel="next" href="([^"]+)"', page)
    assert found is not None
    assert shown(ann, found[1].replace("&amp;", "&")) == [numbers[2]]
    told = ann.post("/staff/queue/triage/csv", data={"q": "kind:malware"}).text
    assert (numbers[1] in told, numbers[0] in told) == (True, False)
    assert ann.post("/staff/queue/triage/csv", data={"q": "level:9"}).status_code == 400


def test_a_case_that_one_may_not_see_hides_its_reports_from_the_filter(app: Flask, ann: FlaskClient) -> None:
    number = report(app, "A secret thing happened")
    ann.post(f"/staff/reports/{number}/open", data={"title": "x", "kind": "phishing", "restricted": "y"})
    bob = sign_in(app, "Bob", "analyst")
    for view in ("triage", "answered", "quarantined"):
        assert number not in bob.get(f"/staff/queue/{view}?q=secret").text


def test_a_list_of_reports_is_kept_under_a_name(app: Flask, ann: FlaskClient, numbers: list[str]) -> None:
    told = {"name": "Viruses", "q": "kind:malware", "view": "triage", "shared": "y"}
    assert ann.post("/staff/searches", data=told).location == "/staff/?q=kind:malware"
    told = {"name": "Set aside", "q": "channel:email", "view": "quarantined"}
    assert ann.post("/staff/searches", data=told).location == "/staff/queue/quarantined?q=channel:email"
    bob = sign_in(app, "Bob", "analyst")
    for path in ("/staff/", "/staff/queue/team", "/staff/queue/answered"):
        page = bob.get(path).text
        check_places(page)
        assert (
            '<a class="govuk-link" href="/staff/?q=kind:malware">Viruses</a> <span class="staff-quiet">Triage' in page
        )
        assert "Set aside" not in page
    assert 'href="/staff/?q=kind:malware" aria-current="page">Viruses' in bob.get("/staff/?q=kind:malware").text
    found = re.findall(r"found-(\d+).*?>(.*?)<", ann.get("/staff/searches/counts").text)
    assert found == [("2", "0"), ("1", "1")]
    assert shown(bob, "/staff/?q=kind:malware") == [numbers[1]]
    assert bob.post("/staff/searches/1/remove").status_code == 404
    assert ann.post("/staff/searches/1/remove").location == "/staff/"
    assert ann.post("/staff/searches/2/remove").location == "/staff/queue/quarantined"
    assert "Viruses" not in bob.get("/staff/").text


def test_what_cannot_be_kept_of_a_list_of_reports(ann: FlaskClient, numbers: list[str]) -> None:
    for told, said in (
        ({"name": "", "q": "kind:malware"}, "Give the search a name"),
        ({"name": "x", "q": "owner:me"}, "only cases have this"),
    ):
        page = ann.post("/staff/searches", data={**told, "view": "triage"})
        assert (page.status_code, said in page.text) == (422, True)
        check_places(page.text)
    for view in ("mine", "nonsense", ""):
        assert ann.post("/staff/searches", data={"name": "x", "q": "", "view": view}).status_code == 404


def test_a_name_as_long_as_a_letter_is_cut_in_lists(app: Flask, ann: FlaskClient) -> None:
    number = report(app, name="Nobody " * 28)
    assert "Nobody " * 9 not in ann.get("/staff/").text
    assert ("Nobody " * 28).strip() in ann.get(f"/staff/reports/{number}").text
