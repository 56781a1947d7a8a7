"""The way out for letters: an SMTP server, or a folder of .eml files."""

from __future__ import annotations

import smtplib
import ssl
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from cert_portal.config import SettingsError, current
from cert_portal.core.blobs import write_durably


class SendLater(Exception):
    """Not now: the way out is blocked or the other side asked to wait."""


class SendRefused(Exception):
    """Never: the other side refused this recipient or this message."""


class _Listening(smtplib.SMTP):
    """Keeps what the server said when it took the message: it often names it there."""

    said = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, words = super().data(msg)
        self.said = f"{code} {words.decode('utf-8', 'replace')}"
        return code, words


class _ListeningTls(_Listening, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class WayOut:
    """Hands messages over one after the other, over one connection. Use it as a context manager.

    `is_blocked` is true once the server itself, and not one recipient or message, was the reason why something waits.
    """

    def __init__(self) -> None:
        self._url = urlsplit(current().smtp)
        if self._url.scheme not in ("file", "smtp", "smtps"):
            raise SettingsError(f"SMTP_URL: {self._url.scheme!r} is not supported")
        self._server: _Listening | None = None
        self.is_blocked = False

    def __enter__(self) -> WayOut:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, mail_from: str, recipient: str, message: bytes, name: str) -> str:
        """Hand a message over; answers what the server said. `name` makes the file name in folder mode.

        Raises SendLater or SendRefused.
        """
        if self._url.scheme == "file":
            write_durably(Path(self._url.path) / f"{name}.eml", message)
            return ""
        try:
            if self._server is None:
                self._server = _connect(self._url)
            self._server.sendmail(mail_from, [recipient], message)
        except smtplib.SMTPRecipientsRefused as error:
            raise _verdict(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:  # greeting, sign-in, sender: ours to mend, the letter waits
            self._hang_up()
            self.is_blocked = True
            raise SendLater(f"{type(error).__name__}: {error}") from error
        return self._server.said

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def send(mail_from: str, recipient: str, message: bytes, name: str) -> str:
    """Hand one message over, over a connection of its own. Raises SendLater or SendRefused."""
    with WayOut() as way_out:
        return way_out.send(mail_from, recipient, message, name)


def _connect(url: SplitResult) -> _Listening:
    tls = url.scheme == "smtps"
    host, port = url.hostname or "localhost", url.port or (465 if tls else 25)
    server = _ListeningTls(host, port, timeout=30, context=_tls()) if tls else _Listening(host, port, timeout=30)
    try:
        if not tls and server.ehlo()[0] == 250 and server.has_extn("starttls"):
            server.starttls(context=_tls())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads all certificates: once a process


def _verdict(code: int, answer: bytes | str) -> SendLater | SendRefused:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return (SendRefused if code >= 500 else SendLater)(f"{code} {words}")
