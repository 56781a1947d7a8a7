"""Messages in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

import click
from flask import current_app

from cert_portal import launcher
from cert_portal.cli.root import cli
from cert_portal.core.db import session
from cert_portal.core.mail import lmtp, spool
from cert_portal.intake.models import MailReceipt, Outcome
from cert_portal.intake.reconcile import reconcile, unfinished
from workers.listener import Taker
from workers.mail import NOT_TAKEN, fetch_all, take_and_commit, take_together

EX_TEMPFAIL = 75


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
    except NOT_TAKEN as error:  # we hold it: the sender need not know
        click.echo(f"spooled {receipt}")
        click.echo(f"cert-portal: the message waits in the spool ({type(error).__name__})", err=True)


@mail.command("take")
def mail_take() -> None:
    """Give every message that waits in the spool its outcome now, as the sweep does; exit 1 when one still waits."""
    waiting = unfinished()
    session.rollback()
    told = take_together(waiting)
    failed = {receipt: outcome for receipt, outcome in told.items() if isinstance(outcome, Exception)}
    click.echo(f"{len(told) - len(failed)} messages read")
    for receipt, error in failed.items():
        click.echo(f"  still waits: {receipt} ({type(error).__name__})", err=True)
    sys.exit(1 if failed else 0)


@mail.command("fetch")
def mail_fetch() -> None:
    """Take what lies in the mailboxes of IMAP_MAILBOXES; exit 1 when one could not be asked."""
    told = fetch_all()
    for name, count in told.items():
        click.echo(f"{name:<12} {count}")
    sys.exit(1 if any(isinstance(count, str) for count in told.values()) else 0)


@mail.command("listen")
@click.option("--lmtp", "address", required=True, metavar="HOST:PORT", help="Where a local mail server hands over.")
@click.option("-n", "count", type=click.IntRange(1, 32), default=1, help="How many processes; one for each core.")
@click.option("--beside-others", is_flag=True, hidden=True)
def mail_listen(address: str, count: int, *, beside_others: bool) -> None:
    """Take messages from a local mail server by LMTP until stopped; a reply per recipient, after the commit."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise click.UsageError("--lmtp needs HOST:PORT")
    if count > 1:
        one = ("mail", "listen", "--lmtp", address, "--beside-others")
        launcher.Supervisor([launcher.role(f"listener {n}", *one) for n in range(count)]).run()
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # threads need the application itself
    asyncio.run(_listen(host.strip("[]"), int(port), Taker(app), beside_others=beside_others))


async def _listen(host: str, port: int, take: lmtp.Take, *, beside_others: bool) -> None:
    server = await lmtp.listen(host, port, take, beside_others=beside_others)
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, server.close)
    click.echo(f"listening on {host}:{port}")
    with contextlib.suppress(asyncio.CancelledError):
        await server.serve_forever()


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
    facts |= {"unfinished": len(balance.unfinished), "lost": len(balance.lost), "difference": balance.difference}
    if how == "json":
        named = {"unfinished_receipts": balance.unfinished, "lost_receipts": balance.lost}
        click.echo(json.dumps(facts | named))
    else:
        click.echo("\n".join(f"{name:<12} {count:>8}" for name, count in facts.items()))
        for receipt in balance.unfinished:
            click.echo(f"  without an outcome: {receipt}")
        for receipt in balance.lost:
            click.echo(f"  its original is gone: {receipt}")
    sys.exit(1 if balance.difference or balance.lost or balance.unfinished else 0)
