"""The way out for letters: an SMTP server, or a folder of .eml files."""

from __future__ import annotations

import smtplib
import ssl
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from cert_portal.config import SettingsError, current
from cert_portal.core.blobs import write_durably


class SendLater(Exception):
    """Not now: the way out is blocked or the other side asked to wait."""


class SendRefused(Exception):
    """Never: the other side refused this recipient or this message."""


def send(mail_from: str, recipient: str, message: bytes, name: str) -> None:
    """Hand a message over. `name` makes the file name in folder mode. Raises SendLater or SendRefused."""
    url = urlsplit(current().smtp)
    if url.scheme == "file":
        write_durably(Path(url.path) / f"{name}.eml", message)
        return
    if url.scheme not in ("smtp", "smtps"):
        raise SettingsError(f"SMTP_URL: {url.scheme!r} is not supported")
    try:
        _smtp(url, mail_from, recipient, message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _verdict(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:  # greeting, sign-in, sender: ours to mend, the letter waits
        raise SendLater(f"{type(error).__name__}: {error}") from error


def _smtp(url: SplitResult, mail_from: str, recipient: str, message: bytes) -> None:
    tls = url.scheme == "smtps"
    host, port = url.hostname or "localhost", url.port or (465 if tls else 25)
    context = ssl.create_default_context()
    made = smtplib.SMTP_SSL(host, port, timeout=30, context=context) if tls else smtplib.SMTP(host, port, timeout=30)
    with made as server:
        if not tls and server.ehlo()[0] == 250 and server.has_extn("starttls"):
            server.starttls(context=context)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.sendmail(mail_from, [recipient], message)


def _verdict(code: int, answer: bytes | str) -> SendLater | SendRefused:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return (SendRefused if code >= 500 else SendLater)(f"{code} {words}")
