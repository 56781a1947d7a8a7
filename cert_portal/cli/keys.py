"""The centre's keys."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from cert_portal import config, instance
from cert_portal.cli.root import cli
from cert_portal.core import crypto


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
