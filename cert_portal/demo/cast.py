"""Who acts in the demonstration, and with which words: people of the desk, parties, texts."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cert_portal.core.db import session
from cert_portal.demo.people import USERS
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation
from cert_portal.directory.permissions import Role

HERE = Path(__file__).parent


@cache
def words(name: str) -> dict[str, Any]:
    """A file of texts beside this one."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


def staff(role: Role, which: int = 0) -> User:
    """An account of the demonstration with this role."""
    emails = [each.email for each in USERS if each.role == role]
    return session.scalars(select(User).where(User.email == emails[which % len(emails)])).one()


def party(kind: str) -> Organisation | None:
    """The first organisation of a kind in the directory, if there is one."""
    return session.scalars(select(Organisation).where(Organisation.kind == kind).order_by(Organisation.id)).first()
