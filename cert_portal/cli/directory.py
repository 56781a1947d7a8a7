"""The directory of organisations and networks."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import TextIO

import click

from cert_portal.cli.root import cli, counted
from cert_portal.core.db import session
from cert_portal.directory import importing, networks, organisations, systems
from cert_portal.directory.importing import ImportRefused
from cert_portal.directory.parties import Importance
from cert_portal.guidance.systems import load


@cli.group()
def directory() -> None:
    """Organisations, contacts and keys."""


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done and store nothing.")
def directory_import(file: Path, dry_run: bool) -> None:
    """Import organisations, contacts and keys (CSV or JSON; columns in docs/directory.md). All of it or nothing."""
    try:
        entries = importing.read(file.name, file.read_bytes())
        importing.take_keys(entries, only_look=dry_run)
        done = importing.store(entries, "system")
    except ImportRefused as error:
        session.rollback()
        for line in error.wrong[:100]:
            click.echo(line, err=True)
        raise click.ClickException(f"{counted(len(error.wrong), 'mistake')}; nothing was stored") from error
    if dry_run:
        session.rollback()
    else:
        session.commit()
    counts = f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged, {counted(done.keys, 'key')}"
    click.echo(f"{counted(done.read, 'line')}: {counts}{' (dry run: nothing was stored)' if dry_run else ''}.")


@directory.command("systems")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def directory_systems(file: Path) -> None:
    """Say what the systems of member organisations are (CSV: organisation, system, importance, supervisor). All of it
    or nothing. Importance is non_core, core or cii; a supervisor gets a copy of each report about the system.
    """
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    changed, wrong = 0, []
    for line, row in enumerate(rows, start=2):
        named = {name: (row.get(name) or "").strip() for name in ("organisation", "system", "importance", "supervisor")}
        organisation, supervisor = (organisations.by_name(named[each]) for each in ("organisation", "supervisor"))
        if organisation is None or (named["supervisor"] and supervisor is None):
            wrong.append(f"line {line}: no such organisation")
        elif named["system"] not in load() or named["importance"] not in set(Importance):
            wrong.append(f"line {line}: no such system or importance")
        else:
            changed += systems.mark(organisation, named["system"], Importance(named["importance"]), supervisor)
    if wrong:
        session.rollback()
        for told in wrong[:100]:
            click.echo(told, err=True)
        raise click.ClickException(f"{counted(len(wrong), 'mistake')}; nothing was stored")
    session.commit()
    click.echo(f"{counted(len(rows), 'line')}: {changed} changed.")


@cli.group("networks")
def networks_group() -> None:
    """Which network is whose."""


@networks_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice([each.value for each in networks.Format]), required=True)
def networks_import(file: Path, form: str) -> None:
    """Import a table of networks in place of the last one of this format (also .gz): prefix, ASN, organisation."""
    done = networks.Loaded()
    with _lines(file) as lines:
        for so_far in networks.load(lines, networks.Format(form), "system"):
            session.commit()
            done = so_far
    for line in done.wrong:
        click.echo(line, err=True)
    told = f"{counted(done.stored, 'prefix', 'prefixes')} stored, {counted(done.rejected, 'line')} rejected"
    click.echo(f"{counted(done.read, 'line')}: {told}.")
    if done.read and done.rejected == done.read:
        raise click.ClickException(f"no line could be read as {form}")


def _lines(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8", errors="replace")
    return file.open(encoding="utf-8", errors="replace")
