"""One signed text to many: the body is stored once and covers everybody, each letter is only a head of its own.

A personal line inside the body would break the signature for all; what is personal (the way to leave the list) stands
in the headers (RFC 8058, RFC 2919). Letters come into being claimed by the process that sends them at once: after a
kill those that are left become ordinary letters of the outbox when their lease ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, insert, update

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail import compose
from cert_portal.core.mail.outbox import Envelope, Letter, LetterBody, return_path
from cert_portal.core.outgoing import LetterState


@dataclass(frozen=True)
class Mailing:
    """What all letters of a mailing share. `body` is the digest of a stored, signed body; `sender` name and address."""

    name: str
    about: str
    language: str
    subject: str
    sender: tuple[str, str]
    body: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Recipient:
    """One address; `key` tells this letter from all others, so that it exists once whoever makes it."""

    address: str
    key: str
    headers: dict[str, str]


def store(content: bytes) -> str:
    """Keep the body of a message once; answers its digest."""
    digest = hashlib.sha256(content).hexdigest()
    if session.get(LetterBody, digest) is None:
        session.add(LetterBody(digest=digest, data=content))
        session.flush()
    return digest


def stored(digest: str) -> bytes:
    """The body of a digest."""
    return session.get_one(LetterBody, digest).data


def claim(mailing: Mailing, recipients: Sequence[Recipient]) -> list[Envelope]:
    """Make these letters, claimed by this process. Commit, then send them before the lease ends."""
    if not recipients:
        return []
    now = clock.now()
    shared = {
        "name": mailing.name,
        "about": mailing.about,
        "language": mailing.language,
        "subject": mailing.subject,
        "text": "",
        "headers": {},
        "null_sender": False,
        "encrypt_to": None,
        "sealing": "signed",
        "drill": False,
        "state": LetterState.SENDING,
        "tries": 1,
        "last_error": "",
        "created_at": now,
        "next_try_at": now,
        "lease_until": now + timedelta(seconds=current().lease_seconds),
        "body_digest": mailing.body,
    }
    rows = [
        {**shared, "recipient": each.address, "message_id": message_id, "head": _head(mailing, each, message_id)}
        for each in recipients
        for message_id in (_message_id(mailing, each),)
    ]
    made = session.execute(insert(_LETTERS).returning(_LETTERS.c.id, _LETTERS.c.recipient, _LETTERS.c.head), rows)
    return [
        Envelope(number, return_path(number), address, head or b"", mailing.content, None, "signed")
        for number, address, head in made
    ]


def sent(letter_ids: Sequence[int]) -> None:
    """The other side has taken these letters. No event of their own: the mailing has one, with the count."""
    done = {"state": LetterState.SENT, "sent_at": clock.now(), "lease_until": None, "last_error": ""}
    ours = Letter.id.in_(letter_ids), Letter.state == LetterState.SENDING
    session.execute(update(Letter).where(*ours).values(done), execution_options=_NO_SYNC)


def renew(letter_ids: Sequence[int]) -> None:
    """Go on holding letters that this process has not sent yet."""
    until = clock.now() + timedelta(seconds=current().lease_seconds)
    rows = update(Letter).where(Letter.id.in_(letter_ids)).values(lease_until=until)
    session.execute(rows, execution_options=_NO_SYNC)


_LETTERS = cast(Table, Letter.__table__)  # not the class: thousands of rows, and nobody looks at them as objects
_NO_SYNC = {"synchronize_session": False}


def _message_id(mailing: Mailing, recipient: Recipient) -> str:
    whole = f"{mailing.name} {mailing.about} {mailing.body} {recipient.key}"
    return f"<{hashlib.sha256(whole.encode()).hexdigest()[:32]}@{current().mail_domain}>"


def _head(mailing: Mailing, recipient: Recipient, message_id: str) -> bytes:
    more = {
        "Content-Language": "zh-Hant-HK" if mailing.language == "zh-hant" else "en",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        **recipient.headers,
    }
    return compose.headers(mailing.sender, recipient.address, mailing.subject, message_id, more)
