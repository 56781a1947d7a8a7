"""The LMTP listener as a process of its own: real senders, a full disk, and the database taken away."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cert_portal import config, instance
from cert_portal.app import create_app
from cert_portal.core.db import db, session
from cert_portal.core.mail import spool
from cert_portal.intake.models import MailReceipt, Report
from cert_portal.intake.reconcile import by_mailbox
from tests.servers import Postgres, free_port, is_open, wait_until
from workers.listener import Taker
from workers.mail import take_and_commit, take_together

pytestmark = pytest.mark.slow


class Desk:
    """An instance, its commands, and the listener."""

    def __init__(self, folder: Path, database: str = "") -> None:
        instance.create(folder, demo=False)
        self.folder, self.port = folder, free_port()
        facts = {"INSTANCE_DIR": str(folder), "DATABASE_URL": database, "REDIS_URL": "redis://127.0.0.1:1/0"}
        self.environment = os.environ | {f"CERT_PORTAL_{name}": value for name, value in facts.items()}
        self.run("prepare")

    def run(self, *arguments: str, given: bytes = b"", code: int = 0) -> str:
        """A command of the operator; answers what it prints."""
        command = [sys.executable, "-m", "cert_portal", *arguments]
        done = subprocess.run(command, input=given, env=self.environment, capture_output=True, check=False)
        assert done.returncode == code, done.stderr.decode()
        return done.stdout.decode()

    @contextmanager
    def listening(self, *options: str, **settings: str) -> Iterator[None]:
        """While the listener runs; Redis is away all the time."""
        command = [sys.executable, "-m", "cert_portal", "mail", "listen", "--lmtp", f"127.0.0.1:{self.port}", *options]
        more = {f"CERT_PORTAL_{name.upper()}": value for name, value in settings.items()}
        process = subprocess.Popen(command, env=self.environment | more, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: is_open(self.port), "the listener")
            yield
        finally:
            process.terminate()
            assert process.wait(20) == 0

    def balance(self, code: int = 0) -> dict[str, int]:
        """What `mail reconcile` proves."""
        told: dict[str, int] = json.loads(self.run("mail", "reconcile", "--format", "json", code=code))
        return told

    def send(self, number: int, recipient: str = "report") -> int:
        """One message; the reply to its data."""
        with smtplib.LMTP("127.0.0.1", self.port) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("ann@shop.example")
            client.rcpt(f"{recipient}@portal.example")
            return client.data(f"From: ann@shop.example\r\nMessage-ID: <{number}@x.example>\r\n\r\nx".encode())[0]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that is taken away in the end."""
    made = Path(tempfile.mkdtemp(prefix="lm", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_a_report_for_each_sender_and_charset_with_redis_away(folder: Path) -> None:
    desk = Desk(folder / "i")
    words = {"big5": "網絡釣魚", "gb18030": "网络钓鱼", "iso-2022-jp": "事故報告", "utf-8": "事故 🔥"}
    with desk.listening():
        for charset, subject in words.items():
            with smtplib.LMTP("127.0.0.1", desk.port) as client:
                client.sendmail("ann@shop.example", ["report@portal.example"], by_mutt(folder, charset, subject))
        assert desk.send(1, "phishing") == 250
    told = desk.balance()
    assert (told["taken"], told["reports"], told["difference"]) == (5, 5, 0)
    with create_app(config.load(desk.environment)).app_context():
        found = [(each.title, each.text, each.kind) for each in session.scalars(select(Report).order_by(Report.id))]
        db.engine.dispose()
    assert found[:4] == [(each, f"{each}。", "not_sure") for each in words.values()]
    assert found[4] == ("x", "x", "phishing")


def test_several_processes_share_the_port(folder: Path) -> None:
    desk = Desk(folder / "i")
    with desk.listening("-n", "2"):
        assert {desk.send(number) for number in range(8)} == {250}
    told = desk.balance()
    assert (told["taken"], told["reports"], told["difference"]) == (8, 8, 0)


def test_messages_of_many_connections_are_taken_together_and_each_is_answered_after_the_commit(folder: Path) -> None:
    desk = Desk(folder / "i")
    with desk.listening(), ThreadPoolExecutor(24) as senders:
        assert set(senders.map(desk.send, range(96))) == {250}
        told = desk.balance()
    assert (told["taken"], told["reports"], told["difference"]) == (96, 96, 0)


def test_what_waited_is_taken_together_and_what_cannot_be_taken_is_named(folder: Path) -> None:
    desk = Desk(folder / "i")
    with create_app(config.load(desk.environment)).app_context():
        receipts = [spool.store(b"From: a@b.example\r\nMessage-ID: <%d@x>\r\n\r\nx" % each) for each in range(20)]
        db.engine.dispose()
    damaged = next((folder / "i" / "spool").rglob(receipts[3]))
    damaged.write_bytes(b"no longer whole")
    done = subprocess.run(
        [sys.executable, "-m", "cert_portal", "mail", "take"], env=desk.environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"19 messages read\n")
    assert f"still waits: {receipts[3]} (BlobDamaged)" in done.stderr.decode()
    assert desk.balance(1)["unfinished"] == 1
    damaged.unlink()
    next((folder / "i" / "spool").rglob(receipts[4])).unlink()
    assert (desk.balance(1)["unfinished"], desk.balance(1)["lost"]) == (0, 1)
    assert f"its original is gone: {receipts[4]}" in desk.run("mail", "reconcile", code=1)


def test_an_error_that_nobody_foresaw_bounces_no_message_that_is_kept(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(receipts: list[str]) -> dict[str, object]:
        raise NotImplementedError

    monkeypatch.setattr("workers.listener.take_together", breaks)
    Taker(context)(b"From: ann@shop.example\r\n\r\nx", ["report@portal.example"])
    assert len(list(spool.receipts())) == 1


def test_connections_that_wait_together_share_transactions_round_after_round(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def counted(receipts: list[str]) -> dict[str, MailReceipt | Exception]:
        sizes.append(len(receipts))
        return take_together(receipts)

    monkeypatch.setattr("workers.listener.take_together", counted)
    taker = Taker(context)
    with ThreadPoolExecutor(12) as connections:
        raws = [b"From: a%d@shop.example\r\nMessage-ID: <%d@x.example>\r\n\r\nx" % (n, n) for n in range(120)]
        list(connections.map(lambda raw: taker(raw, ["report@portal.example"]), raws))
    assert sum(sizes) == 120
    assert len([size for size in sizes if size]) < 80


def test_names_of_mailboxes_are_the_same_on_both_sides_of_the_balance(context: Flask) -> None:
    for name in ("report2", "Phishing", "abuse-desk-of-the-centre"):
        take_and_commit(spool.store(b"Subject: x\r\n\r\n" + name.encode(), name))
    assert [(each.unfinished, each.lost) for each in by_mailbox()] == [([], [])] * 3


def by_mutt(folder: Path, charset: str, subject: str) -> bytes:
    """What another mail program makes of a subject and a text."""
    sent = folder / charset
    settings = [f"set send_charset={charset}", "set copy=no", f"set sendmail='tee {sent} #'"]
    options = [part for each in settings for part in ("-e", each)]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "HOME": str(folder), "EMAIL": "ann@shop.example"}
    command = ["mutt", "-n", "-F", "/dev/null", *options, "-s", subject, "report@portal.example"]
    words = f"{subject}。".encode()
    subprocess.run(command, input=words, env=environment, cwd=folder, capture_output=True, check=True)
    return sent.read_bytes()


def test_a_nearly_full_disk_puts_the_sender_off_and_nothing_is_half_written(folder: Path) -> None:
    desk = Desk(folder / "i")
    with desk.listening(least_free_megabytes=str(10**9)):
        assert desk.send(1) == 452
    assert "nearly full" in pipe_when_full(desk)
    assert desk.balance()["taken"] == 0
    assert not [path for path in (folder / "i" / "spool").rglob("*") if path.is_file()]
    with desk.listening():
        assert desk.send(1) == 250
    assert desk.balance()["reports"] == 1


def pipe_when_full(desk: Desk) -> str:
    """What the pipe says, with exit code 75."""
    command = [sys.executable, "-m", "cert_portal", "mail", "receive"]
    full = desk.environment | {"CERT_PORTAL_LEAST_FREE_MEGABYTES": str(10**9)}
    done = subprocess.run(command, input=b"Subject: x\n\ny", env=full, capture_output=True, check=False)
    assert done.returncode == 75
    return done.stderr.decode()


def test_with_the_database_away_the_spool_takes_mail(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "pg").mkdir()
    postgres = Postgres(folder / "pg", safe=True)
    desk = Desk(folder / "i", postgres.url("desk"))
    with desk.listening():
        assert desk.send(1) == 250
        postgres.stop()
        assert desk.send(2) == 250
        postgres.begin()
        told = desk.balance(code=1)
        assert (told["taken"], told["reports"], told["unfinished"]) == (2, 1, 1)
        assert desk.send(3) == 250
    assert desk.run("mail", "take").strip().startswith("1 ")
    told = desk.balance()
    assert (told["taken"], told["reports"], told["difference"]) == (3, 3, 0)
    postgres.stop()
