"""The door to mailboxes on another server (IMAP4, RFC 3501; moving, RFC 6851)."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from cert_portal.config import SettingsError

TAKEN = "Taken"
"""The folder beside the inbox where messages lie that the portal has kept."""


class MailboxAway(Exception):
    """The server does not answer, does not let us in, or breaks off; what was kept so far stays kept."""


def mailboxes(told: str) -> list[tuple[str, str]]:
    """Pairs of mailbox and address from the setting IMAP_MAILBOXES. Raises SettingsError."""
    found = []
    for each in told.split():
        name, _, address = each.partition("=")
        if (
            not name.isidentifier()
            or urlsplit(address).scheme not in ("imap", "imaps")
            or not urlsplit(address).hostname
        ):
            raise SettingsError("IMAP_MAILBOXES: needs name=imaps://user:password@host/folder, separated by blanks")
        found.append((name, address))
    return found


def fetch(address: str, keep: Callable[[bytes], None]) -> int:
    """Keep every message of a folder, then move it to the folder `Taken`; answers how many. Raises MailboxAway.

    A message is moved only after `keep` returned: one that is kept and not moved comes again and is a duplicate.
    """
    with _opened(address) as (server, _waiting):
        server.create(TAKEN)  # says no when it is there
        count = 0
        for number, raw in _messages(server):
            keep(raw)
            _move(server, number)
            count += 1
        return count


def count(address: str) -> int:
    """How many messages wait in a folder. Raises MailboxAway."""
    with _opened(address) as (_server, waiting):
        return waiting


@contextmanager
def _opened(address: str) -> Iterator[tuple[imaplib.IMAP4, int]]:
    url = urlsplit(address)
    try:
        with _connect(url) as server:
            _must(server.login(unquote(url.username or ""), unquote(url.password or "")))
            folder = unquote(url.path.strip("/")) or "INBOX"
            [waiting] = _must(server.select(f'"{folder}"'))
            yield server, int(waiting)
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxAway(f"{url.hostname}: {error}") from error


def _connect(url: SplitResult) -> imaplib.IMAP4:
    host = url.hostname or ""
    if url.scheme == "imaps":
        return imaplib.IMAP4_SSL(host, url.port or 993, ssl_context=ssl.create_default_context(), timeout=30)
    server = imaplib.IMAP4(host, url.port or 143, timeout=30)
    if "STARTTLS" in server.capabilities:
        server.starttls(ssl.create_default_context())
    return server


def _messages(server: imaplib.IMAP4) -> Iterator[tuple[str, bytes]]:
    [found] = _must(server.uid("SEARCH", "ALL"))
    for number in (found or b"").decode().split():
        parts = _must(server.uid("FETCH", number, "(BODY.PEEK[])"))
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if raw is not None:  # else somebody else has taken it meanwhile
            yield number, raw


def _move(server: imaplib.IMAP4, number: str) -> None:
    if b"MOVE" in _must(server.capability())[0].split():  # told anew after the sign-in
        _must(server.uid("MOVE", number, TAKEN))
        return
    _must(server.uid("COPY", number, TAKEN))
    _must(server.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
    _must(server.expunge())


def _must(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(str(answer[1][:1]))
    return answer[1]
