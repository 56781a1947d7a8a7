"""Mailboxes on a real IMAP server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from cert_portal import config, doctor
from cert_portal.core.db import session
from cert_portal.core.mail import imap, spool
from cert_portal.intake.models import MailReceipt, Report
from tests.mail_servers import Dovecot
from tests.servers import free_port
from workers.mail import fetch_all, fetch_mail

MESSAGE = b"From: Ann <ann@shop.example>\r\nMessage-ID: <%d@shop.example>\r\nSubject: Strange %d\r\n\r\nhttps://bad.example/x\r\n"


@pytest.fixture(scope="module", params=["", "imap_capability = IMAP4rev1 UIDPLUS"], ids=["move", "copy"])
def dovecot(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """A server that can move messages, and one that can only copy."""
    server = Dovecot(Path(tempfile.mkdtemp(prefix="dc", dir="/tmp")), request.param)
    server.folder.chmod(0o755)
    yield server
    server.stop()


def test_every_message_is_kept_then_moved(dovecot: Dovecot) -> None:
    for number in range(3):
        dovecot.put("keeper", MESSAGE % (number, number))
    kept: list[bytes] = []
    assert imap.count(dovecot.url("keeper")) == 3
    assert imap.fetch(dovecot.url("keeper"), kept.append) == 3
    assert [b"Strange %d" % number in raw for number, raw in enumerate(kept)] == [True] * 3
    assert dovecot.folders("keeper") == {"INBOX": 0, "Taken": 3}
    assert imap.fetch(dovecot.url("keeper"), kept.append) == 0


def test_what_could_not_be_kept_stays_where_it_is(dovecot: Dovecot) -> None:
    for number in range(2):
        dovecot.put("full", MESSAGE % (number, number))
    kept: list[bytes] = []

    def keep(raw: bytes) -> None:
        if kept:
            raise OSError("the disk is nearly full")
        kept.append(raw)

    with pytest.raises(imap.MailboxAway, match="nearly full"):
        imap.fetch(dovecot.url("full"), keep)
    assert dovecot.folders("full") == {"INBOX": 1, "Taken": 1}


def test_each_mailbox_has_its_own_default(dovecot: Dovecot, context: Flask) -> None:
    dovecot.put("report", MESSAGE % (11, 11))
    dovecot.put("phishing", MESSAGE % (12, 12))
    dovecot.put("fax", MESSAGE % (13, 13))
    here = config.current()
    boxes = " ".join(f"{name}={dovecot.url(name)}" for name in ("report", "phishing", "fax"))
    away = f"abuse=imap://x:y@127.0.0.1:{free_port()}"
    config.use(replace(here, imap_mailboxes=f"{boxes} {away}"))
    findings = {each.name: each for each in doctor.examine()}
    assert findings["mail phishing"].told == "messages waiting: 1"
    assert not findings["mail abuse"].ok
    told = fetch_all()
    assert {name: told[name] for name in ("report", "phishing", "fax")} == {"report": 1, "phishing": 1, "fax": 1}
    assert "127.0.0.1" in str(told["abuse"])
    found = session.query(MailReceipt.mailbox, Report.kind, Report.channel).join(
        Report, Report.receipt == MailReceipt.receipt
    )
    assert sorted(tuple(each) for each in found) == [
        ("fax", "not_sure", "fax"),
        ("phishing", "phishing", "email"),
        ("report", "not_sure", "email"),
    ]
    session.rollback()
    fetch_mail()
    config.use(here)


def test_a_message_that_was_kept_and_not_moved_is_a_duplicate(dovecot: Dovecot, context: Flask) -> None:
    for _ in range(2):
        dovecot.put("twice", MESSAGE % (21, 21))
    here = config.current()
    config.use(replace(here, imap_mailboxes=f"report={dovecot.url('twice')}"))
    assert fetch_all() == {"report": 2}
    config.use(here)
    assert sorted(each.outcome for each in session.query(MailReceipt)) == ["duplicate", "report"]
    assert len(list(spool.receipts())) == 2


@pytest.mark.parametrize("told", ["report", "report=http://x", "re port=imap://x", "report=imap://"])
def test_a_wrong_setting_is_named(told: str) -> None:
    with pytest.raises(config.SettingsError, match="IMAP_MAILBOXES"):
        imap.mailboxes(told)


def test_somebody_else_took_it_meanwhile(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    dovecot.put("race", MESSAGE % (31, 31))
    monkeypatch.setattr(imap, "_must", _as_if_gone(imap._must))
    assert imap.fetch(dovecot.url("race"), lambda raw: None) == 0


def _as_if_gone(really: object) -> object:
    def must(answer: tuple[str, list[object]]) -> list[object]:
        found = really(answer)  # type: ignore[operator]
        return [None] if any(isinstance(part, tuple) for part in found) else found

    return must


def test_a_folder_that_does_not_exist(dovecot: Dovecot) -> None:
    with pytest.raises(imap.MailboxAway):
        imap.fetch(dovecot.url("ann").replace("INBOX", "Nowhere"), lambda raw: None)


def test_over_tls_only_with_a_certificate_that_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Dovecot(Path(tempfile.mkdtemp(prefix="dc", dir="/tmp")), tls=True)
    server.folder.chmod(0o755)
    try:
        for address in (
            f"imaps://tom:secret@localhost:{server.tls_port}/INBOX",
            f"imap://tom:secret@localhost:{server.port}/INBOX",
        ):
            with pytest.raises(imap.MailboxAway, match="certificate"):
                imap.fetch(address, lambda raw: None)
            with monkeypatch.context() as trust:
                trust.setenv("SSL_CERT_FILE", str(server.certificate))
                assert imap.fetch(address, lambda raw: None) == 0
    finally:
        server.stop()
