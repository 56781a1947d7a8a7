"""Health, readiness, metrics, the letters of a demonstration, and what every page carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.web import frame


def test_alive_and_ready(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\n"
    here = config.current()
    config.use(replace(here, redis_url=f"unix://{tmp_path}/none"))
    assert client.get("/readyz").text == "ready, queue away\n"
    config.use(here)


def test_metrics_are_not_public(client: FlaskClient) -> None:
    assert "cert_portal_queue_up 1" in client.get("/metrics").text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404
    here = config.current()
    config.use(replace(here, metrics_token="t" * 20))
    far = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get("/metrics", environ_base=far, headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", environ_base=far, headers={"Authorization": "Bearer " + "t" * 20}).status_code == 200
    config.use(here)


def test_letters_are_shown_in_a_demonstration_only(
    app: Flask, client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    with app.app_context():
        receive(Submission(language=Language.EN, description="x", email="a@shop.example"), Channel.WEB)
        session.commit()
    run_jobs()
    assert client.get("/dev/mail").status_code == 404
    here = config.current()
    config.use(replace(here, demo=True))
    page = client.get("/dev/mail").text
    assert "a@shop.example" in page
    letter = client.get("/dev/mail/00000001").text
    assert "multipart/signed" in letter
    assert client.get("/dev/mail/99999999").status_code == 404
    assert client.get("/dev/mail/..%2fsettings").status_code == 404
    config.use(here)


def test_every_page_carries_its_guards(client: FlaskClient) -> None:
    response = client.get("/en/")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Request-Id"]
    assert response.headers["Cache-Control"] == "no-store"
    with client.get("/static/portal.css") as asset:
        assert "immutable" in asset.headers["Cache-Control"]
    assert frame.SCRIPT_HASH in policy


@pytest.mark.parametrize(
    ("asked", "path"), [("zh-HK,en;q=0.5", "/zh-hant/"), ("de", "/en/"), ("en", "/en/"), ("", "/en/")]
)
def test_the_front_door_asks_the_browser(client: FlaskClient, asked: str, path: str) -> None:
    assert client.get("/", headers={"Accept-Language": asked}).headers["Location"] == path


@pytest.mark.parametrize(("path", "words"), [("/en/none", "Page not found"), ("/zh-hant/none", "找不到")])
def test_errors_speak_the_readers_language(client: FlaskClient, path: str, words: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert words in response.text


def test_errors_for_programs(client: FlaskClient) -> None:
    response = client.get("/en/none", headers={"Accept": "application/json"})
    assert response.content_type == "application/problem+json"
    assert response.get_json()["status"] == 404


def test_a_form_without_our_mark_is_refused(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        response = client.post("/zh-hant/status", data={"number": "R26-000417-0"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert response.status_code == 400
    assert "<h1" in response.text


def test_guessing_is_held_off(client: FlaskClient) -> None:
    answers = [client.post("/en/status", data={"number": "x", "secret": "y"}).status_code for _ in range(32)]
    assert answers[-1] == 429
    assert answers[0] == 422
