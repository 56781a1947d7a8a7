"""The screen of the operator while somebody talks, letters, and calls (001-20)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import Event, of_subjects
from cert_portal.core.i18n import Language
from cert_portal.intake import status
from cert_portal.intake.models import Call, Report, ReportAddition
from cert_portal.intake.process import process
from tests.web.staff.desk import check_places, open_case, report, sign_in

TOLD = {
    "channel": "telephone",
    "language": "zh-hant",
    "telephone": "2345 6789",
    "kind": "phishing",
    "description": "收到假銀行短訊",
    "ask-phishing_entered": "password",
    "ask-money_sent": "nonsense",
    "ask-sent": "五千元，中銀",
    "ask-ransom": "不相干",
    "origin": "local",
    "consents": ["police"],
}


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return sign_in(app, "Olive", "operator")


def only(app: Flask) -> Report:
    with app.app_context():
        return session.query(Report).one()


def save(desk: FlaskClient, **more: Any) -> Any:
    return desk.post("/staff/reports/new", data={**TOLD, **more}, content_type="multipart/form-data")


def test_the_script_stands_in_both_languages_and_danger_comes_first(desk: FlaskClient) -> None:
    page = desk.get("/staff/reports/new?channel=telephone").text
    order = [
        page.index(each) for each in ("999", "18222", 'id="telephone"', 'id="kind"', 'id="description"', 'id="name"')
    ]
    assert order == sorted(order)
    assert "Is anybody in danger right now?" in page
    assert "現在有沒有人身危險？" in page
    check_places(page)


def test_a_call_becomes_a_report_and_its_number_is_read_out(app: Flask, desk: FlaskClient) -> None:
    answer = save(desk)
    made = only(app)
    assert answer.location.endswith(f"/staff/reports/{made.number}/read-back")
    assert (made.channel, made.origin, made.language, made.kind) == ("telephone", "local", "zh-hant", "phishing")
    assert made.details["consents"] == ["police"]
    assert made.details["answers"] == {"phishing_entered": "password"}, "stored as the web form stores it"
    assert "– 五千元，中銀" in made.text
    assert "password" not in made.text
    assert "不相干" not in made.text, "a question of another kind is not asked"
    page = desk.get(answer.location).text
    with app.app_context():
        assert status.secret_of(made.number) in page
    assert "check digit" in page
    assert "檢查碼" in page
    assert "我們的職員絕不會索取密碼或金錢" in page


@pytest.mark.parametrize(
    ("told", "kept", "named"),
    [
        ("telephone", "telephone", "Telephone"),
        ("mobile", "mobile", "Mobile telephone"),
        ("satellite", "satellite", "Satellite telephone"),
    ],
)
def test_the_kind_of_telephone_is_chosen(app: Flask, desk: FlaskClient, told: str, kept: str, named: str) -> None:
    page = desk.get("/staff/reports/new").text
    assert all(f'name="channel" type="radio" value="{each}"' in page for each in ("telephone", "mobile", "satellite"))
    location = save(desk, channel=told).location
    made = only(app)
    assert made.channel == kept
    with app.app_context():
        assert status.secret_of(made.number) in desk.get(location).text, "it is told, there is no mail to send it"
        assert session.query(Call).one().kind == "answered"
    assert f"· {named}" in sign_in(app, "Ann", "analyst").get(f"/staff/reports/{made.number}").text


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"description": "", "kind": ""}, "description"),
        ({"telephone": "", "email": ""}, "telephone"),
        ({"telephone": "call me"}, "telephone"),
        ({"email": "nobody"}, "email"),
        ({"kind": "nonsense"}, "kind"),
        ({"origin": "moon"}, "origin"),
        ({"channel": "pigeon"}, "channel"),
        ({"received_on": "2026-05-05", "channel": "letter"}, "received_on"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(
    app: Flask, desk: FlaskClient, wrong: dict[str, str], place: str
) -> None:
    with clock.turned_to(datetime(2026, 5, 4, 2, 0, tzinfo=UTC)):
        answer = save(desk, organisation="Harbour Trading", **wrong)
    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert 'value="Harbour Trading"' in answer.text
    assert "五千元，中銀" in answer.text
    assert 'value="password" checked' in answer.text
    with app.app_context():
        assert session.query(Report).count() == 0


def test_an_anonymous_caller_needs_no_number(app: Flask, desk: FlaskClient) -> None:
    assert save(desk, telephone="", anonymous="y", name="Rita").status_code == 302
    assert (only(app).reporter_name, only(app).reporter_telephone) == ("", "")


def test_a_letter_over_the_counter_with_its_scan(app: Flask, desk: FlaskClient) -> None:
    assert "How it came" in desk.get("/staff/reports/new?channel=letter").text
    with clock.turned_to(datetime(2026, 5, 4, 2, 0, tzinfo=UTC)):
        more = {"received_on": "2026-05-01", "handed_in": "counter", "address": "1 Pier Road", "language": "en"}
        scan = (BytesIO(b"%PDF-1.4 scan"), "scan.pdf")
        answer = save(desk, channel="letter", telephone="", origin="overseas", files=scan, **more)
    assert answer.status_code == 302
    with app.app_context():
        made = session.query(Report).one()
        assert (made.channel, made.origin) == ("letter", "overseas")
        assert made.received_at == datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
        assert [each.filename for each in made.files] == ["scan.pdf"]
        assert "Handed in at the counter" in made.text
        assert "1 Pier Road" in made.text
        assert made.details["address"] == "1 Pier Road", "an answer by post needs it"
        assert session.query(Call).count() == 0


def test_a_letter_of_today_is_not_from_the_future_and_an_anonymous_one_has_no_address(
    app: Flask, desk: FlaskClient
) -> None:
    now = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
    with clock.turned_to(now):
        save(desk, channel="letter", received_on="2026-05-04", anonymous="y", address="1 Pier Road")
    assert only(app).received_at == now
    assert "Pier" not in only(app).text
    assert "address" not in only(app).details


def test_a_bad_file_is_named(app: Flask, desk: FlaskClient) -> None:
    answer = save(desk, files=(BytesIO(b"MZ program"), "photo.png"))
    assert answer.status_code == 422
    assert "The name of the file does not fit what is in it" in answer.text
    with app.app_context():
        assert session.query(Report).count() == 0


def test_what_is_alike_is_found_while_typing_and_joined(app: Flask, desk: FlaskClient) -> None:
    known = report(app, telephone="+852 2345 6789", language=Language.EN)
    found = desk.post("/staff/reports/new/alike", data=TOLD).text
    assert known in found
    assert "same telephone" in found
    assert 'name="join"' in found
    assert "Nothing alike" in desk.post("/staff/reports/new/alike", data={}).text
    answer = save(desk, join=known, organisation="Harbour Ltd", contact_time="after six")
    assert answer.location.endswith(f"/staff/reports/{known}/read-back?joined=1")
    with app.app_context():
        assert session.query(Report).count() == 1
        addition = session.query(ReportAddition).one()
        assert (addition.known_sender, addition.channel) == (True, "telephone")
        assert "有沒有輸入或交出任何資料？\n– 密碼" in addition.text
        for said in ("Harbour Ltd", "after six", "The Police"):
            assert f"– {said}" in addition.text, "what a second caller says of himself is kept"
        assert session.query(Report).one().details["consents"] == [], "and agrees to nothing for the first"
        assert session.query(Report).one().details["answers"]["phishing_entered"] == "password"
    assert "The code for the status page" not in desk.get(answer.location).text, "the web reporter has it already"
    assert save(desk, join="R26-999999-9").status_code == 404


def test_a_search_finds_calls_without_a_report(desk: FlaskClient) -> None:
    told = {"kind": "missed", "number": "2345 6789", "note": "asks about magenta"}
    assert desk.post("/staff/calls", data=told).status_code == 302
    page = desk.get("/staff/search?q=magenta").text
    assert 'href="/staff/calls#call-1"' in page
    assert "asks about magenta" in page
    assert 'id="call-1"' in desk.get("/staff/calls").text
    assert "Nothing was found" in desk.get("/staff/search?q=magenta+is:open").text


def test_missed_calls_are_noted_and_called_back(app: Flask, desk: FlaskClient) -> None:
    assert "Every call was answered or called back" in desk.get("/staff/calls").text
    assert desk.post("/staff/calls", data={"number": "2345 6789"}).status_code == 422
    told = {"kind": "voicemail", "number": "2345 6789", "note": "Please call"}
    assert desk.post("/staff/calls", data=told).status_code == 302
    page = desk.get("/staff/calls").text
    assert "Please call" in page
    assert re.search(r'class="staff-count">1<', page)
    check_places(page)
    assert "stays on the list" in desk.post("/staff/calls/1", data={"do": "tried"}, follow_redirects=True).text
    assert "The call is done" in desk.post("/staff/calls/1", data={"do": "reached"}, follow_redirects=True).text
    assert (
        "seen to this call already" in desk.post("/staff/calls/1", data={"do": "reached"}, follow_redirects=True).text
    )


def test_the_number_of_who_reported_a_restricted_case_is_not_shown_to_others(app: Flask, desk: FlaskClient) -> None:
    save(desk)
    ann, ben = sign_in(app, "Ann", "analyst"), sign_in(app, "Ben", "analyst")
    assert "2345 6789" in ben.get("/staff/calls").text
    start_writing()
    with app.app_context():
        process(only(app).id)
        session.commit()
    open_case(ann, only(app).number, restricted="y")
    assert "2345 6789" in ann.get("/staff/calls").text
    assert "2345 6789" not in ben.get("/staff/calls").text


def test_the_operator_finds_the_screen_in_the_navigation(desk: FlaskClient) -> None:
    page = desk.get("/staff/").text
    assert 'href="/staff/reports/new"' in page
    assert 'href="/staff/calls"' in page


@pytest.mark.parametrize(("language", "asked"), [("en", "Call back and ask"), ("zh-hant", "請先回電")])
def test_a_lost_code_is_read_out_after_a_call_back(app: Flask, language: str, asked: str) -> None:
    number = report(app, "A false page", telephone="2345 6789")
    reader = sign_in(app, "Olive", "operator", language=language)
    here = f"/staff/reports/{number}"
    with app.app_context():
        secret = status.secret_of(number)
    page = reader.get(here).text
    assert f"{here}/secret" in page
    assert secret not in page
    refused = reader.post(f"{here}/secret")
    assert (refused.status_code, asked in refused.text, secret in refused.text) == (422, True, False)
    shown = reader.post(f"{here}/secret", data={"called_back": "y"})
    assert secret in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert reader.get(f"{here}/secret").status_code == 405, "it is shown once"
    with app.app_context():
        [event] = [each for each in of_subjects([number]) if each.kind == "report.secret_read"]
    assert event.actor.startswith("user:")


def test_without_a_number_to_call_the_code_is_told_to_nobody(app: Flask, desk: FlaskClient) -> None:
    here = f"/staff/reports/{report(app, 'A false page')}"
    assert f"{here}/secret" not in desk.get(here).text
    answer = desk.post(f"{here}/secret", data={"called_back": "y"})
    assert (answer.status_code, "no telephone number" in answer.text) == (422, True)


def test_who_joins_the_report_of_another_is_not_told_its_code(app: Flask, desk: FlaskClient) -> None:
    save(desk)
    first = only(app).number
    here = save(desk, telephone="9876 5432", join=first).location
    with app.app_context():
        secret = status.secret_of(first)
    page = desk.get(here).text
    assert secret not in page
    assert "is for who made the report" in page
    assert shown(app) == 1, "to who took the first call"


def test_each_showing_of_a_code_is_recorded(app: Flask, desk: FlaskClient) -> None:
    here = save(desk).location
    with app.app_context():
        secret = status.secret_of(only(app).number)
    first, again = desk.get(here).text, desk.get(here).text
    assert (secret in first, secret in again) == (True, False)
    assert "stands in the timeline" in first
    assert "Show the code again" in again
    assert shown(app) == 1
    assert desk.post(here).location.endswith(here)
    assert secret in desk.get(here).text
    assert shown(app) == 2
    other = sign_in(app, "Oscar", "operator")
    assert "Show the code again" not in other.get(here).text
    refused = other.post(here, follow_redirects=True).text
    assert "Call the reporter back" in refused
    assert secret not in refused
    assert secret not in desk.post(f"/staff/reports/{report(app)}/read-back", follow_redirects=True).text
    assert shown(app) == 2


def shown(app: Flask) -> int:
    """How often the code of a report was shown."""
    with app.app_context():
        return session.query(Event).filter_by(kind="report.secret_read").count()


def test_what_became_of_a_call_is_chosen_and_not_guessed(desk: FlaskClient) -> None:
    """An answered call that nobody answered would flatter the figures."""
    page = desk.get("/staff/calls").text
    first = re.search(r'<select[^>]+id="kind".*?<option value="(\w*)"', page, re.DOTALL)
    assert first
    assert first[1] == ""
