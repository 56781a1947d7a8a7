"""Running a deployment: all in one, or one role of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from flask_migrate import upgrade

from cert_portal import config, demo, doctor, instance, launcher
from cert_portal.app import create_app
from cert_portal.cases import templates
from cert_portal.cli.demonstration import begin_desk
from cert_portal.cli.root import cli
from cert_portal.core import crypto, queue, schedule
from cert_portal.core.db import session
from cert_portal.directory import calendar


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
    roles = [
        launcher.role("worker", "worker", "-n", "2", "--queues", ",".join(queue.COMMON_QUEUES)),
        launcher.role("publisher", "worker", "--queues", "publication"),
        launcher.role("scheduler", "scheduler"),
    ]
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
    templates.seed()
    session.commit()


def _first_time(settings: config.Settings) -> None:
    if settings.demo:
        begin_desk(demo.SMALL)


def _welcome(settings: config.Settings) -> None:
    click.echo(f"\n  {settings.base_url}/en/            the public pages (繁體中文: {settings.base_url}/zh-hant/)")
    click.echo(f"  {settings.base_url}/staff/         the desk")
    click.echo(f"  {settings.base_url}/org/           member organisations")
    if settings.demo:
        click.echo(f"  {settings.base_url}/dev/mail       letters that left\n\n  Demonstration accounts:")
        for user in demo.USERS:
            click.echo(f"    {user.role:<11} {user.email:<27} {user.passphrase}   TOTP {user.totp}")
        click.echo("    The code of the moment: cert-portal user code EMAIL")
    click.echo("\n  Ctrl-C stops everything.\n")


@cli.command()
def prepare() -> None:
    """Bring the database up to date and fill in holidays, clock rules and letter templates that are missing."""
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
