"""Exercises on the desk: begun, fed, marked on every page, counted apart; labels of cases."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import exercise
from tests.web.staff.desk import NOW, check_places, do, open_case, refused, report, sign_in

BANNER = '<p class="staff-exercise" role="note">'


@pytest.fixture
def sue(app: Flask) -> FlaskClient:
    """A duty supervisor."""
    return sign_in(app, "Sue", "supervisor")


def register(app: Flask, address: str) -> None:
    """Letters of exercises may go there."""
    start_writing()
    with app.app_context():
        exercise.add(address, "", "system")
        session.commit()


def test_the_administrator_keeps_the_addresses(app: Flask) -> None:
    ada = sign_in(app, "Ada", "admin")
    path = "/staff/settings/exercise-addresses"
    assert "No address is registered" in ada.get(path).text
    assert "player@team.example" in do(ada, path, address="Player@team.example", note="Team A")
    assert "registered already" in refused(ada, path, address="player@team.example")
    page = refused(ada, path, address="nobody", note="Team B")
    assert 'value="nobody"' in page
    assert 'value="Team B"' in page
    page = refused(ada, path, address="@two.example", note="n" * 201)
    assert ("The note has at most 200 characters" in page, 'href="#note"' in page) == (True, True)
    assert "player@team.example" not in do(ada, f"{path}/remove", address="player@team.example")
    sue = sign_in(app, "Sue", "supervisor")
    assert sue.get(path).status_code == 200
    assert sue.post(path, data={"address": "a@b.example"}).status_code == 403


def test_an_exercise_is_begun_fed_and_ended(app: Flask, sue: FlaskClient) -> None:
    page = sue.get("/staff/exercises").text
    assert "No address is registered for exercises yet" in page
    assert "No exercise yet." in page
    register(app, "player@team.example")
    assert "Give the exercise a name" in refused(sue, "/staff/exercises")
    with clock.turned_to(NOW):
        assert "Spring" in do(sue, "/staff/exercises", name="Spring")
        assert "runs already" in refused(sue, "/staff/exercises", name="Autumn")
        told = {"email": "player@team.example", "kind": "phishing", "language": "en", "description": "A fake page"}
        page = refused(sue, "/staff/exercises/report", **{**told, "email": "real@bank.example"})
        assert "not registered" in page
        assert "Registered: player@team.example<" in page, "so that nobody has to guess"
        page = refused(
            sue, "/staff/exercises/report", **{**told, "kind": "", "description": "Typed with care"}, drill=""
        )
        assert "Typed with care" in page
        page = do(sue, "/staff/exercises/report", **told)
        number = re.findall(r"R\d\d-\d+-\d", page)[0]
        assert BANNER in sue.get(f"/staff/reports/{number}").text
        assert "An exercise runs" in sue.get("/staff/queue").text or "An exercise runs" in sue.get("/staff/").text
        assert "Tick that the exercise is over" in refused(sue, "/staff/exercises/1/end")
        page = do(sue, "/staff/exercises/1/end", sure="y")
        assert "The exercise is over." in page
        assert "Outside any exercise" not in page
    other = report(app, "a rehearsal")
    do(sue, f"/staff/reports/{other}/exercise", drill="yes", why="a rehearsal")
    assert "Outside any exercise" in sue.get("/staff/exercises").text
    assert sue.post("/staff/exercises/9/end", data={"sure": "y"}).status_code == 404
    ann = sign_in(app, "Ann", "analyst")
    page = ann.get("/staff/exercises").text
    assert "Figures of exercises" in page
    assert "Begin an exercise" not in page
    check_places(page)
    assert ann.post("/staff/exercises", data={"name": "x"}).status_code == 403


def test_every_page_of_an_exercise_says_so(app: Flask, sue: FlaskClient) -> None:
    register(app, "rita@victim.example")
    first, second = report(app), report(app, "another")
    case = open_case(sue, first)
    path = f"/staff/cases/{case}"
    assert BANNER not in sue.get(path).text
    assert BANNER in do(sue, f"{path}/exercise", drill="yes", why="the spring exercise")
    look = sue.post(f"{path}/write", data={"do": "look", "to": first, "subject": "Hello", "letter": "Dear Rita"}).text
    assert "[EXERCISE 演習]" in look
    do(sue, f"{path}/write", do="later", to=first, subject="Hello", letter="Dear Rita", when="in_a_week")
    for place in ("", "/planned/1", "/observables", "/merge", "/refer"):
        answer = sue.get(f"{path}{place}")
        assert answer.status_code == 200, place
        assert BANNER in answer.text, place
    assert BANNER in sue.get(f"/staff/reports/{first}").text
    assert case in sue.get("/staff/cases?q=drill:yes").text
    assert case not in sue.get("/staff/cases?q=drill:no").text
    assert "do not go together" in refused(sue, f"{path}/join", report=second)
    assert BANNER not in do(sue, f"{path}/exercise", drill="no")
    for place in (path, f"/staff/reports/{second}"):
        page = refused(sue, f"{place}/exercise", drill="yes", why=" ")
        assert "Say why it is an exercise" in page
        assert 'href="#why-exercise"' in page
    assert BANNER in do(sue, f"/staff/reports/{second}/exercise", drill="yes", why="spring")
    assert "mark the case" in refused(sue, f"/staff/reports/{first}/exercise", drill="yes", why="spring")


def test_a_letter_of_an_exercise_to_somebody_real_is_refused_with_the_reason(app: Flask, sue: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(sue, number)}"
    do(sue, f"{path}/exercise", drill="yes", why="spring")
    page = refused(sue, f"{path}/write", to=number, subject="Hello", letter="Dear Rita")
    assert "not registered for exercises" in page
    assert "Dear Rita" in page


def test_a_case_of_an_exercise_offers_registered_addresses_alone_and_names_the_others(
    app: Flask, sue: FlaskClient
) -> None:
    known, other = report(app), report(app, "another", email="player@far.example")
    register(app, "rita@victim.example")
    path = f"/staff/cases/{open_case(sue, known)}"
    do(sue, f"{path}/join", report=other)
    assert 'value="' + other + '"' in sue.get(path).text
    page = do(sue, f"{path}/exercise", drill="yes", why="spring")
    offered = re.findall(r'name="to" type="checkbox" value="([^"]+)"', page)
    assert offered == [known]
    assert "player@far.example" in page.partition("not registered for exercises")[2]
    for place in ("refer?body=police", "not-for-us"):
        assert ("player@far.example" in sue.get(f"/staff/reports/{other}/{place}").text) is True
    alone = sue.get(f"/staff/reports/{other}").text
    assert "not registered for exercises" in alone
    assert "/write" not in alone


def test_a_letter_that_waits_says_that_its_address_is_none_of_the_exercise(app: Flask, sue: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(sue, number)}"
    do(sue, f"{path}/write", do="later", to=number, subject="Hello", letter="Dear Rita", when="in_a_week")
    assert "Will not leave" not in sue.get(path).text
    assert "Will not leave" in do(sue, f"{path}/exercise", drill="yes", why="spring")


def test_a_case_that_shares_a_report_is_not_marked(app: Flask, sue: FlaskClient) -> None:
    first, second = report(app), report(app, "another")
    case, other = open_case(sue, first), open_case(sue, second)
    do(sue, f"/staff/cases/{other}/join", report=first)
    assert "belongs to another case, too" in refused(sue, f"/staff/cases/{case}/exercise", drill="yes", why="spring")


def test_the_label_of_a_case_is_set_and_red_holds_every_letter(app: Flask, sue: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(sue, number)}"
    page = do(sue, f"{path}/tlp", tlp="TLP:RED", why="names a source")
    assert '<strong class="portal-tlp portal-tlp--red">TLP:RED</strong>' in page
    assert "TLP:AMBER → TLP:RED" in page
    page = refused(sue, f"{path}/write", to=number, subject="Hello", letter="Dear Rita")
    assert "TLP:RED never leaves by mail" in page
    assert "Dear Rita" in page
    page = refused(sue, f"/staff/reports/{number}/write", subject="Hello", letter="Dear Rita")
    assert "TLP:RED never leaves by mail" in page
    assert "Choose a label" in refused(sue, f"{path}/tlp", tlp="TLP:WHITE")
    assert "Say why the case may travel further" in refused(sue, f"{path}/tlp", tlp="TLP:AMBER")


def test_hidden_cases_stay_hidden(app: Flask, sue: FlaskClient) -> None:
    number = report(app)
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, number, restricted="y")
    for path in (f"cases/{case}/exercise", f"cases/{case}/tlp", f"reports/{number}/exercise"):
        assert sue.post(f"/staff/{path}", data={"drill": "yes", "tlp": "TLP:RED"}).status_code == 404
