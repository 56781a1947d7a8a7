"""The operator's commands: what they print, and their exit codes."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from cert_portal import cli as commands
from cert_portal import config, doctor
from cert_portal.cli import mail as mail_commands
from cert_portal.config import SettingsError
from cert_portal.core import crypto, events, queue, schedule
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import spool
from cert_portal.directory import accounts, members, organisations
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Organisation

MAIL = b"From: Ann <ann@shop.example>\nMessage-ID: <1@shop.example>\nSubject: Help\n\nWe were hacked\n"
Command = Callable[..., Result]


@pytest.fixture
def command(app: Flask) -> Iterator[Command]:
    """Run a command on the application under test."""

    def run(*arguments: str, given: bytes | str = "") -> Result:
        start_writing()
        return app.test_cli_runner().invoke(commands.cli, list(arguments), input=given)

    yield run
    with app.app_context():
        session.remove()


def test_messages_from_a_pipe(command: Command) -> None:
    first = command("mail", "receive", given=MAIL)
    number = first.stdout.strip()
    assert number.startswith("R")
    assert command("mail", "receive", given=MAIL).stdout.strip() == f"duplicate {number}"
    answer = f"From: ann@shop.example\nSubject: Re: [{number}] more\n\nMore".encode()
    assert command("mail", "receive", given=answer).stdout.strip() == f"reply {number}"
    assert command("mail", "receive", given=b"Auto-Submitted: auto-replied\n\n").stdout.strip() == "ignored auto-reply"
    bounce = b"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: failed\n\n"
    assert command("mail", "receive", given=bounce).stdout.strip() == "bounce unknown letter"
    balance = json.loads(command("mail", "reconcile", "--format", "json").stdout)
    assert (balance["taken"], balance["difference"], balance["reports"]) == (5, 0, 1)
    assert "difference          0" in command("mail", "reconcile").stdout


def test_a_message_without_an_outcome_is_named(command: Command, app: Flask) -> None:
    receipt = spool.store(MAIL)
    result = command("mail", "reconcile")
    assert result.exit_code == 1
    assert f"without an outcome: {receipt}" in result.stdout


def test_what_cannot_be_stored_is_given_back(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(spool, "store", full)
    result = command("mail", "receive", given=MAIL)
    assert (result.exit_code, result.stderr.strip()) == (75, "cert-portal: no space left")


def test_with_the_database_away_the_spool_takes_mail(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_receipt: str) -> None:
        raise SQLAlchemyError("x")

    monkeypatch.setattr(mail_commands, "take_and_commit", away)
    result = command("mail", "receive", given=MAIL)
    assert result.exit_code == 0
    assert result.stdout.startswith("spooled 2")


def test_staff_accounts(command: Command, app: Flask) -> None:
    made = command(
        "user", "add", "Ann@Portal.example", "--role", "analyst", "--password-stdin", given="a long enough phrase\n"
    )
    assert made.stdout.strip() == "ann@portal.example was added."
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    facts = ("user", "add", "b@portal.example", "--role", "admin", "--name", "Ben", "--totp-secret", secret)
    assert command(*facts, given="another long phrase\nanother long phrase\n").exit_code == 0
    with app.app_context():
        assert accounts.secret_of(accounts.by_email("b@portal.example")) == secret  # type: ignore[arg-type]  # it is there
        session.remove()
    refused = command(
        "user", "add", "ann@portal.example", "--role", "analyst", "--password-stdin", given="another phrase x\n"
    )
    assert isinstance(refused.exception, accounts.AccountRefused)
    assert command("user", "code", "b@portal.example").exit_code == 1
    config.use(replace(config.current(), demo=True))
    assert len(command("user", "code", "b@portal.example").stdout.strip()) == 6
    assert command("user", "code", "nobody@portal.example").exit_code == 1


def test_accounts_of_member_organisations(command: Command, app: Flask) -> None:
    start_writing()
    with app.app_context():
        organisations.add(OrganisationTold("member", "Harbour Board"), "system")
        session.commit()
    add = ("user", "add", "hana@board.example", "--role", "member", "--password-stdin")
    for wrong in ((), ("--organisation", "Nobody")):
        refused = command(*add, *wrong, given="a long enough phrase\n")
        assert (refused.exit_code, "no such organisation" in refused.output) == (1, True)
    stray = ("user", "add", "x@y.example", "--role", "editor", "--organisation", "Harbour Board", "--password-stdin")
    assert "goes with --role member" in command(*stray, given="a long enough phrase\n").output
    made = command(*add, "--organisation", "harbour board", "--unit", "Survey", given="a long enough phrase\n")
    assert made.exit_code == 0
    with app.app_context():
        member = members.of(accounts.by_email("hana@board.example"))  # type: ignore[arg-type]  # it is there
        assert member is not None
        assert members.named(member)[1].name == "Survey"  # type: ignore[union-attr]  # it has one
        session.remove()


def test_keys(command: Command, app: Flask, tmp_path: Path) -> None:
    exported = command("key", "export").stdout
    assert "BEGIN PGP PUBLIC KEY BLOCK" in exported
    (tmp_path / "k.asc").write_text(exported)
    assert command("key", "import", str(tmp_path / "k.asc")).stdout.strip() == config.current().desk_key
    assert config.current().desk_key in command("key", "list").stdout
    made = command("key", "create").stdout.strip()
    assert made.startswith('desk_key = "')
    assert made.split('"')[1] != config.current().desk_key


def test_the_record_is_checked(command: Command, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "The record is whole" in command("audit", "verify").stdout
    monkeypatch.setattr(events, "broken_links", lambda: iter(["seal 1 is broken"]))
    broken = command("audit", "verify")
    assert (broken.exit_code, "seal 1 is broken" in broken.stdout) == (1, True)


def test_the_accounts_of_the_demonstration_are_made_once(command: Command) -> None:
    assert command("demo", "users").exit_code == 0
    assert command("demo", "users").exit_code == 0


def test_the_doctor_sees_what_is_wrong(command: Command, app: Flask, tmp_path: Path) -> None:
    result = command("doctor")
    assert "FAIL  database" in result.stdout  # made without migrations
    assert "ok    queue" in result.stdout
    assert result.exit_code == 1


def findings(app: Flask, **more: Any) -> dict[str, doctor.Finding]:
    here = config.current()
    config.use(replace(here, **more))
    with app.app_context():
        found = {each.name: each for each in doctor.examine()}
    config.use(here)
    return found


def test_every_check_can_fail(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not findings(app, redis_url=f"unix://{tmp_path}/none")["queue"].ok
    assert not findings(app, smtp_url="smtp://127.0.0.1:1")["mail out"].ok
    assert not findings(app, smtp_url="smtps://127.0.0.1:1")["mail out"].ok
    assert not findings(app, desk_key="")["desk key"].ok
    assert not findings(app, desk_key="0" * 40)["desk key"].ok
    assert not findings(app, publication_key="")["publication"].ok
    assert findings(app)["desk key"].ok
    monkeypatch.setattr(crypto.Keyring, "expires", lambda _self: None)
    assert findings(app)["desk key"].told == "does not expire"


def test_roles_check_their_options(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("worker", "--queues", "nonsense").exit_code == 2
    worked: list[list[str]] = []
    monkeypatch.setattr(queue, "work", worked.append)
    assert command("worker", "--queues", "mail").exit_code == 0
    assert worked == [["mail"]]
    monkeypatch.setattr(schedule, "run", lambda _commit: worked.append(["scheduler"]))
    assert command("scheduler").exit_code == 0
    assert worked[-1] == ["scheduler"]


def test_an_expected_error_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(**_options: object) -> None:
        raise SettingsError("SECRET_KEY: not set")

    monkeypatch.setattr(commands.cli, "main", fail)
    with pytest.raises(SystemExit) as stopped:
        commands.main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "cert-portal: SECRET_KEY: not set\n"


def test_a_wrong_setting_gives_the_message_back_to_the_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_options: object) -> None:
        raise SettingsError("TIMEZONE: 'Mars/X' is not a time zone")

    monkeypatch.setattr(commands.cli, "main", fail)
    monkeypatch.setattr(sys, "argv", ["cert-portal", "mail", "receive"])
    with pytest.raises(SystemExit) as stopped:
        commands.main()
    assert stopped.value.code == 75


def test_the_directory_is_imported_or_only_tried(command: Command, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("kind,name_en,email\nisp,Harbour Net,abuse@harbour.example\n", "utf-8")
    tried = command("directory", "import", str(file), "--dry-run").stdout
    assert tried.strip() == "1 line: 2 added, 0 changed, 0 unchanged, 0 keys (dry run: nothing was stored)."
    assert command("directory", "import", str(file)).stdout.startswith("1 line: 2 added")
    assert command("directory", "import", str(file)).stdout.startswith("1 line: 0 added, 0 changed, 2 unchanged")
    file.write_text("kind,name_en,email\nisp,Other,nonsense\nisp,Good,a@b.example\n", "utf-8")
    refused = command("directory", "import", str(file))
    assert refused.exit_code == 1
    assert "line 2: bad email: nonsense" in refused.stderr
    assert "1 mistake; nothing was stored" in refused.stderr
    with app.app_context():
        assert [row.name_en for row in session.query(Organisation)] == ["Harbour Net"]


def test_networks_are_imported_also_packed(command: Command, tmp_path: Path) -> None:
    plain, packed = tmp_path / "routes.txt", tmp_path / "routes.gz"
    plain.write_text("203.0.113.0\t24\t64500\nnonsense\n", "utf-8")
    packed.write_bytes(gzip.compress(b"198.51.100.0\t24\t64501\n"))
    done = command("networks", "import", str(plain), "--format", "pfx2as")
    assert done.stdout.strip() == "2 lines: 1 prefix stored, 1 line rejected."
    assert "line 2: a prefix, its length and an ASN are needed" in done.stderr
    done = command("networks", "import", str(packed), "--format", "pfx2as")
    assert done.stdout.strip() == "1 line: 1 prefix stored, 0 lines rejected."
    refused = command("networks", "import", str(plain), "--format", "delegated")
    assert refused.exit_code == 0
    plain.write_text("nonsense\n", "utf-8")
    assert command("networks", "import", str(plain), "--format", "pfx2as").exit_code == 1


def test_the_public_record_is_checked(command: Command, app: Flask, tmp_path: Path) -> None:
    place = config.current().published / "current" / "advisories"
    place.mkdir(parents=True)
    assert "0 signed files are genuine" in command("advisories", "verify").stdout
    (place / "CP-A-2026-0001.en.txt.asc").write_text("TLP:CLEAR", "utf-8")
    broken = command("advisories", "verify")
    assert (broken.exit_code, "the signature is not good" in broken.stdout) == (1, True)
    assert command("advisories", "verify", str(tmp_path)).exit_code == 0


def test_help_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Flask:
        raise SettingsError("SECRET_KEY: not set")

    monkeypatch.setattr("cert_portal.cli.root.create_app", refuse)
    told = CliRunner().invoke(commands.cli, ["--help"])
    assert (told.exit_code, "not set" in told.output) == (0, False)
    assert "advisories" in told.output
