"""Staff accounts."""

from __future__ import annotations

import sys

import click

from cert_portal import config
from cert_portal.cli.root import cli
from cert_portal.core.db import session
from cert_portal.directory import accounts, members, organisations
from cert_portal.directory.parties import Organisation
from cert_portal.directory.permissions import Role


@cli.group()
def user() -> None:
    """Staff accounts."""


@user.command("add")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--name", default="")
@click.option("--organisation", default="", help="With the role member: the organisation, by its name.")
@click.option("--unit", default="", help="Its unit; left out, the person is the coordinator.")
@click.option("--password-stdin", is_flag=True, help="Read the pass-phrase from standard input.")
@click.option("--totp-secret", default="", help="Base32; left out, the person sets it up at the first sign-in.")
def user_add(
    email: str,
    roles: tuple[str, ...],
    name: str,
    organisation: str,
    unit: str,
    password_stdin: bool,
    totp_secret: str,
) -> None:
    """Add an account."""
    body = _organisation(organisation, roles)
    ask = "Pass-phrase"
    phrase = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else click.prompt(ask, hide_input=True, confirmation_prompt=True)
    )
    made = accounts.add_user(email, name, phrase, list(roles))
    if totp_secret:
        accounts.keep_secret(made, totp_secret, "system")
    if body:
        members.enrol(made, body, unit, "system")
    session.commit()
    click.echo(f"{made.email} was added.")


def _organisation(name: str, roles: tuple[str, ...]) -> Organisation | None:
    """The organisation that goes with the role member, and with no other."""
    if Role.MEMBER not in roles:
        if name:
            raise click.ClickException("--organisation goes with --role member")
        return None
    found = organisations.by_name(name.strip()) if name.strip() else None
    if found is None:
        raise click.ClickException(f"{name or '--organisation'}: there is no such organisation in the directory")
    return found


@user.command("code")
@click.argument("email")
def user_code(email: str) -> None:
    """The one-time code of the moment (demonstration only)."""
    if not config.current().demo:
        raise click.ClickException("only in a demonstration")
    found = accounts.by_email(email)
    secret = accounts.secret_of(found) if found else None
    if secret is None:
        raise click.ClickException(f"{email}: no account with a one-time code")
    click.echo(accounts.code_of(secret))
