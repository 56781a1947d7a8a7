"""The operator's commands. Exit 0: done; 1: refused, with one line that says why; 2: wrong usage."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO

import click
from flask.cli import FlaskGroup
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from cert_portal import config, demo, doctor, instance, launcher
from cert_portal.app import create_app
from cert_portal.config import SettingsError
from cert_portal.core import blobs, clock, crypto, events, queue, schedule
from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.directory import accounts, calendar
from cert_portal.intake.models import MailReceipt, Outcome
from cert_portal.intake.reconcile import reconcile
from workers.mail import take_and_commit

EX_TEMPFAIL = 75

cli = FlaskGroup(
    name="cert-portal",
    create_app=lambda: create_app(),
    add_default_commands=False,
    help="CERT Portal: the desk of a coordination centre.",
)


def main() -> None:
    """Run a command; an expected error becomes one line and exit code 1."""
    os.umask(0o077)
    try:
        cli.main(prog_name="cert-portal")
    except (SettingsError, accounts.AccountRefused, crypto.CryptoError, blobs.BlobDamaged, OSError) as error:
        click.echo(f"cert-portal: {error}", err=True)
        sys.exit(EX_TEMPFAIL if sys.argv[1:3] == ["mail", "receive"] else 1)


@cli.command(with_appcontext=False)
@click.option("--port", type=int, default=8000, envvar="PORT", show_default=True)
def up(port: int) -> None:
    """Everything in one: makes the instance if there is none, migrates, starts web, workers, scheduler and Redis."""
    folder = Path(os.environ.get(config.PREFIX + "INSTANCE_DIR", "instance")).absolute()
    os.environ[config.PREFIX + "INSTANCE_DIR"] = str(folder)
    os.environ.setdefault(config.PREFIX + "BASE_URL", f"http://127.0.0.1:{port}")
    if not launcher.is_free(port):
        raise click.ClickException(f"port {port} is in use; choose another with PORT=")
    lock = launcher.hold(folder)
    if instance.create(folder, demo=True):
        click.echo(f"A new instance was made in {folder}.")
    settings = config.load()
    web = launcher.Child("web", launcher.web_command("127.0.0.1", port, settings.web_concurrency))
    roles = [launcher.role("worker", "worker", "-n", "2"), launcher.role("scheduler", "scheduler")]
    supervisor = launcher.Supervisor([web, *roles])
    if not settings.redis_url:
        supervisor.begin_with(launcher.redis_child(settings), folder / "redis.sock")
    try:
        with create_app(settings).app_context():
            _prepare()
            _first_time(settings)
        _welcome(settings)
        supervisor.run()
    finally:
        supervisor.end()
        crypto.end_agents(folder)
        lock.close()


def _prepare() -> None:
    upgrade()
    calendar.seed()
    session.commit()


def _first_time(settings: config.Settings) -> None:
    if settings.demo:
        demo.load_users()
        demo.load_reports()
        session.commit()


def _welcome(settings: config.Settings) -> None:
    click.echo(f"\n  {settings.base_url}/en/            the public pages (繁體中文: {settings.base_url}/zh-hant/)")
    click.echo(f"  {settings.base_url}/staff/         the desk")
    if settings.demo:
        click.echo(f"  {settings.base_url}/dev/mail       letters that left\n\n  Demonstration accounts:")
        for user in demo.USERS:
            click.echo(f"    {user.role:<11} {user.email:<27} {user.passphrase}   TOTP {user.totp}")
        click.echo("    The code of the moment: cert-portal user code EMAIL")
    click.echo("\n  Ctrl-C stops everything.\n")


@cli.command()
def prepare() -> None:
    """Bring the database up to date and fill in holidays and clock rules that are missing."""
    _prepare()
    click.echo("The database is up to date.")


@cli.command(with_appcontext=False)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8000, envvar="PORT", show_default=True)
def web(host: str, port: int) -> None:
    """The web server."""
    settings = config.load()
    command = launcher.web_command(host, port, settings.web_concurrency)
    os.execv(command[0], command)  # noqa: S606  # the server takes the place of this process


@cli.command()
@click.option("--queues", default=",".join(queue.QUEUES), show_default=True, help="Comma-separated, in order.")
@click.option("-n", "count", type=click.IntRange(1, 32), default=1, help="How many processes.")
def worker(queues: str, count: int) -> None:
    """Background jobs."""
    names = queues.split(",")
    if unknown := set(names) - set(queue.QUEUES):
        raise click.UsageError(f"no such queue: {', '.join(sorted(unknown))}")
    if count > 1:
        one = [launcher.role(f"worker {n}", "worker", "--queues", queues) for n in range(count)]
        launcher.Supervisor(one).run()
        return
    queue.work(names)


@cli.command()
def scheduler() -> None:
    """Looks every few seconds for what is due."""
    schedule.run(session.commit)


@cli.command("doctor")
def doctor_command() -> None:
    """Check settings, database, queue, mail, keys, disk and clock; one line each."""
    results = list(doctor.examine())
    for result in results:
        click.echo(f"{'ok  ' if result.ok else 'FAIL'}  {result.name:<12} {result.told}")
    sys.exit(0 if all(result.ok for result in results) else 1)


@cli.group()
def user() -> None:
    """Staff accounts."""


@user.command("add")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--name", default="")
@click.option("--password-stdin", is_flag=True, help="Read the pass-phrase from standard input.")
@click.option("--totp-secret", default="", help="Base32; left out, the person sets it up at the first sign-in.")
def user_add(email: str, roles: tuple[str, ...], name: str, password_stdin: bool, totp_secret: str) -> None:
    """Add an account."""
    ask = "Pass-phrase"
    phrase = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else click.prompt(ask, hide_input=True, confirmation_prompt=True)
    )
    made = accounts.add_user(email, name, phrase, list(roles))
    if totp_secret:
        accounts.keep_secret(made, totp_secret, "system")
    session.commit()
    click.echo(f"{made.email} was added.")


@user.command("code")
@click.argument("email")
def user_code(email: str) -> None:
    """The one-time code of the moment (demonstration only)."""
    if not config.current().demo:
        raise click.ClickException("only in a demonstration")
    found = accounts.by_email(email)
    secret = accounts.secret_of(found) if found else None
    if secret is None:
        raise click.ClickException(f"{email}: no account with a one-time code")
    click.echo(accounts.code_of(secret))


@cli.group()
def key() -> None:
    """The centre's keys."""


@key.command("create")
@click.option("--which", type=click.Choice([instance.DESK, instance.PUBLICATION]), default=instance.DESK)
def key_create(which: str) -> None:
    """Make a new key; prints the setting that puts it in force. The old one stays in the key ring."""
    settings = config.current()
    phrase_file = getattr(settings, f"{which}_key_passphrase_file")
    phrase = Path(phrase_file).read_text("utf-8").strip() if phrase_file else None
    ring = crypto.Keyring(settings.instance_dir / "gnupg" / which, passphrase=phrase)
    click.echo(f'{which}_key = "{ring.create(settings.centre_name_en, settings.report_address)}"')


@key.command("export")
def key_export() -> None:
    """The public half of the desk key."""
    click.echo(crypto.desk().export())


@key.command("import")
@click.argument("file", type=click.File("r"))
def key_import(file: IO[str]) -> None:
    """Take keys into the desk's key ring."""
    for fingerprint in crypto.desk().take(file.read()):
        click.echo(fingerprint)


@key.command("list")
def key_list() -> None:
    """The keys in force."""
    settings = config.current()
    click.echo(f"desk         {settings.desk_key or '(none)'}\npublication  {settings.publication_key or '(none)'}")


@cli.group()
def mail() -> None:
    """Messages in."""


@mail.command("receive")
@click.option("--mailbox", default="report", show_default=True)
def mail_receive(mailbox: str) -> None:
    """Take one message from standard input; exit 75 when it could not be stored durably."""
    raw = sys.stdin.buffer.read()
    try:
        receipt = spool.store(raw, mailbox)
    except OSError as error:
        click.echo(f"cert-portal: {error}", err=True)
        sys.exit(EX_TEMPFAIL)
    try:
        click.echo(_told(take_and_commit(receipt)))
    except (SQLAlchemyError, OSError, ValueError, blobs.BlobDamaged) as error:  # we hold it: the sender need not know
        click.echo(f"spooled {receipt}")
        click.echo(f"cert-portal: the message waits in the spool ({type(error).__name__})", err=True)


def _told(row: MailReceipt) -> str:
    words = {
        Outcome.REPLY: "reply ",
        Outcome.DUPLICATE: "duplicate ",
        Outcome.BOUNCE: "bounce ",
        Outcome.IGNORED: "ignored ",
    }
    return f"{words.get(Outcome(row.outcome), '')}{row.told}"


@mail.command("reconcile")
@click.option("--format", "how", type=click.Choice(["table", "json"]), default="table")
def mail_reconcile(how: str) -> None:
    """Prove that messages taken = messages accounted for; exit 1 when they differ."""
    balance = reconcile()
    facts = {"taken": balance.taken, **balance.outcomes}
    facts |= {"unfinished": len(balance.unfinished), "difference": balance.difference}
    if how == "json":
        click.echo(json.dumps(facts | {"unfinished_receipts": balance.unfinished}))
    else:
        click.echo("\n".join(f"{name:<12} {count:>8}" for name, count in facts.items()))
        for receipt in balance.unfinished:
            click.echo(f"  without an outcome: {receipt}")
    sys.exit(1 if balance.difference else 0)


@cli.group()
def audit() -> None:
    """The event record."""


@audit.command("verify")
def audit_verify() -> None:
    """Walk the chain; names the first broken row."""
    broken = list(events.broken_links())
    for line in broken:
        click.echo(line)
    if broken:
        raise click.ClickException("the record is broken")
    click.echo(f"The record is whole ({clock.now():%Y-%m-%d %H:%M} UTC).")


@cli.group("demo")
def demo_group() -> None:
    """Demonstration data."""


@demo_group.command("users")
def demo_users() -> None:
    """The fixed accounts alone."""
    demo.load_users()
    session.commit()


@demo_group.command("load")
def demo_load() -> None:
    """Fixed accounts, and reports if the desk is empty."""
    demo.load_users()
    made = demo.load_reports()
    session.commit()
    click.echo(f"{made} reports were made.")
