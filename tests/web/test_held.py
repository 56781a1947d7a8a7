"""What is sent after the session ended stays in the page, goes behind the sign-in, and is sent by one press."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.directory import accounts
from tests.web.staff.desk import PASSPHRASE, code, do, open_case, report, sign_in

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def case(app: Flask) -> str:
    ann = sign_in(app, "Ann", "analyst")
    return open_case(ann, report(app))


@pytest.fixture
def guarded(app: Flask, case: str, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """With the protection that tests of other pages go without."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return app


def fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of a form."""
    form = re.search(rf'<form method="post" action="{action}"(.*?)</form>', page, re.DOTALL)
    assert form, page
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1])
    return {name: html.unescape(value) for name, value in found}


def enter(client: FlaskClient, page: str) -> str:
    """Sign in through this page; the page that follows."""
    told = {"email": "ann@portal.example", "passphrase": PASSPHRASE, "code": code(clock.now() + timedelta(seconds=30))}
    answer = client.post("/staff/sign-in", data={**fields(page, "/staff/sign-in"), **told}, headers=OURS)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_words_for_a_case_that_is_hidden_meanwhile_are_given_back(case: str, app: Flask) -> None:
    ann, sue = app.test_client(), sign_in(app, "Sue", "supervisor")
    told = {"email": "ann@portal.example", "passphrase": PASSPHRASE, "code": code(clock.now() + timedelta(seconds=30))}
    assert ann.post("/staff/sign-in", data=told).status_code == 302
    do(sue, f"/staff/cases/{case}/restrict", why="police")
    letter = {"subject": "Your report", "letter": "Dear Rita, <we> look\nat it", "to": "R26-1"}
    answer = ann.post(f"/staff/cases/{case}/write", data=letter, headers=OURS)
    assert answer.status_code == 404
    assert "Dear Rita, &lt;we&gt; look\nat it" in answer.text
    assert "Fake bank" not in answer.text
    assert "not there any more" in answer.text
    for field, typed in (("note", "reporter-called-back"), ("lines", "1.2.3.4\n5.6.7.8"), ("tag", "urgent")):
        page = ann.post(f"/staff/cases/{case}/note", data={field: typed}, headers=OURS).text
        assert typed in page.partition("What you wrote")[2], field
    filled_in = {"edit-reporter_name": "Maggie Tse", "edit-text": "What Maggie told", "title": "What it is about"}
    assert "What you wrote" not in ann.post(f"/staff/cases/{case}/describe", data=filled_in, headers=OURS).text
    assert "Dear Rita" not in ann.post(f"/staff/cases/{case}/write", data=letter).text, (
        "of another site nothing is held"
    )


def test_what_is_too_large_is_not_read_again_to_be_given_back(
    case: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = sign_in(app, "Ben", "analyst")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100)
    answer = ben.post(f"/staff/cases/{case}/note", data={"note": "word " * 100}, headers=OURS)
    assert answer.status_code == 413
    assert "too much at once" in answer.text


def test_a_note_survives_the_end_of_the_session(case: str, guarded: Flask) -> None:
    late = guarded.test_client()
    words = 'The bank said: "wait" <& see>\nuntil noon'
    answer = late.post(f"/staff/cases/{case}/note", data={"note": words}, headers=OURS)
    assert answer.status_code == 401
    assert "kept in this page" in answer.text
    wrong = {**fields(answer.text, "/staff/sign-in"), "email": "ann@portal.example", "passphrase": "x", "code": "1"}
    refused = late.post("/staff/sign-in", data=wrong, headers=OURS)
    assert refused.status_code == 422
    page = enter(late, refused.text)
    assert "You are signed in again" in page
    assert html.escape("<& see>") in page
    sent = fields(page, f"/staff/cases/{case}/note")
    assert sent["note"] == words
    answer = late.post(f"/staff/cases/{case}/note", data=sent, headers=OURS)
    assert answer.status_code == 302
    assert "until noon" in late.get(answer.location).text


def test_a_session_that_was_ended_elsewhere_loses_no_form(case: str, guarded: Flask) -> None:
    """The mark of the form is still good then, the session is not."""
    guarded.config["WTF_CSRF_ENABLED"] = False
    ben = sign_in(guarded, "Ben", "analyst")
    other = guarded.test_client()
    start_writing()
    with guarded.app_context():
        user = accounts.by_email("ben@portal.example")
        assert user is not None
        accounts.sign_out_everywhere(user, user.actor)
        session.commit()
    answer = ben.post(f"/staff/cases/{case}/note", data={"note": "Not lost"}, headers=OURS)
    assert answer.status_code == 401
    assert "Not lost" in fields(answer.text, "/staff/sign-in")["held"]
    assert other.post(f"/staff/cases/{case}/note", data={"note": "x"}).status_code == 302


def test_an_old_page_of_somebody_who_is_signed_in_asks_for_one_more_press(case: str, guarded: Flask) -> None:
    guarded.config["WTF_CSRF_ENABLED"] = False
    ben = sign_in(guarded, "Ben", "analyst")
    guarded.config["WTF_CSRF_ENABLED"] = True
    answer = ben.post(f"/staff/cases/{case}/note", data={"note": "Old page"}, headers=OURS)
    assert answer.status_code == 400
    assert "had been open for too long" in answer.text
    sent = fields(answer.text, f"/staff/cases/{case}/note")
    assert "Old page" in do(ben, f"/staff/cases/{case}/note", **sent)


def test_nothing_is_held_of_other_sites_or_of_secrets(case: str, guarded: Flask) -> None:
    late = guarded.test_client()
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        answer = late.post(f"/staff/cases/{case}/note", data={"note": "planted words"}, headers=headers)
        assert answer.status_code == 400
        assert "planted words" not in answer.text
    answer = late.post("/staff/account/passphrase", data={"old": "my secret", "new": "x"}, headers=OURS)
    assert "my secret" not in answer.text


@pytest.mark.parametrize(
    "told", ["x", "[]", '["https://evil.example/", false, null, []]', '["/staff/cases", false, 1, [1]]']
)
def test_what_was_not_held_by_us_leads_to_the_first_page(app: Flask, told: str) -> None:
    sign_in(app, "Ann", "analyst")
    data = {"email": "ann@portal.example", "passphrase": PASSPHRASE, "held": told}
    data["code"] = code(clock.now() + timedelta(seconds=30))
    answer = app.test_client().post("/staff/sign-in", data=data)
    assert answer.status_code == 302


def test_a_short_chinese_note_is_shown_before_it_is_sent_again(case: str, guarded: Flask) -> None:
    late = guarded.test_client()
    answer = late.post(f"/staff/cases/{case}/note", data={"note": "請等到中午", "mention": "Ann"}, headers=OURS)
    page = enter(late, answer.text)
    assert '<p class="portal-keep-lines">請等到中午</p>' in page
    assert '<p class="portal-keep-lines">Ann</p>' not in page


def token(page: str) -> str:
    """The mark of the forms of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_nobody_goes_on_with_what_somebody_else_sent(case: str, guarded: Flask) -> None:
    guarded.config["WTF_CSRF_ENABLED"] = False
    ben = sign_in(guarded, "Ben", "analyst")
    told = {"note": "Ben wrote this alone", "csrf_token": token(ben.get(f"/staff/cases/{case}").text)}
    guarded.config["WTF_CSRF_ENABLED"] = True
    late = guarded.test_client()
    page = late.post(f"/staff/cases/{case}/note", data=told, headers=OURS).text
    ann = {"email": "ann@portal.example", "passphrase": PASSPHRASE, "code": code(clock.now() + timedelta(seconds=30))}
    answer = late.post("/staff/sign-in", data={**fields(page, "/staff/sign-in"), **ann}, headers=OURS)
    assert answer.status_code == 422
    assert "somebody else sent" in answer.text
    assert late.get("/staff/").status_code == 302
    ben_again = {**fields(answer.text, "/staff/sign-in"), **ann, "email": "ben@portal.example"}
    back = late.post("/staff/sign-in", data=ben_again, headers=OURS)
    assert fields(back.text, f"/staff/cases/{case}/note")["note"] == "Ben wrote this alone"


def test_a_page_of_somebody_else_asks_for_that_person_though_another_is_signed_in(case: str, guarded: Flask) -> None:
    guarded.config["WTF_CSRF_ENABLED"] = False
    ben, cleo = sign_in(guarded, "Ben", "analyst"), sign_in(guarded, "Cleo", "analyst")
    told = {"note": "Ben wrote this alone", "csrf_token": token(ben.get(f"/staff/cases/{case}").text)}
    guarded.config["WTF_CSRF_ENABLED"] = True
    answer = cleo.post(f"/staff/cases/{case}/note", data=told, headers=OURS)
    assert answer.status_code == 401
    assert "Ben wrote this alone" in fields(answer.text, "/staff/sign-in")["held"]
    assert 'portal-said">' not in answer.text
    own = {"note": "Mine", "csrf_token": "x"}
    assert cleo.post(f"/staff/cases/{case}/note", data=own, headers=OURS).status_code == 400


def test_a_new_template_survives_the_end_of_the_session(case: str, guarded: Flask) -> None:
    told = {"short_name": "ask", "text-en": "A long letter that nobody wants to type again"}
    answer = guarded.test_client().post("/staff/settings/templates/new", data=told, headers=OURS)
    assert answer.status_code == 401
    assert "nobody wants to type again" in fields(answer.text, "/staff/sign-in")["held"]
