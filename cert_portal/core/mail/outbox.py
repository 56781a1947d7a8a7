"""Outgoing mail is a table: what, to whom, the exact bytes, sealed how, how often tried, what came of it.

A letter is claimed with a lease and the claim committed; then it is sealed, its bytes stored, sent, and marked sent.
After a kill it is sent again with the same Message-ID. It is the outbox, the legal record and the test surface.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock, crypto, search
from cert_portal.core.db import Base, BigId, session
from cert_portal.core.events import declare, record
from cert_portal.core.mail import compose, exercise
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.outgoing import LetterState, Outgoing
from cert_portal.core.queue import SEND_LETTER, after_commit
from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP

LETTER_SENT = declare("letter.sent", "A letter left the centre", "letter", "name", "sealing", "tries")
LETTER_CAME_BACK = declare(
    "letter.came_back", "A mail system told what became of a letter", "letter", "name", "verdict"
)
LETTER_FAILED = declare("letter.failed", "A letter was refused for good", "letter", "name", "reason")
LETTER_RECALLED = declare("letter.recalled", "A letter that was to leave later was called back", "letter", "name")
LETTER_HELD = declare(
    "letter.held", "A letter could not be sealed as required; nothing left", "letter", "name", "reason"
)


SEARCH = "L"
"""The kind of letters in the index of words; only what people wrote stands there."""


class LetterBody(Base):
    """The content of a message as sent; a body that many letters share is stored once."""

    __tablename__ = "letter_bodies"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Letter(Outgoing, Base):
    """One message to one recipient. `writer` is the actor who wrote it, "" for the portal by itself; `written_on` the
    number of the record on whose page that was.
    """

    __tablename__ = "letters"
    __table_args__ = (Index(None, "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(40), index=True)
    language: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    null_sender: Mapped[bool]
    encrypt_to: Mapped[str | None] = mapped_column(String(64))
    sealing: Mapped[str] = mapped_column(String(12), default="")
    drill: Mapped[bool] = mapped_column(default=False)
    writer: Mapped[str] = mapped_column(String(80), default="", server_default="")
    written_on: Mapped[str] = mapped_column(String(40), default="", server_default="")
    server_reply: Mapped[str] = mapped_column(String(300), default="", server_default="")
    came_back: Mapped[str] = mapped_column(String(10), default="", server_default="")
    came_back_at: Mapped[datetime | None]
    came_back_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    head: Mapped[bytes | None] = mapped_column(LargeBinary)
    body_digest: Mapped[str | None] = mapped_column(ForeignKey(LetterBody.digest))


Index("ix_letters_recipient_lower", func.lower(Letter.recipient), Letter.created_at)
_COUNTS_TO = (
    select(func.lower(Letter.recipient), func.count(Letter.id))
    .where(
        func.lower(Letter.recipient).in_(bindparam("to", expanding=True)),
        Letter.name == bindparam("named"),
        Letter.created_at > bindparam("since"),
    )
    .group_by(func.lower(Letter.recipient))
)


@dataclass(frozen=True)
class Envelope:
    """A claimed letter, free of the database: what the sender needs."""

    id: int
    mail_from: str
    recipient: str
    head: bytes
    content: bytes
    encrypt_to: str | None
    sealing: str


class NotByMail(Exception):
    """The letter may not leave: `reason` is red (TLP:RED travels by no mail) or exercise (no registered address)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Draft:
    """A letter to be posted. `about` is the number of the record that it belongs to, `tlp` the label of what it tells.

    `inside`: it goes to a person of the desk, who knows what an exercise is. `not_before`: until then it can be called
    back.
    """

    name: str
    about: str
    language: str
    recipient: str
    subject: str
    text: str
    automatic: str = "auto-generated"
    null_sender: bool = False
    encrypt_to: str | None = None
    in_reply_to: str = ""
    drill: bool = False
    tlp: str = ""
    inside: bool = False
    not_before: datetime | None = None


def ready(draft: Draft) -> Draft:
    """The letter as it will leave; one of an exercise is marked. Every letter comes by here. Raises NotByMail."""
    if draft.tlp == TLP.RED or f"[{TLP.RED}]" in draft.subject:
        raise NotByMail("red")
    if not draft.drill:
        return draft
    if not (draft.inside or exercise.is_registered(draft.recipient)):
        raise NotByMail("exercise")
    subject, text = exercise.marked(draft.subject, draft.text)
    return replace(draft, subject=subject, text=text)


def post(draft: Draft) -> Letter:
    """Put a letter into the outbox; it leaves after the commit, or when its time has come. Raises NotByMail."""
    return post_all([draft])[0]


def post_all(drafts: Sequence[Draft]) -> list[Letter]:
    """Put letters into the outbox, in one go; they leave as one does. Raises NotByMail."""
    letters = [_letter(ready(draft)) for draft in drafts]
    session.add_all(letters)
    session.flush()
    for draft, letter in zip(drafts, letters, strict=True):
        if not draft.automatic:
            _index(letter)
        if draft.not_before is None:
            after_commit(SEND_LETTER, letter.id)
    return letters


def index_letters(ids: Sequence[int]) -> None:
    """Make the words of these letters searchable anew."""
    for letter in session.scalars(select(Letter).where(Letter.id.in_(ids))):
        _index(letter)


def _index(letter: Letter) -> None:
    search.index(SEARCH, letter.id, f"{letter.subject}\n{letter.recipient}\n{letter.text}")


def _letter(draft: Draft) -> Letter:
    now = clock.now()
    return Letter(
        message_id=f"<{secrets.token_hex(16)}@{current().mail_domain}>",
        name=draft.name,
        about=draft.about,
        language=draft.language,
        recipient=draft.recipient,
        subject=draft.subject,
        text=draft.text,
        headers=_headers(draft),
        null_sender=draft.null_sender,
        encrypt_to=draft.encrypt_to,
        drill=draft.drill,
        state=LetterState.QUEUED,
        next_try_at=draft.not_before or now,
        created_at=now,
    )


def call_back(about: str) -> int:
    """Keep letters of this number that were to leave later from leaving; answers how many had not begun to leave."""
    dated = (Letter.next_try_at > Letter.created_at) & (Letter.tries == 0)
    rows = select(Letter).where(Letter.about == about, Letter.state == LetterState.QUEUED, dated)
    found = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    for letter in found:
        letter.stop(LetterState.RECALLED, "")
        record(LETTER_RECALLED, about, "system", letter=letter.id, name=letter.name)
    return len(found)


def _headers(draft: Draft) -> dict[str, str]:
    found = {"Content-Language": "zh-Hant-HK" if draft.language == "zh-hant" else "en"}
    if draft.automatic:
        found["Auto-Submitted"] = draft.automatic
    if draft.in_reply_to:
        found |= {"In-Reply-To": draft.in_reply_to, "References": draft.in_reply_to}
    return found


def claim(letter_id: int) -> Envelope | None:
    """Take a letter that is due for this process; None when it is done, not due, or another process has it.

    Commit before anything else happens.
    """
    letter = session.get(Letter, letter_id, with_for_update={"skip_locked": True})
    return _envelope(letter) if letter is not None and letter.take() else None


def _envelope(letter: Letter) -> Envelope:
    here = current()
    if letter.head is None or letter.body_digest is None:
        sender = (here.centre_name(letter.language), here.report_address)
        head = compose.headers(sender, letter.recipient, letter.subject, letter.message_id, letter.headers)
        content = compose.text_part(letter.text)
    else:
        head, content = letter.head, session.get_one(LetterBody, letter.body_digest).data
    mail_from = "" if letter.null_sender else return_path(letter.id)
    return Envelope(letter.id, mail_from, letter.recipient, head, content, letter.encrypt_to, letter.sealing)


def seal(envelope: Envelope) -> Envelope:
    """Sign, or sign and encrypt, the content with the desk key. Runs gpg: no transaction may be open.

    Raises CryptoError; a letter that must be encrypted never leaves otherwise.
    """
    if envelope.sealing:
        return envelope
    if envelope.encrypt_to:
        sealing, content = (
            "encrypted",
            compose.encrypted(crypto.desk().encrypt(envelope.content, [envelope.encrypt_to])),
        )
    elif current().desk_key:
        sealing, content = "signed", compose.signed(envelope.content, crypto.desk().sign(envelope.content))
    else:
        sealing, content = "none", envelope.content
    return Envelope(
        envelope.id, envelope.mail_from, envelope.recipient, envelope.head, content, envelope.encrypt_to, sealing
    )


def source(letter: Letter) -> bytes | None:
    """The bytes of a letter as they were sent; None for one that was not sealed yet."""
    if letter.head is None or letter.body_digest is None:
        return None
    return letter.head + session.get_one(LetterBody, letter.body_digest).data


def keep(envelope: Envelope) -> None:
    """Store the exact bytes of a sealed letter before it is sent."""
    letter = session.get_one(Letter, envelope.id)
    digest = hashlib.sha256(envelope.content).hexdigest()
    if session.get(LetterBody, digest) is None:
        session.add(LetterBody(digest=digest, data=envelope.content))
        session.flush()
    letter.head, letter.body_digest, letter.sealing = envelope.head, digest, envelope.sealing


def sent(letter_id: int, reply: str = "") -> None:
    """The other side has taken the letter, with these words."""
    letter = session.get_one(Letter, letter_id)
    letter.mark_sent()
    letter.server_reply = clean(reply)[:300]
    record(
        LETTER_SENT,
        letter.about,
        "system",
        letter=letter.id,
        name=letter.name,
        sealing=letter.sealing,
        tries=letter.tries,
    )


def came_back(letter_id: int, verdict: Verdict, reason: str) -> None:
    """A mail system told what became of a letter. What came back for good stays so, whatever is told afterwards; of
    a delay only the first report is kept, and only when nothing was told before.
    """
    letter = session.get(Letter, letter_id, with_for_update=True)
    if letter is None or letter.came_back == Verdict.HARD or (letter.came_back and verdict is Verdict.DELAYED):
        return
    letter.came_back, letter.came_back_at, letter.came_back_reason = verdict.value, clock.now(), reason[:500]
    told: dict[str, Any] = {"letter": letter.id, "name": letter.name}
    words = letter.came_back_reason or None
    record(LETTER_CAME_BACK, letter.about, "system", text=words, **told, verdict=verdict.value)


def put_off(letter_id: int, reason: str) -> None:
    """The way out is blocked: try again later, and give up after the last wait."""
    letter = session.get_one(Letter, letter_id)
    if not letter.wait(reason):
        give_up(letter_id, reason)


def give_up(letter_id: int, reason: str) -> None:
    """The other side refused the letter for good."""
    letter = session.get_one(Letter, letter_id)
    letter.stop(LetterState.FAILED, reason)
    record(
        LETTER_FAILED, letter.about, "system", letter=letter.id, name=letter.name, reason=reason[:3], text=reason[:500]
    )


def hold(letter_id: int, reason: str) -> None:
    """The letter cannot be sealed as required; nothing leaves until a person acts."""
    letter = session.get_one(Letter, letter_id)
    letter.stop(LetterState.HELD, reason)
    record(LETTER_HELD, letter.about, "system", letter=letter.id, name=letter.name, reason="sealing", text=reason[:500])


def unfinished(limit: int = 1000) -> list[int]:
    """Letters that are due and that nobody is sending."""
    return list(session.scalars(select(Letter.id).where(Letter.is_due()).order_by(Letter.id).limit(limit)))


def count_to(recipient: str, name: str, since: datetime) -> int:
    """How many letters of this name an address was sent since then: holds off floods through us."""
    return counts_to([recipient], name, since)[recipient.lower()]


def counts_to(recipients: Sequence[str], name: str, since: datetime) -> Counter[str]:
    """The same for many addresses, told in small letters."""
    to = sorted({each.lower() for each in recipients})
    rows = session.execute(_COUNTS_TO, {"to": to, "named": name, "since": since}) if to else ()
    return Counter({row[0]: row[1] for row in rows})


def about(numbers: list[str]) -> list[Letter]:
    """The letters that belong to these numbers, oldest first."""
    return list(session.scalars(select(Letter).where(Letter.about.in_(numbers)).order_by(Letter.id)))


def by_message_id(message_ids: list[str]) -> Letter | None:
    """The letter that somebody answers, by its Message-ID."""
    if not message_ids:
        return None
    return session.scalars(select(Letter).where(Letter.message_id.in_(message_ids)).limit(1)).first()


def last_to(recipient: str, number: str) -> Letter | None:
    """The newest letter to this address whose subject names the number."""
    rows = select(Letter).where(
        func.lower(Letter.recipient) == recipient.lower(), Letter.subject.contains(f"[{number}]")
    )
    return session.scalars(rows.order_by(Letter.id.desc()).limit(1)).first()


def return_path(letter_id: int) -> str:
    """The envelope sender of a letter: tells which one came back, and cannot be forged (VERP with HMAC)."""
    return f"bounce+{letter_id}.{_mark(letter_id)}@{current().mail_domain}"


def letter_of_return_path(addresses: Mapping[str, object] | list[str]) -> int | None:
    """The letter whose return path is among the addresses and carries our mark."""
    for address in addresses:
        match = re.match(r"bounce\+(\d{1,18})\.([0-9a-f]{16})@", address.lower())
        if match and hmac.compare_digest(match[2], _mark(int(match[1]))):
            return int(match[1])
    return None


def _mark(letter_id: int) -> str:
    key = current().secret_key.encode()
    return hmac.new(key, f"bounce {letter_id}".encode(), hashlib.sha256).hexdigest()[:16]
