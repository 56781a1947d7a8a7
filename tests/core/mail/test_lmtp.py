"""A local mail server hands messages over: real LMTP clients, a real server."""

from __future__ import annotations

import asyncio
import smtplib
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cert_portal.core.mail import lmtp
from tests.servers import free_port, is_open, wait_until


@contextmanager
def listening(take: lmtp.Take) -> Iterator[int]:
    """The server in a thread; answers its port."""
    port, ready = free_port(), threading.Event()
    loop = asyncio.new_event_loop()

    async def begin() -> None:
        async with await lmtp.listen("127.0.0.1", port, take):
            ready.set()
            await stop.wait()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(begin()))
    thread.start()
    ready.wait(10)
    yield port
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


class Kept:
    """What was handed over."""

    def __init__(self, fail: Callable[[int], bool] = lambda count: False) -> None:
        self.seen: list[tuple[bytes, list[str]]] = []
        self.fail = fail

    def __call__(self, raw: bytes, recipients: list[str]) -> None:
        if self.fail(len(self.seen)):
            raise OSError("the disk is nearly full")
        self.seen.append((raw, recipients))


def test_one_reply_for_each_recipient() -> None:
    kept = Kept()
    with listening(kept) as port, smtplib.LMTP("127.0.0.1", port) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("ann@shop.example")
        for name in ("report", "nobody", "abuse"):
            assert client.rcpt(f"{name}@portal.example")[0] == 250
        assert client.docmd("DATA")[0] == 354
        client.send(b"Subject: x\r\n\r\n" + b"y" * 5000 + b"\r\n..dot\r\n.\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250] * 3
        assert client.noop()[0] == 250
    [(raw, recipients)] = kept.seen
    assert recipients == ["report@portal.example", "nobody@portal.example", "abuse@portal.example"]
    to = b"".join(b"Delivered-To: %s@portal.example\r\n" % name for name in (b"report", b"nobody", b"abuse"))
    assert raw.startswith(b"Return-Path: <ann@shop.example>\r\n" + to + b"Subject: x")
    assert raw.endswith(b"y" * 5000 + b"\r\n.dot\r\n")


def test_no_sender_is_told_as_none() -> None:
    kept = Kept()
    with listening(kept) as port, smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail("", ["report@portal.example"], b"Subject: x\r\n\r\ny")
    assert kept.seen[0][0].startswith(b"Return-Path: <>\r\n")


def test_what_cannot_be_kept_is_asked_for_again() -> None:
    kept = Kept(fail=lambda count: count == 1)
    with listening(kept) as port, smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.example", ["report@portal.example"], b"Subject: 1\r\n\r\ny")
        client.ehlo_or_helo_if_needed()
        client.mail("a@b.example")
        client.rcpt("report@portal.example")
        code, words = client.data(b"Subject: 2\r\n\r\ny")
    assert (code, b"try again" in words) == (452, True)


def test_swaks_hands_over() -> None:
    kept = Kept()
    with listening(kept) as port:
        wait_until(lambda: is_open(port), "lmtp")
        command = ["swaks", "--protocol", "LMTP", "--server", f"127.0.0.1:{port}", "--from", "ann@shop.example"]
        whom = ["--to", "report@portal.example,phishing@portal.example", "--body", "事故"]
        told = subprocess.run([*command, *whom], capture_output=True, check=False)
    assert told.returncode == 0, told.stdout
    assert "事故".encode() in kept.seen[0][0]
