"""The door to the text message gateway: signatures, parts, and a real server that takes, refuses or is away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.config import Settings
from cert_portal.core import clock, sms
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.outgoing import RETRY_AFTER
from cert_portal.core.queue import SEND_TEXT
from cert_portal.core.sms import Claimed, SendLater, SendRefused, parts
from workers.sms import send_text

NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
SECRET = "gateway secret of the tests"


class Gateway(HTTPServer):
    """Keeps what it gets and answers what it was told to."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"


class _Answer(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Gateway]:
    gateway = Gateway()
    thread = Thread(target=gateway.serve_forever, daemon=True)
    thread.start()
    yield gateway
    gateway.shutdown()
    gateway.server_close()
    thread.join()


@pytest.fixture
def gateway(context: Flask) -> Iterator[Gateway]:
    with running() as found:
        config.use(replace(config.current(), sms_url=found.address, sms_secret=SECRET))
        yield found


def kinds() -> list[str]:
    return [each.kind for each in session.query(Event).order_by(Event.id) if each.kind.startswith("text.")]


def posted(text: str = "收到") -> int:
    row = sms.post("text_received", "R26-000001-1", "85291234567", text)
    session.commit()
    return row.id


def work(text_id: int) -> None:
    """As a worker: in a session of its own."""
    session.remove()
    send_text(text_id)


def state(text_id: int) -> tuple[str, int]:
    session.expire_all()
    row = session.get_one(sms.OutgoingText, text_id)
    return row.state, row.tries


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 307, 3),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("😀" * 36, 2),
    ],
)
def test_how_many_messages_a_text_is(text: str, count: int) -> None:
    assert parts(text) == count


def test_a_message_is_signed_sent_once_and_recorded(gateway: Gateway) -> None:
    number = posted()
    with clock.turned_to(clock.now()):
        work(number)
        work(number)
    ((heads, body),) = gateway.got
    assert json.loads(body) == {"id": str(number), "to": "+85291234567", "text": "收到", "parts": 1}
    assert heads["X-Signature"] == f"sha256={sms.sign(heads['X-Timestamp'], body)}"
    assert heads["Idempotency-Key"] == f"text-{number}"
    assert (state(number), kinds()) == (("sent", 1), ["text.sent"])


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_gateway_in_trouble_is_asked_again(gateway: Gateway, status: int) -> None:
    gateway.status = status
    number = posted()
    work(number)
    assert (state(number), kinds()) == (("queued", 1), [])
    work(number)
    assert len(gateway.got) == 1, "not before its time"
    gateway.status = 200
    with clock.turned_to(clock.now() + RETRY_AFTER[0]):
        assert sms.unfinished() == [number]
        work(number)
    assert state(number) == ("sent", 2)


@pytest.mark.parametrize("status", [400, 302])
def test_a_refusal_is_final_and_a_detour_is_not_followed(gateway: Gateway, status: int) -> None:
    gateway.status = status
    number = posted()
    work(number)
    assert (state(number), kinds(), len(gateway.got)) == (("failed", 1), ["text.failed"], 1)


def test_a_gateway_that_is_away_is_given_up_after_the_last_wait(context: Flask) -> None:
    config.use(replace(config.current(), sms_url="http://127.0.0.1:9/", sms_secret=SECRET))
    number, now = posted(), clock.now()
    for _try in range(len(RETRY_AFTER) + 1):
        with clock.turned_to(now):
            work(number)
        now += timedelta(days=2)
    assert (state(number), kinds()) == (("failed", len(RETRY_AFTER) + 1), ["text.failed"])


def test_a_process_that_died_while_sending_leaves_the_message_to_the_next(gateway: Gateway) -> None:
    number = posted()
    assert sms.claim(number) is not None
    session.commit()
    assert sms.claim(number) is None, "leased"
    session.rollback()
    with clock.turned_to(clock.now() + timedelta(seconds=61)):
        assert sms.unfinished() == [number]
        work(number)
    assert state(number) == ("sent", 2)
    assert sms.claim(999) is None


def test_without_a_gateway_messages_wait(context: Flask) -> None:
    number = posted()
    work(number)
    assert state(number) == ("queued", 0)
    assert SEND_TEXT.queue == "mail"


def test_a_connection_that_breaks_is_tried_later(gateway: Gateway) -> None:
    config.use(replace(config.current(), sms_url=gateway.address.replace("http://", "http://\r")))
    with pytest.raises(SendLater):
        sms.send(Claimed(1, "852", "x"))
    config.use(replace(config.current(), sms_url=gateway.address))
    gateway.status = 404
    with pytest.raises(SendRefused):
        sms.send(Claimed(1, "852", "x"))


def test_a_signature_holds_for_its_body_and_five_minutes(settings: Settings) -> None:
    config.use(replace(settings, sms_secret=SECRET))
    with clock.turned_to(NOW):
        moment = str(int(NOW.timestamp()))
        right = sms.sign(moment, b"body")
        assert sms.is_signed(moment, right, b"body")
        assert sms.is_signed(moment, f"sha256={right.upper()}", b"body")
        assert not sms.is_signed(moment, right, b"other")
        assert not sms.is_signed(moment, "é", b"body")
        for wrong in ("", "now", "٣", "1" * 12):
            assert not sms.is_signed(wrong, right, b"body")
        for away in (-301, 301):
            other = str(int(NOW.timestamp()) + away)
            assert not sms.is_signed(other, sms.sign(other, b"body"), b"body")
    config.use(settings)
    with clock.turned_to(NOW):
        assert not sms.is_signed(moment, sms.sign(moment, b"body"), b"body"), "without a secret nothing is signed"
