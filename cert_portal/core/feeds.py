"""The door to other people's feeds: fetched with care, read by feedparser, handed on as plain words.

A feed may lie about its type, be endless, hang, or send us to an address inside our own network. So every host, after
every redirect, must be a public address and is connected to by that very address; time and size are bounded; what is
HTML becomes text and only web addresses pass as links.
"""

from __future__ import annotations

import calendar
import hashlib
import http.client
import io
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import feedparser

from cert_portal.core.mail.message import html_to_text
from cert_portal.core.text import clean

SECONDS, BYTES, REDIRECTS, ENTRIES = 15.0, 5_000_000, 4, 200
REDIRECTING = (301, 302, 303, 307, 308)


class FeedRefused(Exception):
    """The feed cannot be read; `reason` is a code.

    bad_address, not_public, away, too_slow, too_big, too_many_redirects, status_NNN, no_feed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Fetched:
    """What a server answered; `body` is None when nothing changed since the last time (RFC 9110, section 15.4.5)."""

    body: bytes | None
    etag: str
    modified: str


@dataclass(frozen=True)
class Entry:
    """One entry of a feed: a digest of its own id, and plain words."""

    guid: str
    title: str
    link: str
    summary: str
    published_at: datetime | None


class Reader:
    """Fetches one address within so many seconds, however slowly it is answered."""

    def __init__(self, seconds: float = SECONDS, accept: str = "") -> None:
        self._seconds = seconds
        self._accept = {"Accept": accept} if accept else {}
        self._ends = time.monotonic() + seconds
        self._socket: socket.socket | None = None

    def fetch(self, address: str, etag: str = "", modified: str = "") -> Fetched:
        """Get an address, following a few redirects. Raises FeedRefused."""
        watchdog = threading.Timer(self._seconds, self._cut)  # a timeout of the socket counts from its last byte
        watchdog.start()
        try:
            for _ in range(REDIRECTS + 1):
                found = self._get(address, etag, modified)
                if time.monotonic() >= self._ends:  # what was cut off reads like an end
                    raise FeedRefused("too_slow")
                if isinstance(found, Fetched):
                    return found
                address = found
        except (http.client.HTTPException, OSError) as error:
            raise FeedRefused("too_slow" if time.monotonic() >= self._ends else "away") from error
        finally:
            watchdog.cancel()
            self._cut()
        raise FeedRefused("too_many_redirects")

    def _get(self, address: str, etag: str, modified: str) -> Fetched | str:
        url = _checked(address)
        connection = http.client.HTTPConnection(url.hostname or "")
        connection.sock = self._connect(url)
        answer = _ask(connection, url, self._accept, etag, modified)
        if answer.status in REDIRECTING:
            return urljoin(address, answer.headers.get("Location", ""))
        return _read_answer(answer)

    def _connect(self, url: SplitResult) -> socket.socket:
        """A connection to the very address that was checked: the name is not looked up a second time."""
        host, tls = url.hostname or "", url.scheme == "https"
        try:
            found = socket.getaddrinfo(host, url.port or (443 if tls else 80), type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise FeedRefused("bad_address") from error
        if not all(is_public(str(each[4][0])) for each in found):
            raise FeedRefused("not_public")
        place = (str(found[0][4][0]), int(found[0][4][1]))
        self._cut()
        self._socket = socket.create_connection(place, timeout=max(0.1, self._ends - time.monotonic()))
        if tls:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket.do_handshake()
        return self._socket

    def _cut(self) -> None:
        cut, self._socket = self._socket, None
        if cut is not None:
            with suppress(OSError):
                cut.shutdown(socket.SHUT_RDWR)
            cut.close()


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open Internet, and not to this machine or a network behind it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_global and not found.is_multicast


def read(body: bytes) -> list[Entry]:
    """The entries of a feed, in its order. Raises FeedRefused("no_feed") when it is none."""
    found: Any = feedparser.parse(io.BytesIO(body))
    if not found.get("version") and not found.entries:
        raise FeedRefused("no_feed")
    entries = [_entry(each) for each in found.entries[:ENTRIES]]
    return list({each.guid: each for each in entries if each.title or each.summary}.values())


def _entry(told: Any) -> Entry:
    link = _plain(told.get("link", ""))[:2000]
    title = _plain(told.get("title", ""))[:500]
    summary = _plain(told.get("summary", ""))[:5000]
    named = str(told.get("id", "") or link or f"{title}\n{summary}")
    at = dict.get(told, "published_parsed") or dict.get(told, "updated_parsed")  # its own get warns of old names
    link = link if link.startswith(("http://", "https://")) else ""
    return Entry(hashlib.sha256(named.encode("utf-8", "replace")).hexdigest(), title, link, summary, _moment(at))


def _plain(words: object) -> str:
    return " ".join(clean(html_to_text(str(words))).split())


def _moment(told: Any) -> datetime | None:
    try:
        at = datetime.fromtimestamp(calendar.timegm(told), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if 1990 <= at.year <= 2200 else None


def _checked(address: str) -> SplitResult:
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError as error:
        raise FeedRefused("bad_address") from error
    if url.scheme not in ("http", "https") or not url.hostname or url.username or port == 0:
        raise FeedRefused("bad_address")
    return url


def _ask(
    connection: http.client.HTTPConnection, url: SplitResult, more: dict[str, str], etag: str, modified: str
) -> http.client.HTTPResponse:
    told = {"User-Agent": "cert-portal (feed reader)", "Accept-Encoding": "identity", "Connection": "close"}
    told |= {"Host": url.netloc, **more}
    told |= {"If-None-Match": etag} if etag else {}
    told |= {"If-Modified-Since": modified} if modified else {}
    try:
        connection.request("GET", (url.path or "/") + (f"?{url.query}" if url.query else ""), headers=told)
    except (ValueError, UnicodeError) as error:  # a path with characters that no request line has
        raise FeedRefused("bad_address") from error
    return connection.getresponse()


def _read_answer(answer: http.client.HTTPResponse) -> Fetched:
    if answer.status not in (200, 304):
        raise FeedRefused(f"status_{answer.status}")
    told = (answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:80])
    if answer.status == 304:
        return Fetched(None, *told)
    body = answer.read(BYTES + 1)
    if len(body) > BYTES:
        raise FeedRefused("too_big")
    return Fetched(body, *told)
