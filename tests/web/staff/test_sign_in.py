"""Signing in and out, and one's own account."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from cert_portal.core import clock
from cert_portal.directory import accounts
from tests.web.staff.desk import PASSPHRASE, add, code, sign_in

ANN = {"email": "ann@portal.example", "passphrase": PASSPHRASE}


def test_the_page_says_what_it_is(app: Flask) -> None:
    page = app.test_client().get("/staff/sign-in?next=/staff/queue/mine")
    assert page.status_code == 200
    assert 'value="/staff/queue/mine"' in page.text


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("analyst", "/staff/"),
        ("auditor", "/staff/figures"),
        ("liaison", "/staff/figures"),
        ("admin", "/staff/people"),
        ("editor", "/staff/advisories"),
    ],
)
def test_each_role_begins_at_its_own_page(app: Flask, role: str, page: str) -> None:
    add(app, "Ann", role)
    assert app.test_client().post("/staff/sign-in", data={**ANN, "code": code()}).location == page


def test_where_one_wanted_to_go(app: Flask) -> None:
    add(app, "Ann", "analyst")
    answer = app.test_client().post("/staff/sign-in", data={**ANN, "code": code(), "next": "/staff/queue/mine"})
    assert answer.location == "/staff/queue/mine"
    cookies = answer.headers.getlist("Set-Cookie")
    assert all("HttpOnly" in each and "SameSite=Lax" in each for each in cookies)


def test_wrong_answers_look_alike(app: Flask) -> None:
    add(app, "Ann", "analyst")
    client = app.test_client()
    wrong = [{**ANN, "code": "000000"}, {**ANN, "passphrase": "x"}, {**ANN, "email": "bob@portal.example"}]
    pages = [client.post("/staff/sign-in", data=each) for each in wrong]
    assert {page.status_code for page in pages} == {422}
    assert all("do not belong together" in page.text for page in pages)


def test_missing_answers_are_named(app: Flask) -> None:
    page = app.test_client().post("/staff/sign-in", data={})
    assert page.status_code == 422
    assert "Enter your e-mail address" in page.text
    assert 'href="#passphrase"' in page.text


def test_too_many_tries(app: Flask) -> None:
    add(app, "Ann", "analyst")
    client = app.test_client()
    for _ in range(5):
        client.post("/staff/sign-in", data={**ANN, "code": "000000"})
    assert "too many tries" in client.post("/staff/sign-in", data={**ANN, "code": code()}).text


def test_signing_out_ends_this_session(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    assert client.post("/staff/sign-out").location == "/staff/sign-in"
    assert client.get("/staff/").status_code == 302


def test_signing_out_everywhere_ends_the_others(app: Flask) -> None:
    here = sign_in(app, "Ann", "analyst")
    there = app.test_client()
    with clock.turned_to(clock.now() + timedelta(seconds=30)):
        there.post("/staff/sign-in", data={**ANN, "code": code()})
    assert there.get("/staff/").status_code == 200
    here.post("/staff/sign-out-everywhere")
    assert there.get("/staff/").status_code == 302
    assert here.post("/staff/sign-out-everywhere").status_code == 302


def test_the_authenticator_is_set_up_once(app: Flask) -> None:
    number = add(app, "Ann", "analyst", secret=None)
    client = app.test_client()
    client.post("/staff/sign-in", data=ANN)
    assert client.post("/staff/account/authenticator", data={"code": "1"}).status_code == 422
    with app.app_context():
        user = accounts.by_email(ANN["email"])
        assert user is not None
        assert user.id == number
        secret = accounts.proposed_secret(user)
    assert client.post("/staff/account/authenticator", data={"code": pyotp.TOTP(secret).now()}).status_code == 302
    assert "The authenticator is set up" in client.get("/staff/account").text
    assert client.get("/staff/").status_code == 200
    assert client.post("/staff/account/authenticator", data={"code": "1"}).status_code == 302


def test_the_pass_phrase_is_changed_and_the_session_goes_on(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    change = "/staff/account/passphrase"
    assert "not right" in client.post(change, data={"old": "x", "new": "another good phrase"}).text
    assert "at least 12" in client.post(change, data={"old": PASSPHRASE, "new": "short"}).text
    assert client.post(change, data={"old": PASSPHRASE, "new": "another good phrase"}).status_code == 302
    assert client.get("/staff/account").status_code == 200


def test_the_language_is_kept_and_leads_back(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst")
    answer = client.post("/staff/account/language", data={"language": "zh-hant", "next": "/staff/queue/mine"})
    assert answer.location == "/staff/queue/mine"
    assert 'lang="zh-Hant-HK"' in client.get("/staff/").text
    assert client.post("/staff/account/language", data={"language": "xx"}).status_code == 400


def test_signing_in_again_comes_in_the_language_of_the_person(app: Flask) -> None:
    client = sign_in(app, "Ann", "analyst", language="zh-hant")
    client.delete_cookie(app.config["SESSION_COOKIE_NAME"])  # what an end of the session leaves
    asked = client.get("/staff/queue/mine", headers={"Accept-Language": "en"})
    page = client.get(asked.location, headers={"Accept-Language": "en"})
    assert 'lang="zh-Hant-HK"' in page.text
    client.post("/staff/sign-in", data={**ANN, "code": code(clock.now() + timedelta(seconds=30))})
    client.post("/staff/account/language", data={"language": "en"})
    client.post("/staff/sign-out")
    assert 'lang="en"' in client.get("/staff/sign-in", headers={"Accept-Language": "zh-HK"}).text
    client.set_cookie("language", "xx")
    assert 'lang="zh-Hant-HK"' in client.get("/staff/sign-in", headers={"Accept-Language": "zh-HK"}).text
    assert 'lang="en"' in app.test_client().get("/staff/sign-in", headers={"Accept-Language": "en"}).text


def test_a_page_that_needs_signing_in_is_led_back_to_and_an_act_is_not(app: Flask) -> None:
    add(app, "Ann", "analyst")
    client = app.test_client()
    asked = client.get("/staff/queue/mine")
    assert "next=%2Fstaff%2Fqueue%2Fmine" in asked.location
    assert "Sign in to see this page." in client.get(asked.location).text
    assert client.post("/staff/account/language").location == "/staff/sign-in"


def test_one_place_may_try_thirty_times_a_minute(app: Flask) -> None:
    client = app.test_client()
    answers = [client.post("/staff/sign-in", data={"email": "x"}).status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]
