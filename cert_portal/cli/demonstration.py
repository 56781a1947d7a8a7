"""Demonstration data."""

from __future__ import annotations

import click

from cert_portal import demo
from cert_portal.cli.root import cli
from cert_portal.config import current
from cert_portal.core import clock
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
@click.option("--cases", type=click.IntRange(1, 100_000), default=demo.CASES, show_default=True, help="How many.")
@click.option(
    "--seed", type=int, default=demo.SEED, show_default=True, help="The same on the same day makes the same data."
)
@click.option("--year", type=click.IntRange(2001, 2098), help="A calendar year; else the last twelve months.")
def demo_load(cases: int, seed: int, year: int | None) -> None:
    """Fixed accounts, the starter directory if there is none, and a year of work if the desk is empty."""
    if year is not None and year > clock.now().astimezone(current().zone).year:
        raise click.ClickException("that year has not begun")
    begin_desk(cases, seed, year)


def begin_desk(cases: int, seed: int = demo.SEED, year: int | None = None) -> None:
    """Fill a desk that is empty; one that is not stays as it is."""
    demo.load_users()
    session.commit()
    demo.load_directory()
    session.commit()
    demo.load_members()
    session.commit()
    if not demo.is_empty():
        click.echo("There are data already; nothing was added.")
        return
    session.rollback()
    demo.load_year(cases, seed, year)
    made = demo.load_reports()
    demo.load_roster()
    session.commit()
    click.echo(f"A year of work was made, and {made} reports that wait.")
