"""Text messages out: a table like the outbox of letters, and the door to the gateway. Row first, then the network.

The gateway is any program that takes a signed POST of JSON: `id`, `to`, `text`, `parts`. The signature is that of
messages in: HMAC-SHA256 with SMS_SECRET over the time, a dot and the body (`sign`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from http.client import HTTPException
from typing import IO

from sqlalchemy import Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import Base, BigId, session
from cert_portal.core.events import declare, record
from cert_portal.core.mail.exercise import SUBJECT_MARK
from cert_portal.core.outgoing import LetterState, Outgoing
from cert_portal.core.queue import SEND_TEXT, after_commit

TEXT_SENT = declare("text.sent", "A text message left the centre", "message", "name", "tries")
TEXT_FAILED = declare("text.failed", "A text message was refused for good", "message", "name", "reason")

PATIENCE = 10
SKEW = timedelta(minutes=5)
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
_TWICE = frozenset("^{}\\[~]|€")


class OutgoingText(Outgoing, Base):
    """One text message to one number."""

    __tablename__ = "texts"
    __table_args__ = (Index(None, "state", "next_try_at"), Index(None, "number", "created_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    about: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Claimed:
    """A claimed message, free of the database."""

    id: int
    number: str
    text: str


class SendLater(Exception):
    """The gateway cannot be reached or asks to try again."""


class SendRefused(Exception):
    """The gateway will never take this message."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that sends the message elsewhere is not followed."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> None:
        return None


def parts(text: str) -> int:
    """Into how many messages a text is cut: 160 letters (153 each of several) or, in Chinese, 70 (67 each)."""
    if set(text) <= _GSM:
        size, single, many = len(text) + sum(c in _TWICE for c in text), 160, 153
    else:
        size, single, many = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if size <= single else -(-size // many)


def sign(moment: str, body: bytes) -> str:
    """The signature of a body at a moment (seconds since 1970, as it stands in the header)."""
    return hmac.new(current().sms_secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(moment: str, signature: str, body: bytes) -> bool:
    """Whether the gateway signed this body within the last five minutes. Without SMS_SECRET nothing is."""
    if not (current().sms_secret and moment.isascii() and moment.isdigit() and len(moment) < 12):
        return False
    fresh = abs(clock.now().timestamp() - int(moment)) <= SKEW.total_seconds()
    told = signature.removeprefix("sha256=").strip().lower()
    return hmac.compare_digest(sign(moment, body).encode(), told.encode("utf-8", "replace")) and fresh


def post(name: str, about: str, number: str, text: str, *, drill: bool = False) -> OutgoingText:
    """Put a message to a number (digits with country code) into the table; it leaves after the commit.

    One of an exercise (`drill`) begins with the mark of exercises.
    """
    now, text = clock.now(), f"{SUBJECT_MARK} {text}" if drill else text
    row = OutgoingText(
        name=name,
        about=about,
        number=number,
        text=unicodedata.normalize("NFC", text),
        state=LetterState.QUEUED,
        next_try_at=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    after_commit(SEND_TEXT, row.id)
    return row


def count_to(number: str, since: datetime) -> int:
    """How many messages a number was sent since then: holds off floods through us."""
    rows = select(func.count(OutgoingText.id)).where(OutgoingText.number == number, OutgoingText.created_at > since)
    return session.scalar(rows) or 0


def claim(text_id: int) -> Claimed | None:
    """Take a message that is due for this process; None when it is done, not due, or another process has it.

    Without SMS_URL messages wait. Commit before anything else happens.
    """
    row = session.get(OutgoingText, text_id, with_for_update={"skip_locked": True})
    if row is None or not current().sms_url or not row.take():
        return None
    return Claimed(row.id, row.number, row.text)


def send(message: Claimed) -> None:
    """Give the message to the gateway. No transaction may be open. Raises SendLater, SendRefused.

    The id is the same at every try, so that a gateway can drop a repetition.
    """
    told = {"id": str(message.id), "to": f"+{message.number}", "text": message.text, "parts": parts(message.text)}
    body = json.dumps(told).encode()
    moment = str(int(clock.now().timestamp()))
    heads = {
        "Content-Type": "application/json",
        "X-Timestamp": moment,
        "X-Signature": f"sha256={sign(moment, body)}",
        "Idempotency-Key": f"text-{message.id}",
    }
    request = urllib.request.Request(current().sms_url, body, heads, method="POST")  # noqa: S310  # http or https: config
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=PATIENCE) as answer:
            answer.read(1000)
    except urllib.error.HTTPError as error:
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code in (408, 425, 429):
            raise SendLater(str(error)) from error
        raise SendRefused(str(error)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise SendLater(f"{type(error).__name__}: {error}") from error


def sent(text_id: int) -> None:
    """The gateway has the message."""
    row = session.get_one(OutgoingText, text_id)
    row.mark_sent()
    record(TEXT_SENT, row.about, "system", message=row.id, name=row.name, tries=row.tries)


def put_off(text_id: int, reason: str) -> None:
    """The gateway is away: try again later, and give up after the last wait."""
    row = session.get_one(OutgoingText, text_id)
    if not row.wait(reason):
        give_up(text_id, reason)


def give_up(text_id: int, reason: str) -> None:
    """The gateway refused the message for good."""
    row = session.get_one(OutgoingText, text_id)
    row.stop(LetterState.FAILED, reason)
    record(TEXT_FAILED, row.about, "system", message=row.id, name=row.name, reason=reason[:40])


def unfinished(limit: int = 1000) -> list[int]:
    """Messages that are due and that nobody is sending."""
    return list(session.scalars(select(OutgoingText.id).where(OutgoingText.is_due()).limit(limit)))
