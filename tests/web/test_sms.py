"""The address of the text message gateway: signed or nothing, and every answer but 200 leaves the message there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal import config
from cert_portal.core import clock, sms
from cert_portal.core.db import session
from cert_portal.intake.models import Report, TextReceipt

TOLD = {"id": "g-1", "from": "+85291234567", "text": "My files are locked"}


@pytest.fixture
def gateway(app: Flask, client: FlaskClient) -> Iterator[Any]:
    config.use(replace(config.current(), sms_secret="gateway secret of the tests"))
    app.config["WTF_CSRF_ENABLED"] = True

    def deliver(told: object, *, body: bytes | None = None, seconds: int = 0) -> tuple[int, dict[str, Any]]:
        data = json.dumps(told).encode() if body is None else body
        moment = str(int(clock.now().timestamp()) + seconds)
        heads = {"X-Timestamp": moment, "X-Signature": f"sha256={sms.sign(moment, data)}"}
        answer = client.post("/api/v1/sms", data=data, headers=heads, content_type="application/json")
        return answer.status_code, answer.get_json()

    yield deliver
    app.config["WTF_CSRF_ENABLED"] = False


def count(app: Flask) -> tuple[int, int]:
    with app.app_context():
        return session.query(Report).count(), session.query(TextReceipt).count()


def test_a_signed_message_becomes_a_report_without_a_token(app: Flask, gateway: Any) -> None:
    status, told = gateway(TOLD)
    assert (status, told["outcome"]) == (200, "report")
    assert told["number"].startswith("R")
    assert gateway(TOLD) == (200, told), "delivered again"
    assert count(app) == (1, 1)


def test_a_part_waits(gateway: Any) -> None:
    part = {**TOLD, "reference": "9", "part": 1, "parts": 2}
    assert gateway(part) == (200, {"outcome": "waiting", "number": ""})


def test_an_old_or_forged_message_is_not_taken(app: Flask, client: FlaskClient, gateway: Any) -> None:
    assert gateway(TOLD, seconds=-301) == (403, {"error": "signature"})
    assert client.post("/api/v1/sms", json=TOLD).status_code == 403
    assert count(app) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"id": "1"}',
        b'{"id": 1, "from": "2", "text": "3"}',
        b'{"id": "1", "from": "2", "text": "3", "parts": "x"}',
        b'{"id": "", "from": "2", "text": "3"}',
        b'{"id": "1", "from": "2", "text": "3", "part": 1e999}',
        b"[" * 60_000,
        b"\xff",
    ],
)
def test_what_is_not_understood_is_named(app: Flask, gateway: Any, body: bytes) -> None:
    assert gateway(None, body=body) == (400, {"error": "malformed"})
    assert count(app) == (0, 0)


def test_a_flood_of_one_number_is_put_off(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cert_portal.intake.sms.MOST_IN_AN_HOUR", 1)
    assert gateway(TOLD)[0] == 200
    assert gateway({**TOLD, "id": "g-2"}) == (429, {"error": "too_many"})
