"""The event record."""

from __future__ import annotations

import click

from cert_portal.cli.root import cli
from cert_portal.core import clock, events


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
