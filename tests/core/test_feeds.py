"""Feeds of strangers: they lie, hang, lead us home, are endless; none of it hurts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import feeds
from cert_portal.core.feeds import FeedRefused, Fetched, Reader

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>
<item><guid>1</guid><title>&lt;b&gt;Flaw&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt;in Mail</title>
<link>https://vendor.example/1</link><description>Up&lt;br&gt;date</description>
<pubDate>Mon, 04 May 2026 02:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Bad link</title><link>javascript:alert(1)</link><pubDate>nonsense</pubDate></item>
<item><guid>2</guid><title>Twice</title></item><item><guid>3</guid></item></channel></rss>"""


class Server:
    """Answers each path by its own rule, on loopback."""

    def __init__(self, rules: dict[str, Callable[[BaseHTTPRequestHandler], None]]) -> None:
        self.asked: list[dict[str, str]] = []
        self.rules = rules
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(dict(self.headers.items()))
                outer.rules[self.path](self)

            def log_message(self, *_arguments: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def answering(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A plain answer."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """One byte at a time, for ever."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            threading.Event().wait(0.05)
    except OSError:
        return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that may be asked although it is on this machine."""
    found = Server(
        {
            "/feed": answering(200, RSS, ETag='"v1"', Last_Modified="Mon, 04 May 2026 02:00:00 GMT"),
            "/same": answering(304),
            "/gone": answering(410),
            "/to-feed?a=b": answering(302, Location="/feed"),
            "/circle": answering(301, Location="/circle"),
            "/home": answering(302, Location="http://localhost:1/"),
            "/file": answering(302, Location="file:///etc/passwd"),
            "/big": answering(200, b"x" * 2000),
            "/slow": dripping,
        }
    )
    monkeypatch.setattr(feeds, "is_public", lambda address: address == "127.0.0.1")
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_feed_is_fetched_and_asked_whether_it_changed(server: Server) -> None:
    first = Reader().fetch(f"{server.base}/feed")
    assert (first.body, first.etag, first.modified) == (RSS, '"v1"', "Mon, 04 May 2026 02:00:00 GMT")
    assert Reader().fetch(f"{server.base}/same", first.etag, first.modified) == Fetched(None, "", "")
    assert server.asked[-1]["If-None-Match"] == '"v1"'
    assert server.asked[-1]["If-Modified-Since"] == first.modified
    assert Reader().fetch(f"{server.base}/to-feed?a=b").body == RSS


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/gone", "status_410"), ("/circle", "too_many_redirects"), ("/file", "bad_address")],
)
def test_what_is_refused(server: Server, path: str, reason: str) -> None:
    with pytest.raises(FeedRefused, match=reason):
        Reader().fetch(server.base + path)


def test_a_redirect_into_our_own_network_is_not_followed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def is_public(address: str) -> bool:
        asked.append(address)
        return len(asked) == 1

    monkeypatch.setattr(feeds, "is_public", is_public)
    with pytest.raises(FeedRefused, match="not_public"):
        Reader().fetch(f"{server.base}/home")
    assert len(asked) == 2


def test_too_big_and_too_slow(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "BYTES", 1000)
    with pytest.raises(FeedRefused, match="too_big"):
        Reader().fetch(f"{server.base}/big")
    monkeypatch.setattr(feeds, "BYTES", 10**9)
    with pytest.raises(FeedRefused, match="too_slow"):
        Reader(0.4).fetch(f"{server.base}/slow")


@pytest.mark.parametrize(
    "address",
    ["ftp://x.example/", "http://", "http://user@x.example/", "http://[bad", "http://x.example:0/", "http://x:99999/"],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(FeedRefused, match="bad_address"):
        Reader().fetch(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "169.254.1.1", "[::1]", "[fe80::1]", "0.0.0.0", "224.0.0.1"])
def test_no_address_of_our_own_is_asked(host: str) -> None:
    with pytest.raises(FeedRefused, match="not_public"):
        Reader().fetch(f"http://{host}/")


def test_names_and_paths_that_nothing_can_ask_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FeedRefused, match="bad_address"):
        Reader().fetch(f"http://{'a' * 70}.example/")
    with pytest.raises(FeedRefused, match="bad_address"):
        Reader().fetch(f"{server.base}/with\u00e9")
    with pytest.raises(FeedRefused, match="away"):
        Reader().fetch("http://127.0.0.1:1/")

    def unknown(*_arguments: Any, **_more: Any) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FeedRefused, match="away"):
        Reader().fetch("http://nowhere.example/")


def test_tls_is_checked(server: Server) -> None:
    with pytest.raises(FeedRefused, match="away"):
        Reader(5).fetch(server.base.replace("http", "https") + "/feed")


def test_entries_are_plain_words() -> None:
    [first, second] = feeds.read(RSS)
    assert (first.title, first.summary, first.link) == ("Flaw in Mail", "Up date", "https://vendor.example/1")
    assert first.published_at is not None
    assert (second.link, second.published_at) == ("", None)


def test_what_is_no_feed() -> None:
    with pytest.raises(FeedRefused, match="no_feed"):
        feeds.read(b"<html><body>hello</body></html>")
    with pytest.raises(FeedRefused, match="no_feed"):
        feeds.read(b"")


def test_a_date_of_another_world() -> None:
    odd = RSS.replace(b"Mon, 04 May 2026 02:00:00 GMT", b"Mon, 04 May 1026 02:00:00 GMT")
    assert feeds.read(odd)[0].published_at is None


@given(st.binary(max_size=300))
def test_nothing_escapes_from_what_a_stranger_sends(junk: bytes) -> None:
    for body in (junk, RSS[:200] + junk + RSS[200:]):
        with suppress(FeedRefused):
            assert all(entry.guid for entry in feeds.read(body))
