"""The way out: a real SMTP server that takes, postpones and refuses."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from cert_portal import config
from cert_portal.config import SettingsError
from cert_portal.core.mail import transport
from tests.servers import free_port


class Sink:
    """Takes everything but what its address says."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, bytes]] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("later"):
            return "451 come back"
        if address.startswith("never"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 we do not like it"
        self.got.append((envelope.mail_from or "", envelope.rcpt_tos[0], envelope.content))
        return "250 OK as 4711"


@pytest.fixture
def sink(context: Flask) -> Iterator[Sink]:
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), decode_data=False)
    controller.start()
    here = config.current()
    config.use(replace(here, smtp_url=f"smtp://127.0.0.1:{controller.port}"))
    yield handler
    controller.stop()
    config.use(here)


def test_a_message_arrives_as_it_was(sink: Sink) -> None:
    assert transport.send("", "ann@shop.example", b"Subject: x\r\n\r\n.dot\r\n", "1") == "250 OK as 4711"
    transport.send("desk@portal.example", "ann@shop.example", b"Subject: y\r\n\r\nz\r\n", "2")
    assert sink.got[0] == ("<>", "ann@shop.example", b"Subject: x\r\n\r\n.dot\r\n")
    assert sink.got[1][0] == "desk@portal.example"


@pytest.mark.parametrize(
    ("who", "error"),
    [("later", transport.SendLater), ("never", transport.SendRefused), ("spam", transport.SendRefused)],
)
def test_refusals_are_told_apart(sink: Sink, who: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        transport.send("desk@portal.example", f"{who}@shop.example", b"Subject: x\r\n\r\ny\r\n", "1")


def test_nobody_listens(context: Flask) -> None:
    here = config.current()
    for scheme in ("smtp", "smtps"):
        config.use(replace(here, smtp_url=f"{scheme}://127.0.0.1:{free_port()}"))
        with pytest.raises(transport.SendLater):
            transport.send("", "ann@shop.example", b"x", "1")
    config.use(replace(here, smtp_url="ftp://x"))
    with pytest.raises(SettingsError):
        transport.send("", "ann@shop.example", b"x", "1")
    config.use(here)


class Server:
    """A mail server that wants TLS and a sign-in, and hangs up rudely."""

    calls: list[str] = []
    said = "250 taken"

    def __init__(self, *_arguments: object, **_options: object) -> None: ...
    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_arguments: object) -> None: ...
    def ehlo(self) -> tuple[int, bytes]:
        return 250, b""

    def has_extn(self, name: str) -> bool:
        return name == "starttls"

    def starttls(self, **_options: object) -> None:
        self.calls.append("starttls")

    def login(self, name: str, phrase: str) -> None:
        self.calls.append(f"{name}/{phrase}")

    def sendmail(self, *_arguments: object) -> None:
        self.calls.append("sent")

    def quit(self) -> None:
        raise OSError("gone already")

    def close(self) -> None:
        self.calls.append("closed")


def test_extras_of_the_connection(context: Flask, monkeypatch: Any) -> None:
    calls = Server.calls = []
    monkeypatch.setattr(transport, "_Listening", Server)
    here = config.current()
    config.use(replace(here, smtp_url="smtp://a%40b:p%20w@mx.example:587"))
    assert transport.send("", "ann@shop.example", b"x", "1") == "250 taken"
    assert calls == ["starttls", "a@b/p w", "sent", "closed"]

    def refuse(*_arguments: object) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr(Server, "login", refuse)
    with pytest.raises(transport.SendLater), transport.WayOut() as way_out:
        way_out.send("", "ann@shop.example", b"x", "1")
    assert way_out.is_blocked
    assert calls[-1] == "closed"
    config.use(here)
    assert isinstance(transport._verdict(550, "no"), transport.SendRefused)
