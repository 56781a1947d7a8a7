"""PostgreSQL stops while a visitor is in the wizard: the page says so, holds what was typed, and nothing is lost."""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.app import create_app
from cert_portal.core.db import Base, db, session, start_writing
from cert_portal.directory import accounts
from cert_portal.intake.models import Report, ReportDraft
from tests.servers import Postgres

pytestmark = pytest.mark.slow
SORRY = {"en": "Sorry, we cannot do that right now", "zh-hant": "抱歉"}
KEPT = {"en": "What you just typed is kept in this page", "zh-hant": "你剛才輸入的內容保留在本頁"}
WORDS = 'The till shows "pay 0.05 BTC" & a skull.\r\n收銀機被鎖，<b>所有</b>檔案打不開，請盡快回覆，謝謝。'


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A cluster that may be stopped."""
    with tempfile.TemporaryDirectory(prefix="cp-away", dir="/tmp") as folder:
        server = Postgres(Path(folder), safe=True)
        yield server
        server.stop()


@pytest.fixture(scope="module")
def portal(postgres: Postgres, apps: dict[str, Flask]) -> Iterator[Flask]:
    """The application on it."""
    usual = apps["postgresql"].extensions["settings"]
    here = replace(usual, database_url=postgres.url("away"))
    app = create_app(here)
    app.config["WTF_CSRF_ENABLED"] = False
    start_writing()
    with app.app_context():
        Base.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()
    config.use(usual)


def hidden(page: str) -> dict[str, str]:
    """The form that the page holds, as a browser would send it."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_what_was_typed_stays_and_the_draft_is_whole(lang: str, postgres: Postgres, portal: Flask) -> None:
    client = portal.test_client()
    first = f"/{lang}/report/what"
    assert client.post(first, data={"kind": "ransomware", "description": "typed before"}).status_code == 302
    postgres.stop()
    try:
        away = client.post(f"{first}?change=1", data={"kind": "phishing", "description": WORDS})
        reading = client.get(first)
    finally:
        postgres.begin()
    page = away.get_data(as_text=True)
    assert (away.status_code, away.headers["Retry-After"], reading.status_code) == (503, "60", 503)
    assert SORRY[lang] in page
    assert KEPT[lang] in page
    assert "所有" in re.findall(r'portal-keep-lines">(.*?)</p>', page, re.DOTALL)[0]
    assert SORRY[lang] in reading.get_data(as_text=True)
    assert "typed before" in _answers(client, portal)
    again = re.findall(r'<form method="post" action="([^"]+)"', page)[-1]
    assert client.post(again, data=hidden(page)).location == f"/{lang}/report/check"
    assert html.escape(WORDS.split("\r\n")[1], quote=False) in client.get(first).get_data(as_text=True)
    assert "typed before" not in _answers(client, portal)


def _answers(client: FlaskClient, portal: Flask) -> str:
    with portal.app_context():
        return str([draft.answers for draft in session.query(ReportDraft).order_by(ReportDraft.id.desc()).limit(1)])


@pytest.mark.parametrize("lang", ["en", "zh-hant"])
def test_the_last_button_is_pressed_again_and_one_report_is_made(lang: str, postgres: Postgres, portal: Flask) -> None:
    client = portal.test_client()
    client.post(f"/{lang}/report/what", data={"kind": "phishing", "description": "a false bank"})
    client.post(f"/{lang}/report/contact", data={"reach": "contact", "email": "ann@shop.example", "language": lang})
    before = _reports(portal)
    postgres.stop()
    try:
        away = client.post(f"/{lang}/report/check")
    finally:
        postgres.begin()
    assert away.status_code == 503
    assert client.post(f"/{lang}/report/check").location == f"/{lang}/report/sent"
    assert _reports(portal) == before + 1


def _reports(portal: Flask) -> int:
    with portal.app_context():
        return session.query(Report).count()


def test_one_box_keeps_its_words_and_names_the_files_that_it_cannot_keep(postgres: Postgres, portal: Flask) -> None:
    client = portal.test_client()
    postgres.stop()
    try:
        box = client.post("/en/report/fyi", data={"description": WORDS, "once": "x" * 32}).get_data(as_text=True)
        file = (tempfile.TemporaryFile(), "screen.png")  # noqa: SIM115  # the client closes it
        long = client.post("/en/report/specialist", data={"description": WORDS, "files": file}).get_data(as_text=True)
    finally:
        postgres.begin()
    assert hidden(box) | {"csrf_token": ""} == {"description": WORDS, "once": "x" * 32, "csrf_token": ""}
    assert "Files cannot be kept here" not in box
    assert "Files cannot be kept here" in long
    assert "/en/status/R" in (client.post("/en/report/fyi", data=hidden(box)).location or "")


@pytest.mark.parametrize("path", ["/staff/", "/en/report/what", "/en/status"])
def test_who_is_signed_in_is_told_too(path: str, postgres: Postgres, portal: Flask) -> None:
    with portal.app_context():
        person = accounts.add_user(f"a{len(path)}@portal.example", "Ann", "four unrelated words", ["analyst"])
        session.commit()
        kept = person.get_id()
    client = portal.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = kept
    assert client.get(path).status_code in (200, 302)
    postgres.stop()
    try:
        answer = client.get(path)
        sent = client.post(path, data={"number": "R26-000001-1", "secret": "x", "description": "words"})
    finally:
        postgres.begin()
    assert answer.status_code in (200, 302, 503)
    assert sent.status_code == 503
    assert "Sorry, we cannot do that right now" in sent.get_data(as_text=True)
    assert client.get(path).status_code in (200, 302)
