"""Messages in."""

from __future__ import annotations

import json
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from cert_portal.cli.root import cli
from cert_portal.core import blobs
from cert_portal.core.mail import spool
from cert_portal.intake.models import MailReceipt, Outcome
from cert_portal.intake.reconcile import reconcile
from workers.mail import take_and_commit

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
