"""The other ways to report on the website, questions of a kind, and a number that was lost."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake import lost, status
from cert_portal.intake.models import Report
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from workers.intake import remind_reporter

EVERYTHING: dict[str, Any] = {
    "description": "Our name servers are flooded",
    "kind": "ddos",
    "indicators": "seen: hxxp://bad[.]example/x from 192.0.2.7, CVE-2026-1234",
    "ddos_form": "dns",
    "ddos_peak": "4 Gbit/s",
    "money_sent": "yes",
    "for_whom": "Bakery Ltd",
    "for_whom_relation": "IT supplier",
    "for_whom_contact": "yes",
    "reach": "contact",
    "email": "ann@shop.example",
    "affects": "availability",
}


def reports(app: Flask) -> list[Report]:
    with app.app_context():
        found = list(session.scalars(select(Report).order_by(Report.id)))
        session.expunge_all()
        return found


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_the_start_page_offers_all_three(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/{lang}/report/").text
    assert f"/{lang}/report/specialist" in page
    assert f"/{lang}/report/fyi" in page
    assert f"/{lang}/report/emergency" in page
    for slug in ("specialist", "fyi"):
        assert client.get(f"/{lang}/report/{slug}").status_code == 200


def test_a_specialist_tells_everything_on_one_page(app: Flask, client: FlaskClient) -> None:
    told = {**EVERYTHING, "then": "send", "files": (io.BytesIO(b"a log"), "a.log")}
    assert client.post("/en/report/specialist", data=told).headers["Location"] == "/en/report/check"
    check = client.get("/en/report/check").text
    for words in ("Bakery Ltd", "IT supplier", "4 Gbit/s", "Against our name servers", "a.log", "CVE-2026-1234"):
        assert words in check
    assert client.post("/en/report/check").headers["Location"] == "/en/report/sent"
    report = reports(app)[0]
    assert report.details["answers"] == {"ddos_form": "dns", "ddos_peak": "4 Gbit/s"}
    assert report.details["for_whom"] == "Bakery Ltd"
    assert "192.0.2.7" in report.details["indicators"]
    assert client.get("/en/report/sent/record.pdf").data.startswith(b"%PDF")
    assert client.post("/en/report/specialist", data=EVERYTHING).headers["Location"].endswith("/sent?already=1")
    assert "Bakery" not in client.get("/en/report/specialist").text


@pytest.mark.parametrize(("page", "chosen"), [("en", "zh-hant"), ("zh-hant", "en")])
def test_a_specialist_is_answered_in_the_language_that_was_chosen(
    app: Flask, client: FlaskClient, page: str, chosen: str
) -> None:
    client.post(f"/{page}/report/specialist", data={**EVERYTHING, "language": chosen, "then": "send"})
    client.post(f"/{page}/report/check")
    assert reports(app)[0].language == chosen


def test_every_question_of_every_kind_stands_once_for_a_specialist(client: FlaskClient) -> None:
    """A box that stands twice is sent twice, and what was written into the second was lost."""
    page = client.get("/en/report/specialist").text
    assert page.count('name="intrusion_system"') == 1, "asked of an intrusion and of a botnet"
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    assert '<details class="govuk-details" open><summary' not in page
    chosen = client.post("/en/report/specialist", data={"kind": "botnet", "then": "look"}).text
    assert '<details class="govuk-details" open><summary' in chosen


def test_a_mistake_of_a_specialist_loses_nothing(client: FlaskClient) -> None:
    answer = client.post("/zh-hant/report/specialist", data={**EVERYTHING, "email": "nobody", "ddos_form": "magic"})
    assert answer.status_code == 422
    assert "Bakery Ltd" in answer.text
    assert 'href="#email"' in answer.text
    assert 'href="#ddos_form"' in answer.text
    bad = {**EVERYTHING, "files": (io.BytesIO(b""), "empty.log")}
    answer = client.post("/en/report/specialist", data=bad)
    assert answer.status_code == 422
    assert "empty.log" in answer.text
    assert "Bakery Ltd" in client.get("/en/report/specialist").text


def test_the_draft_is_the_same_on_both_ways(client: FlaskClient) -> None:
    client.post("/en/report/what", data={"description": "Typed before", "kind": "phishing"})
    assert "Typed before" in client.get("/en/report/specialist").text
    client.post("/en/report/specialist", data={**EVERYTHING, "then": "save"})
    assert "Our name servers are flooded" in client.get("/en/report/what").text
    there = client.post("/en/report/specialist", data={**EVERYTHING, "then": "zh-hant"})
    assert there.headers["Location"] == "/zh-hant/report/specialist"
    assert client.post("/en/report/specialist", data={"then": "save"}).headers["Location"] == "/en/report/saved"


def test_what_is_recognised_is_shown_with_and_without_a_script(client: FlaskClient) -> None:
    page = client.post("/en/report/specialist", data={**EVERYTHING, "then": "look"}).text
    live = client.post("/en/report/specialist/recognised", data=EVERYTHING).text
    for shown in (page, live):
        assert "CVE-2026-1234" in shown
        assert "4 things recognised" in shown
    assert "Nothing recognised" in client.post("/en/report/specialist/recognised", data={"indicators": "a"}).text
    assert client.post("/en/report/specialist/recognised").text.strip() == ""


def test_the_guided_way_asks_the_questions_of_the_kind(client: FlaskClient) -> None:
    client.post("/en/report/what", data={"description": "A false bank", "kind": "phishing"})
    page = client.get("/en/report/advice").text
    assert "Was money sent?" in page
    assert "18222" in page
    assert "Layer that is attacked" not in page
    client.post("/en/report/advice", data={"money_sent": "yes", "phishing_entered": "code"})
    check = client.get("/zh-hant/report/check").text
    assert "有沒有付款或轉賬？" in check
    assert "一次性密碼" in check
    assert "How to save a suspicious e-mail" in client.get("/en/report/evidence").text
    assert client.post("/en/report/advice", data={"money_sent": "perhaps"}).status_code == 422
    client.post("/en/report/what", data={"description": "x", "kind": "disaster"})
    assert "A few questions" not in client.get("/en/report/advice").text


def once(page: str) -> str:
    found = re.search(r'name="once" value="(\w+)"', page)
    assert found
    return found[1]


def test_just_letting_you_know_takes_one_box(app: Flask, client: FlaskClient) -> None:
    mark = once(client.get("/zh-hant/report/fyi").text)
    told = {"description": "False site http://bad.example/", "once": mark}
    first = client.post("/zh-hant/report/fyi", data=told)
    again = client.post("/zh-hant/report/fyi", data=told)
    assert first.status_code == 302
    assert first.headers["Location"] == again.headers["Location"]
    assert len(reports(app)) == 1
    assert reports(app)[0].details["anonymous"] is True
    page = client.get(first.headers["Location"]).text
    assert reports(app)[0].number in page
    assert "多謝你通知我們" in page
    client.post("/en/report/fyi", data={"description": "Another", "email": "ann@shop.example", "once": mark})
    client.post("/en/report/fyi", data={"description": "Third"})
    assert [each.reporter_email for each in reports(app)] == ["", "ann@shop.example", ""]


def test_an_empty_box_is_asked_again(client: FlaskClient) -> None:
    answer = client.post("/en/report/fyi", data={"email": "nobody", "once": "a1"})
    assert answer.status_code == 422
    assert 'href="#description"' in answer.text
    assert 'href="#email"' in answer.text
    assert once(answer.text) == "a1"


def letters(app: Flask) -> list[Letter]:
    with app.app_context():
        found = list(session.scalars(select(Letter).where(Letter.name == "report_lost").order_by(Letter.id)))
        session.expunge_all()
        return found


def remind(app: Flask) -> int:
    """Look into what was asked, as the worker does; answers how many asked."""
    with app.app_context():
        waiting = session.scalars(select(lost.Reminder.id)).all()
        session.rollback()
        for each in waiting:
            remind_reporter(each)
            remind_reporter(each)
        return len(waiting)


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_a_lost_number_goes_to_the_address_of_the_report_and_to_no_other(
    app: Flask, client: FlaskClient, lang: str
) -> None:
    with app.app_context():
        report = receive(Submission(Language.EN, description="x", email="ann@shop.example"), Channel.WEB)
        number = report.number
        session.commit()
    assert client.get(f"/{lang}/status/lost").status_code == 200
    assert f"/{lang}/status/lost" in client.get(f"/{lang}/status").text
    known = client.post(f"/{lang}/status/lost", data={"email": "Ann@shop.example"})
    unknown = client.post(f"/{lang}/status/lost", data={"email": "eve@else.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    client.post(f"/{lang}/status/lost", data={"email": "ann@shop.example"})
    assert letters(app) == []
    assert remind(app) == 3
    assert remind(app) == 0
    assert [each.recipient for each in letters(app)] == ["ann@shop.example"]
    with app.app_context():
        text = session.scalars(select(Letter.text).where(Letter.name == "report_lost")).one()
    assert number in text
    assert status.secret_of(number) in text
    with clock.turned_to(clock.now() + timedelta(hours=2)):
        client.post(f"/{lang}/status/lost", data={"email": "ann@shop.example"})
        remind(app)
    assert len(letters(app)) == 2
    assert client.post(f"/{lang}/status/lost", data={}).status_code == 422
    with app.app_context():
        assert session.scalar(select(func.count(Report.id))) == 1
