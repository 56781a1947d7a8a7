"""Demonstration data."""

from __future__ import annotations

import click

from cert_portal import demo
from cert_portal.cli.root import cli
from cert_portal.core.db import session


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
    """Fixed accounts, the starter directory if there is none, and reports if the desk is empty."""
    demo.load_users()
    session.commit()
    demo.load_directory()
    made = demo.load_reports()
    session.commit()
    click.echo(f"{made} reports were made.")
