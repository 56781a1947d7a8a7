"""The annual report at the desk: read, written, commented on and published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import of_subjects
from cert_portal.governance import annual
from tests.governance import busy
from tests.web.staff.desk import check_places, sign_in

NOW = datetime(2027, 1, 20, 2, 0, tzinfo=UTC)
HERE = "/staff/figures/annual/2026"


@pytest.fixture(autouse=True)
def january() -> Iterator[None]:
    """The year after."""
    with clock.turned_to(NOW):
        yield


@pytest.fixture
def carol(app: Flask) -> FlaskClient:
    """A supervisor's browser, and a small year."""
    client = sign_in(app, "Carol", "supervisor")
    start_writing()
    with app.app_context():
        busy.year(count=12)
        session.commit()
    return client


def test_the_draft_is_read_by_who_may_read_figures_and_written_by_the_supervisor(
    app: Flask, carol: FlaskClient
) -> None:
    grace = sign_in(app, "Grace", "liaison")
    for client, may_write in ((grace, False), (carol, True)):
        page = client.get(HERE)
        assert page.status_code == 200
        check_places(page.text)
        assert ("Publish…" in page.text) == may_write
    assert grace.get(f"{HERE}/words/foreword").status_code == 403
    assert grace.post(f"{HERE}/publish", data={"read": "y"}).status_code == 403


def test_words_in_both_languages(app: Flask, carol: FlaskClient) -> None:
    assert "English" in carol.get(f"{HERE}/words/foreword").text
    kept = carol.post(f"{HERE}/words/foreword", data={"en": "A calm year.", "zh_hant": "平靜的一年。"})
    assert (kept.status_code, kept.location) == (302, f"{HERE}#foreword")
    assert "A calm year." in carol.get(HERE).text
    too_long = carol.post(f"{HERE}/words/foreword", data={"en": "x" * 20_001, "zh_hant": "留下"})
    assert too_long.status_code == 422
    assert "留下" in too_long.text
    check_places(too_long.text)
    assert carol.get(f"{HERE}/words/gossip").status_code == 404
    refused = carol.post(f"{HERE}/words/gossip", data={"en": "x", "zh_hant": ""})
    assert refused.status_code == 404


def test_comments(app: Flask, carol: FlaskClient) -> None:
    grace = sign_in(app, "Grace", "liaison")
    assert grace.post(f"{HERE}/comments", data={"chapter": "", "text": "Why?"}).status_code == 422
    empty = grace.post(f"{HERE}/comments", data={"chapter": "handling", "text": " "})
    assert empty.status_code == 422
    assert "Enter some words" in empty.text
    check_places(empty.text)
    assert grace.post(f"{HERE}/comments", data={"chapter": "handling", "text": "Why <May>?"}).status_code == 302
    assert "Why &lt;May&gt;?" in carol.get(HERE).text
    assert "Why &lt;May&gt;?" in carol.get(f"{HERE}/words/handling").text


def test_publishing_asks_once_more_and_then_nothing_changes(app: Flask, carol: FlaskClient) -> None:
    page = carol.get(f"{HERE}/publish").text
    assert "There is no foreword yet in: English, 繁體中文." in page
    assert "The year is not over" not in page
    unread = carol.post(f"{HERE}/publish", data={})
    assert unread.status_code == 422
    assert "Tick that you have read the draft" in unread.text
    check_places(unread.text)
    done = carol.post(f"{HERE}/publish", data={"read": "y"})
    assert (done.status_code, done.location) == (302, HERE)
    with app.app_context():
        assert [event.kind for event in of_subjects(["annual:2026"])] == ["report.annual_published"]
    page = carol.get(HERE).text
    assert "is published" in page
    assert "Publish…" not in page
    assert carol.post(f"{HERE}/publish", data={"read": "y"}).status_code == 422
    late = carol.post(f"{HERE}/words/foreword", data={"en": "Late", "zh_hant": ""})
    assert late.status_code == 422
    assert "does not change any more" in late.text
    assert carol.post(f"{HERE}/comments", data={"chapter": "annex", "text": "Late"}).status_code == 422
    assert "does not change any more" in carol.get(f"{HERE}/publish").text


def test_a_year_that_is_not_over_is_said_to_be_so(app: Flask, carol: FlaskClient) -> None:
    assert "The year is not over" in carol.get("/staff/figures/annual/2027/publish").text
    for path in ("", "/publish", "/words/foreword", ".pdf"):
        assert carol.get(f"/staff/figures/annual/1066{path}").status_code == 404


def test_months_to_come_have_no_number(carol: FlaskClient) -> None:
    table = carol.get("/staff/figures/annual/2027").text.split('fig-months">')[1].split("</table>")[0]
    rows = table.split("<tr")[2:]
    assert [row.count("–") for row in rows] == [0, *[3] * 11]


def test_files_of_the_draft_show_all_numbers(app: Flask, carol: FlaskClient) -> None:
    told = json.loads(carol.get(f"{HERE}.json").text)
    with app.app_context():
        assert told["figures"] == annual.draft(2026).as_json()["figures"] or told["state"] == "draft"
    assert {None} != {count for row in told["figures"]["metrics"] for count in row["by"].get("kind", {}).values()}
    html = carol.get(f"{HERE}.html")
    assert html.headers["Content-Disposition"].endswith('annual-report-2026-draft-internal.html"')
    assert "Draft" in html.text
    assert "under 5" not in html.text
    assert carol.get(f"{HERE}.pdf").data.startswith(b"%PDF")


def test_the_list_names_drafts_and_published_reports(app: Flask, carol: FlaskClient) -> None:
    carol.post("/staff/figures/annual/2024/publish", data={"read": "y"})
    page = carol.get("/staff/figures/annual").text
    assert [year in page for year in ("2027", "2026", "2024", ">2025<")] == [True, True, True, False]
