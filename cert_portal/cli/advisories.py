"""The public record."""

from __future__ import annotations

from pathlib import Path

import click

from cert_portal import config
from cert_portal.cli.root import cli, counted
from cert_portal.publishing import verify


@cli.group()
def advisories() -> None:
    """Published advisories."""


@advisories.command("verify")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
def advisories_verify(folder: Path | None) -> None:
    """Check every signature, hash and CSAF document in the published tree; exit 1 when anything is wrong."""
    place = folder or config.current().published
    found = list(verify.problems(place))
    for line in found:
        click.echo(line)
    if found:
        raise click.ClickException(f"{counted(len(found), 'problem')} in {place}")
    number = verify.count(place)
    click.echo(f"{counted(number, 'signed file')} {'is' if number == 1 else 'are'} genuine.")
