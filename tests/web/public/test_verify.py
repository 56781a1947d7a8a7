"""Is it from us? Texts pasted or uploaded, whole or changed by a byte."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import crypto
from cert_portal.core.db import start_writing
from cert_portal.core.i18n import Language
from cert_portal.core.mail import bulk
from cert_portal.publishing import feeds, tree
from tests.publishing import press


@pytest.fixture
def signed(app: Flask, publication_key: str) -> tuple[bytes, bytes]:
    """A published text, and a mail about it."""
    start_writing()
    with app.app_context():
        version = press.published(press.editor(), press.reader())
        text = tree.read(feeds.text_path(version.advisory.public_id, Language.EN))
        mail = b"From: advisories@portal.example\r\nMIME-Version: 1.0\r\n" + bulk.stored(version.bodies["en"][1])
    return text, mail


def test_genuine_and_only_what_is_signed_is_ours(client: FlaskClient, signed: tuple[bytes, bytes]) -> None:
    pasted = "Send money to <b>Bob</b>\n\n" + signed[0].decode() + "\nand soon"
    page = client.post("/en/verify", data={"text": pasted}).text
    assert "Signature valid" in page
    covered = page.partition("portal-covered")[2].partition("</pre>")[0]
    assert press.ENGLISH.title in covered
    assert "Bob" not in covered
    assert "and soon" not in covered
    assert "<b>Bob" not in page


def test_a_changed_byte_and_foreign_words(client: FlaskClient, signed: tuple[bytes, bytes]) -> None:
    for text in (signed[0].decode().replace("today", "Friday", 1), "Dear customer"):
        page = client.post("/en/verify", data={"text": text}).text
        assert "Not genuine" in page
        assert "Signature valid" not in page


def test_nothing_given(client: FlaskClient) -> None:
    for lang in ("en", "zh-hant"):
        answer = client.post(f"/{lang}/verify", data={"text": ""})
        assert answer.status_code == 422
        assert 'href="#text"' in answer.text
        assert 'aria-describedby="text-error"' in answer.text, "the box itself says what it lacks"
        assert f"CP-A-2026-0001.{lang}.txt.asc" in answer.text, "the example is in the reader's language"


def test_a_mail_that_was_saved_is_uploaded(client: FlaskClient, signed: tuple[bytes, bytes]) -> None:
    for raw, said in ((signed[1], "Signature valid"), (signed[1].replace(b"\r\n", b"\n"), "Signature valid")):
        answer = client.post("/en/verify", data={"file": (BytesIO(raw), "letter.eml")})
        assert said in answer.text
    assert "Not genuine" in client.post("/en/verify", data={"file": (BytesIO(b"\x00\xff" * 50), "x.eml")}).text
    assert crypto.publication()
