"""People in the file of settings: who has which roles. No secrets leave, and a file makes no account: who is not there
is named, to be added under People. Of those who are there names and roles are changed; nobody is shut out by a file. An
entry that tells more of an account than that is taken only where the account is so already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cert_portal.cases.access import sole_keeper_of
from cert_portal.cases.exchange_file import ExchangeRefused, line, text
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, Role, permissions_of

CHANGED, UNCHANGED = ("name", "roles"), ("active", "language")
"""What a file changes of an account, and what it may say of one and does not change."""


def told() -> list[dict[str, Any]]:
    """Everybody with an account, as a file tells it."""
    return [{"address": each.email, **_now(each)} for each in sorted(accounts.everybody(), key=lambda each: each.email)]


def _now(user: User) -> dict[str, Any]:
    return {"name": user.name, "roles": [role.value for role in Role if role in user.roles]}


def wanted(row: Mapping[str, Any], actor: User) -> tuple[User, dict[str, Any], dict[str, Any]] | None:
    """Whom an entry changes, as it is and as it would be; None for who is not there, or is so already.

    Raises ValueError for what cannot be: an unknown role or none, a role of member organisations given or taken (that
    needs the organisation), or an actor who may not manage people. Raises
    ExchangeRefused for a field that holds what it cannot hold, and "account" for what a file does not change.
    """
    name, roles = line(row, "name", 120), row["roles"]
    if not isinstance(roles, list) or not roles or set(roles) - set(Role):
        raise ValueError(row["address"])
    user = accounts.by_email(text(row, "address"))
    if other := [each for each in UNCHANGED if user and each in row and row[each] != getattr(user, each)]:
        raise ExchangeRefused("", "account", other[0])
    after = {"name": name, "roles": [role.value for role in Role if role in roles]}
    if user is None or _now(user) == after:
        return None
    moves = (Role.MEMBER in user.roles) != (Role.MEMBER in roles)
    if moves or Permission.MANAGE_USERS not in permissions_of(actor.roles):
        raise ValueError(row["address"])
    return user, _now(user), after


def check(roles: Mapping[str, Sequence[str]]) -> None:
    """Whether with these roles, by address, somebody stays who may manage people, and every restricted case keeps
    somebody who can open it. Raises ExchangeRefused: no_admin, sole_keeper.
    """
    admins = accounts.with_role(Role.ADMIN)
    changed = [each for each in accounts.everybody() if each.active and each.email in roles]
    gained = any(Role.ADMIN in roles[each.email] for each in changed)
    if admins and not gained and not any(each.email not in roles for each in admins):
        raise ExchangeRefused("people", "no_admin")
    shut_out = [each for each in changed if _keeps(each.roles) and not _keeps(roles[each.email])]
    if count := sole_keeper_of(*shut_out):
        raise ExchangeRefused("people", "sole_keeper", str(count))


def _keeps(roles: Sequence[str]) -> bool:
    return Permission.RESTRICT in permissions_of(roles)


def put(user: User, after: Mapping[str, Any], actor: str) -> None:
    """Change it. Raises AccountRefused("last_admin")."""
    accounts.change(user, name=after["name"], roles=after["roles"], active=user.active, actor=actor)


def unknown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The addresses of an accepted section that nobody here has."""
    known = {each.email for each in accounts.everybody()}
    return [address for each in rows if (address := str(each["address"]).strip().lower()) not in known]
