"""The operator's commands. Exit 0: done; 1: refused, with one line that says why; 2: wrong usage."""

from __future__ import annotations

import os
import sys

import click

from cert_portal.cli import (
    advisories,
    audit,
    demonstration,
    directory,
    governance,
    keys,
    mail,
    people,
    reread,
    running,
    tokens,
)
from cert_portal.cli.mail import EX_TEMPFAIL
from cert_portal.cli.root import cli
from cert_portal.config import SettingsError
from cert_portal.core import blobs, crypto
from cert_portal.directory import accounts

__all__ = [
    "advisories",
    "audit",
    "cli",
    "demonstration",
    "directory",
    "governance",
    "keys",
    "mail",
    "main",
    "people",
    "reread",
    "running",
    "tokens",
]


def main() -> None:
    """Run a command; an expected error becomes one line and exit code 1."""
    os.umask(0o077)
    try:
        cli.main(prog_name="cert-portal")
    except (SettingsError, accounts.AccountRefused, crypto.CryptoError, blobs.BlobDamaged, OSError) as error:
        click.echo(f"cert-portal: {error}", err=True)
        sys.exit(EX_TEMPFAIL if sys.argv[1:3] == ["mail", "receive"] else 1)
