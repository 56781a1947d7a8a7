"""Sealed and signed messages: opened first, judged by the key, judged again when the key arrives."""

from __future__ import annotations

import subprocess
from itertools import count
from pathlib import Path

import pytest
from flask import Flask

from cert_portal.core import clock, crypto, smime
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail import compose, signed, spool
from cert_portal.directory import keys, organisations
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.intake import signatures
from cert_portal.intake.models import MailReceipt, Outcome
from tests.intake.messages import deliver, letter, report, sealed
from workers.intake import look_again

HEAD = b"From: Ann <ann@shop.example>\r\nMessage-ID: <s1@shop.example>\r\nSubject: Signed\r\nMIME-Version: 1.0\r\n"
NESTED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ny\r\n--b--\r\n--a--"
NUMBERS = count()
PART = compose.text_part("We were attacked from 192.0.2.9 事故")


@pytest.fixture
def ann(home: Path) -> crypto.Keyring:
    """A stranger's key ring, with a new key for each test: our own ring forgets none."""
    ring = crypto.Keyring(home / "gnupg" / "ann")
    ring.create("Ann", f"ann{next(NUMBERS)}@shop.example")
    return ring


def by(ring: crypto.Keyring) -> bytes:
    """A message that the stranger signed."""
    return HEAD + compose.signed(PART, ring.sign(PART))


def state(raw: bytes) -> tuple[str, str, str]:
    """Sealing, signature, signer of a delivered message."""
    row = deliver(raw)
    return row.sealing, row.signature, row.signer


def test_a_signature_is_judged_when_the_key_arrives(context: Flask, ann: crypto.Keyring) -> None:
    row = deliver(by(ann))
    assert (row.sealing, row.signature) == ("pgp", "no_key")
    look_again()
    assert session.query(Event).filter_by(kind="report.signature_checked").count() == 0
    shop = organisations.add(OrganisationTold("vendor", "Shop"), "system")
    [facts] = keys.read(ann.export())
    keys.keep(shop, facts, "system")
    session.commit()
    look_again()
    again = session.get_one(MailReceipt, row.receipt)
    assert (again.signature, again.signer) == ("good", ann.fingerprint)
    owner = keys.owner(again.signer)
    assert owner is not None
    assert owner.id == shop.id
    [event] = session.query(Event).filter_by(kind="report.signature_checked")
    assert (event.subject, event.data["state"]) == (row.told, "good")
    assert state(by(ann).replace(b"<s1@", b"<s2@").replace(PART[-20:-10], b"A" * 10)) == (
        "pgp",
        "bad",
        ann.fingerprint[-16:],
    )


def test_the_bytes_are_those_that_were_signed() -> None:
    raw = HEAD + compose.signed(PART, "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n")
    parts = signed.split(raw.replace(b"\r\n", b"\n"))
    assert parts is not None
    assert (parts.kind, parts.content) == ("pgp", PART.removesuffix(b"\r\n") + b"\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: x\r\n\r\ny",
        b"Content-Type: multipart/signed; boundary=a",
        b"Content-Type: multipart/signed\r\n\r\n--a\r\n",
        b"Content-Type: multipart/signed; boundary=a\r\n\r\n--a\r\nonly one\r\n--a--",
        b"Content-Type: multipart/signed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a\r\n" + NESTED,
    ],
)
def test_a_broken_frame_is_no_signature(raw: bytes, context: Flask) -> None:
    assert signed.split(raw) is None
    assert state(raw)[1] == ""


def test_a_signature_that_is_none_is_bad(context: Flask) -> None:
    assert state(HEAD + compose.signed(PART, "no signature")) == ("pgp", "bad", "")


def test_signed_inside_the_text(context: Flask, desk_key: str) -> None:
    text = crypto.desk().clearsign("The site https://bad.example is false")
    assert state(letter(text=text)) == ("inline", "good", desk_key)
    changed = letter(text=text.replace("false", "fine"), Message_ID="<two@shop.example>")
    assert state(changed)[:2] == ("inline", "bad")
    half = letter(text=text.partition("-----END")[0], Message_ID="<three@shop.example>")
    assert state(half) == ("", "", "")


def test_encrypted_with_the_real_subject_inside(context: Flask, desk_key: str, ann: crypto.Keyring) -> None:
    inner = b'Content-Type: text/plain; protected-headers="v1"\r\nSubject: The real one\r\n\r\nhttps://bad.example\r\n'
    row = deliver(sealed(inner, desk_key, Subject="...", Message_ID="<e1@shop.example>"))
    assert (row.sealing, row.signature, row.signer) == ("encrypted", "good", desk_key)
    assert report(row.told).title == "The real one"


def test_signed_first_and_encrypted_around_it(context: Flask, desk_key: str, home: Path) -> None:
    inner = compose.signed(PART, crypto.desk().sign(PART))
    block = subprocess.run(
        ["gpg", "--homedir", str(home / "gnupg/desk"), "--trust-model", "always", "-a", "-e", "-r", desk_key],
        input=inner,
        capture_output=True,
        check=True,
    ).stdout
    row = deliver(HEAD + compose.encrypted(block.decode()))
    assert (row.sealing, row.signature, row.signer) == ("encrypted", "good", desk_key)
    plain = subprocess.run(
        ["gpg", "--homedir", str(home / "gnupg/desk"), "--trust-model", "always", "-a", "-e", "-r", desk_key],
        input=b"\r\nno signature in here",
        capture_output=True,
        check=True,
    ).stdout
    row = deliver(HEAD.replace(b"<s1@", b"<s9@") + compose.encrypted(plain.decode()))
    assert (row.sealing, row.signature) == ("encrypted", "none")


class Authority:
    """Somebody who signs with S/MIME: a certificate of their own, made by OpenSSL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert", "-days", "2",
                 "-subj", "/CN=Ann/emailAddress=ann@shop.example")  # fmt: skip
        (folder / "part").write_bytes(PART)

    def run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def message(self, *options: str) -> bytes:
        """Signed, detached or with the content inside."""
        command = ("cms", "-sign", "-in", "part", "-signer", "cert", "-inkey", "key", "-out", "mail", "-binary")
        self.run(*command, *options)
        return HEAD.replace(b"MIME-Version: 1.0\r\n", b"") + (self.folder / "mail").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def test_smime_detached(context: Flask, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = authority.message()
    row = deliver(raw)
    assert (row.sealing, row.signature, row.signer) == ("smime", "untrusted", "ann@shop.example")
    assert "192.0.2.9" in report(row.told).text
    changed = raw.replace(PART[-20:-10], b"A" * 10).replace(b"<s1@", b"<s2@")
    assert state(changed) == ("smime", "bad", "")


def test_smime_with_the_content_inside(context: Flask, authority: Authority) -> None:
    raw = authority.message("-nodetach")
    row = deliver(raw)
    assert (row.sealing, row.signature) == ("smime", "untrusted")
    assert "192.0.2.9" in report(row.told).text
    head, _, body = raw.partition(b"\n\n") if b"\r\n\r\n" not in raw else raw.partition(b"\r\n\r\n")
    row = deliver(head.replace(b"<s1@", b"<s3@") + b"\r\n\r\n" + body[:400])
    assert (row.sealing, row.signature) == ("smime", "")
    assert "cannot_decrypt" in report(row.told).trouble


def test_smime_that_takes_too_long_is_not_judged(
    context: Flask, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smime, "SECONDS", 0)
    assert state(authority.message().replace(b"<s1@", b"<s5@")) == ("smime", "unknown", "")
    row = deliver(authority.message("-nodetach").replace(b"<s1@", b"<s6@"))
    assert (row.sealing, row.signature) == ("smime", "")
    assert "cannot_decrypt" in report(row.told).trouble


def test_an_original_that_is_gone_does_not_stop_the_others(context: Flask, ann: crypto.Keyring) -> None:
    first, second = (deliver(by(ann).replace(b"<s1@", each)).receipt for each in (b"<g1@", b"<g2@"))
    spool._path(second).unlink()
    shop = organisations.add(OrganisationTold("vendor", "Shop"), "system")
    keys.keep(shop, keys.read(ann.export())[0], "system")
    session.commit()
    look_again()
    assert session.get_one(MailReceipt, first).signature == "good"
    assert session.get_one(MailReceipt, second).signature == "no_key"


def test_an_old_message_is_not_looked_at_again(context: Flask, ann: crypto.Keyring) -> None:
    receipt = deliver(by(ann).replace(b"<s1@", b"<s7@")).receipt
    row = session.get_one(MailReceipt, receipt)
    row.signature, row.at = "no_key", clock.now().replace(year=2020)
    session.commit()
    look_again()
    assert session.get_one(MailReceipt, receipt).signature == "no_key"
    signatures.keep(receipt, "no_key", "")
    row.outcome = Outcome.IGNORED
    signatures.keep(receipt, "good", ann.fingerprint)
    assert session.query(Event).filter_by(kind="report.signature_checked").count() == 0
    assert signatures.of(receipt) is row
    assert signatures.of(None) is None
    assert spool.read(receipt)[0] == "report"
    assert keys.owner("") is None
