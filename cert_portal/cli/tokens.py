"""Tokens of programs that use the interface."""

from __future__ import annotations

import click

from cert_portal.cli.root import cli
from cert_portal.core.db import session
from cert_portal.directory import accounts, tokens
from cert_portal.directory.tokens import Scope


@cli.group()
def token() -> None:
    """Tokens of programs that use the interface."""


@token.command("add")
@click.argument("email")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([each.value for each in Scope]))
def token_add(email: str, scopes: tuple[str, ...]) -> None:
    """Give a program a token, for the account that answers for it. It is printed once."""
    user = accounts.by_email(email)
    if user is None:
        raise click.ClickException(f"{email}: no such account")
    _row, told = tokens.add(user, [Scope(each) for each in scopes])
    session.commit()
    click.echo(told)


@token.command("list")
def token_list() -> None:
    """Number, account, scopes and state of every token."""
    for row, user in tokens.everything():
        state = "revoked" if row.revoked_at else "in use"
        click.echo(f"{row.id}\t{user.email}\t{' '.join(row.scopes)}\t{row.created_at:%Y-%m-%d}\t{state}")


@token.command("revoke")
@click.argument("number", type=int)
def token_revoke(number: int) -> None:
    """Take a token back, by its number."""
    if not tokens.revoke(number):
        raise click.ClickException(f"{number}: no token in use has this number")
    session.commit()
    click.echo(f"Token {number} was revoked.")
