"""The page of a party: without an account, in two languages, GET writes nothing, old links are told so politely."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.coordination import link, refer
from cert_portal.coordination.models import Referral, ReferralFile, ReferralMessage
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.directory.models import User
from tests.cases.desk import person
from tests.coordination.desk import a_sent_referral
from tests.web.staff.desk import check_places


@pytest.fixture
def token(app: Flask) -> str:
    """The link of a referral that left."""
    start_writing()
    with app.app_context():
        made = a_sent_referral(person())
        session.commit()
        return link.token_of(made)


def state(app: Flask) -> str:
    with app.app_context():
        return session.query(Referral).one().state


def said(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(each.verb, each.text) for each in session.query(ReferralMessage).order_by(ReferralMessage.id)]


def opened(client: FlaskClient, token: str) -> str:
    assert client.post(f"/p/{token}/open").location == f"/p/{token}"
    return client.get(f"/p/{token}").text


def test_following_the_link_records_nothing_and_shows_no_content(app: Flask, client: FlaskClient, token: str) -> None:
    for _scanner in range(2):
        page = client.get(f"/p/{token}")
        assert page.status_code == 200
        assert "Open the referral" in page.text
        assert "harbour[.]example" not in page.text
    assert client.head(f"/p/{token}").status_code == 200
    assert state(app) == "sent"
    page_text = opened(client, token)
    assert "hxxps://www[.]harbour[.]example/login" in page_text
    assert state(app) == "seen"
    check_places(page_text)


def test_both_languages_and_the_choice_stays(client: FlaskClient, token: str) -> None:
    page = client.get(f"/p/{token}", headers={"Accept-Language": "zh-HK"})
    assert 'lang="zh-Hant-HK"' in page.text
    assert "開啟轉介" in page.text
    assert f'href="/p/{token}?lang=en"' in page.text
    page = client.get(f"/p/{token}?lang=zh-hant")
    assert f'action="/p/{token}/open?lang=zh-hant"' in page.text
    answer = client.post(f"/p/{token}/open?lang=zh-hant")
    assert answer.location == f"/p/{token}?lang=zh-hant"
    assert "你發現了甚麼" in client.get(answer.location).text
    assert client.get(f"/p/{token}?lang=xx").status_code == 200


def test_the_state_in_both_languages(client: FlaskClient, token: str) -> None:
    opened(client, token)
    for language, word in (("en", "You opened it"), ("zh-hant", "你已開啟")):
        assert f'portal-state__word">{word}</p>' in client.get(f"/p/{token}?lang={language}").text


def test_acknowledge_answer_resolve(app: Flask, client: FlaskClient, token: str) -> None:
    opened(client, token)
    assert client.post(f"/p/{token}/acknowledge", data={"reference": "T-1"}).status_code == 302
    assert state(app) == "acknowledged"
    page = client.get(f"/p/{token}?done=acknowledge").text
    assert "We have recorded" in page
    assert "T-1" in page
    files = [(BytesIO(b"lines"), "log.txt"), (BytesIO(b"more"), "more.txt")]
    sent = client.post(f"/p/{token}/answer", data={"text": "<b>It is down</b>", "files": files})
    assert sent.status_code == 302
    assert state(app) == "answered"
    assert client.post(f"/p/{token}/resolved", data={"text": ""}).status_code == 302
    assert state(app) == "resolved"
    assert said(app) == [("acknowledge", ""), ("answer", "<b>It is down</b>"), ("resolve", "")]
    with app.app_context():
        assert [file.filename for file in session.query(ReferralFile).order_by(ReferralFile.id)] == [
            "log.txt",
            "more.txt",
        ]
    assert "The trouble is over" not in client.get(f"/p/{token}").text


def test_not_ours_with_whom_to_ask(app: Flask, client: FlaskClient, token: str) -> None:
    opened(client, token)
    assert client.post(f"/p/{token}/not-ours", data={"text": "Ask abuse@other.example"}).status_code == 302
    assert (state(app), said(app)) == ("not_theirs", [("disown", "Ask abuse@other.example")])
    assert "This is not ours" not in client.get(f"/p/{token}").text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"text": " "}, "Write an answer or choose a file"),
        ({"text": "kept", "files": [(BytesIO(b""), "empty.txt")]}, "A file is empty"),
        ({"text": "kept", "files": [(BytesIO(b"MZ"), "picture.png")]}, "not what its name says"),
        ({"text": "kept\x01"}, "character that cannot be read"),
        ({"text": "kept", "reference": "x" * 81}, "Use 80 characters or fewer"),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_lost(
    app: Flask, client: FlaskClient, token: str, data: dict[str, object], told: str
) -> None:
    opened(client, token)
    for _position, _name in data.get("files", []):  # type: ignore[attr-defined]  # the same stream on both databases
        _position.seek(0)
    copies = {**data, "files": [(BytesIO(each.getvalue()), name) for each, name in data.get("files", [])]}  # type: ignore[attr-defined]
    page = client.post(f"/p/{token}/answer", data=copies)
    assert page.status_code == 422
    assert told in page.text
    assert (str(data["text"]).strip("\x01 ") in page.text) is True
    assert said(app) == []
    check_places(page.text)


def test_a_file_over_the_limit_is_told_with_its_name(app: Flask, client: FlaskClient, token: str) -> None:
    opened(client, token)
    head = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = head.format("text", "").encode() + b"kept\r\n" + head.format("files", '; filename="big.bin"').encode()
    body += b"\0" * 20_000_001 + b"\r\n--b--\r\n"
    page = client.post(f"/p/{token}/answer", data=body, content_type="multipart/form-data; boundary=b")
    assert page.status_code == 422
    assert "smaller than 20 MB (big.bin)" in page.text
    assert "kept" in page.text
    assert said(app) == []


def test_far_too_much_at_once_is_told(app: Flask, client: FlaskClient, token: str) -> None:
    opened(client, token)
    app.config["MAX_CONTENT_LENGTH"], before = 1000, app.config["MAX_CONTENT_LENGTH"]
    try:
        page = client.post(f"/p/{token}/answer", data={"files": (BytesIO(b"x" * 2000), "big.txt")})
    finally:
        app.config["MAX_CONTENT_LENGTH"] = before
    assert page.status_code == 413
    assert "20 MB" in page.text
    assert f'href="/p/{token}"' in page.text


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_old_links_are_told_so_politely(app: Flask, client: FlaskClient, token: str, language: str) -> None:
    words = {
        "en": ("Its time is over", "replaced or withdrawn", "Check that the address"),
        "zh-hant": ("連結已過期", "連結已被取代或撤回", "請檢查網址是否完整"),
    }[language]
    asked = f"?lang={language}"
    with clock.turned_to(clock.now() + timedelta(days=61)):
        for answer in _everything(client, token, asked):
            assert (answer.status_code, words[0] in answer.text) == (410, True)
    start_writing()
    with app.app_context():
        refer.revoke_link(session.query(Referral).one(), session.query(User).one())
        session.commit()
    for answer in _everything(client, token, asked):
        assert (answer.status_code, words[1] in answer.text) == (410, True)
    for answer in _everything(client, "1.1." + "0" * 40, asked):
        assert (answer.status_code, words[2] in answer.text) == (404, True)
    assert said(app) == []


def _everything(client: FlaskClient, token: str, asked: str) -> list:  # type: ignore[type-arg]  # answers of the test client
    posts = [client.post(f"/p/{token}/{act}{asked}", data={"text": "x"}) for act in ("open", "answer")]
    return [client.get(f"/p/{token}{asked}"), *posts]


def test_a_link_that_closes_while_the_form_is_read(
    app: Flask, client: FlaskClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, calls = link.find, []

    def closes(told: str) -> object:
        calls.append(told)
        return really(told) if len(calls) == 1 else (None, link.Standing.REVOKED)

    monkeypatch.setattr(link, "find", closes)
    assert client.post(f"/p/{token}/answer", data={"text": ""}).status_code == 410


def test_the_page_speaks_of_nobody_else(client: FlaskClient, token: str) -> None:
    page = opened(client, token)
    for word in ("Rita", "rita@", "/staff", "Fake bank", "Ann"):
        assert word not in page, word
    assert re.search(r'name="csrf_token"', page)
