"""Outgoing mail: claimed, sealed, kept, sent once; a kill at any line leaves it whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cert_portal.config import current
from cert_portal.core import clock, crypto
from cert_portal.core.db import session
from cert_portal.core.mail import compose, outbox, transport
from cert_portal.core.mail.message import parse
from cert_portal.core.mail.outbox import Draft, Letter
from cert_portal.core.outgoing import LetterState
from tests.conftest import NOW
from workers.mail import send_letter


def post(**more: Any) -> Letter:
    facts: dict[str, Any] = {
        "name": "test",
        "about": "R26-000417-0",
        "language": "zh-hant",
        "recipient": "ann@shop.example",
        "subject": "[R26-000417-0] 你好",
        "text": "內容 From the desk\n",
    }
    letter = outbox.post(Draft(**(facts | more)))
    session.commit()
    return letter


def leave(letter: Letter) -> None:
    """Run the job as another process would: no transaction of the test is open meanwhile."""
    number = letter.id
    session.rollback()
    send_letter(number)
    session.rollback()


def sent() -> list[Path]:
    return sorted((current().instance_dir / "mail").glob("*.eml"))


def test_a_letter_leaves_signed_and_is_kept_byte_by_byte(context: Flask) -> None:
    letter = post(in_reply_to="<their@id>")
    leave(letter)
    session.expire_all()
    assert (letter.state, letter.sealing, letter.tries) == (LetterState.SENT, "signed", 1)
    [path] = sent()
    body = session.get_one(outbox.LetterBody, letter.body_digest)
    assert path.read_bytes() == (letter.head or b"") + body.data
    mail = parse(path.read_bytes())
    assert (mail.subject, mail.message_id, mail.references) == (letter.subject, letter.message_id, ["<their@id>"])
    assert mail.content_type == "multipart/signed"
    assert "內容" in mail.text
    leave(letter)
    assert len(sent()) == 1
    assert outbox.about(["R26-000417-0"]) == [letter]
    assert outbox.by_message_id([letter.message_id]) == letter
    assert outbox.count_to("ANN@shop.example", "test", clock.now() - timedelta(hours=1)) == 1


def test_the_signature_covers_the_part_as_sent(context: Flask) -> None:
    letter = post()
    leave(letter)
    raw = sent()[0].read_bytes()
    edge = raw.split(b'boundary="')[1].split(b'"')[0]
    part = raw.split(b"--" + edge + b"\r\n")[1].removesuffix(b"\r\n")
    signature = raw.split(b"-----BEGIN")[1]
    assert crypto.desk().is_signed(part, "-----BEGIN" + signature.split(b"\r\n--" + edge)[0].decode())


def test_a_letter_for_a_key_leaves_encrypted_or_not_at_all(context: Flask, desk_key: str) -> None:
    letter = post(encrypt_to=desk_key)
    leave(letter)
    assert session.get_one(Letter, letter.id, populate_existing=True).sealing == "encrypted"
    assert "內容".encode() not in sent()[0].read_bytes()
    held = post(encrypt_to="0" * 40)
    leave(held)
    session.expire_all()
    assert (held.state, held.head) == (LetterState.HELD, None)
    assert len(sent()) == 1


def test_a_killed_sender_is_taken_over_with_the_same_message_id(context: Flask) -> None:
    letter = post()
    with clock.turned_to(clock.now()):
        envelope = outbox.claim(letter.id)
        assert envelope is not None
        session.commit()
        sealed = outbox.seal(envelope)
        outbox.keep(sealed)
        session.commit()
        assert outbox.claim(letter.id) is None
        session.rollback()
        assert outbox.unfinished() == []
        session.rollback()
    with clock.turned_to(clock.now() + timedelta(seconds=61)):
        assert outbox.unfinished() == [letter.id]
        again = outbox.claim(letter.id)
        assert again is not None
        assert again.head + again.content == sealed.head + sealed.content
        session.rollback()
        leave(letter)
    session.expire_all()
    assert (letter.state, letter.tries) == (LetterState.SENT, 2)


def test_letters_alike_of_the_same_instant_have_names_of_their_own(context: Flask) -> None:
    names = set()
    with clock.turned_to(NOW):
        for _ in range(50):
            names.add(post().message_id)
            session.remove()
    assert len(names) == 50


def test_nobody_else_can_claim_what_is_not_there(context: Flask) -> None:
    assert outbox.claim(999) is None


@pytest.mark.parametrize(("error", "state"), [(transport.SendLater, "queued"), (transport.SendRefused, "failed")])
def test_what_the_other_side_says(context: Flask, monkeypatch: Any, error: type[Exception], state: str) -> None:
    def refuse(*_arguments: object) -> None:
        raise error("450 not now")

    monkeypatch.setattr(transport, "send", refuse)
    letter = post()
    leave(letter)
    session.expire_all()
    assert letter.state == state
    assert letter.last_error == "450 not now"


def test_after_the_last_wait_it_is_given_up(context: Flask, monkeypatch: Any) -> None:
    def refuse(*_arguments: object) -> None:
        raise transport.SendLater("450 not now")

    monkeypatch.setattr(transport, "send", refuse)
    letter = post()
    at = NOW + timedelta(days=400)
    for _ in range(10):
        with clock.turned_to(at):
            leave(letter)
        at += timedelta(days=2)
    session.expire_all()
    assert (letter.state, letter.tries) == (LetterState.FAILED, 10)


def test_without_a_key_letters_leave_unsigned(context: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr(outbox, "current", lambda: type("S", (), {"desk_key": ""})())
    envelope = outbox.Envelope(1, "", "a@b.example", b"", b"x", None, "")
    assert outbox.seal(envelope).sealing == "none"


def test_return_paths_cannot_be_forged(context: Flask) -> None:
    path = outbox.return_path(7)
    assert outbox.letter_of_return_path(["x@y.example", path.upper()]) == 7
    assert outbox.letter_of_return_path([path.replace("+7.", "+8.")]) is None
    assert outbox.letter_of_return_path([]) is None


def test_automatic_answers_use_the_null_sender(context: Flask) -> None:
    letter = post(null_sender=True, automatic="auto-replied")
    envelope = outbox.claim(letter.id)
    assert envelope is not None
    assert envelope.mail_from == ""
    assert b"Auto-Submitted: auto-replied" in envelope.head
    other = outbox.claim(post(automatic="").id)
    assert other is not None
    assert other.mail_from.startswith("bounce+")
    assert b"Auto-Submitted" not in other.head


def test_a_line_break_cannot_enter_a_header() -> None:
    with pytest.raises(ValueError, match="line break"):
        compose.headers(("Desk", "a@b.example"), "x@y.example\r\nBcc: z@y.example", "s", "<1@b>", {})


def test_parts_are_seven_bit_with_network_line_ends() -> None:
    for words in ("plain words\nFrom here\n", "中文\n", "x" * 2000 + "\n"):
        part = compose.text_part(words)
        assert part.isascii()
        assert b"\n" not in part.replace(b"\r\n", b"")
        assert all(len(line) < 998 for line in part.split(b"\r\n"))
