"""Shared searches in the file of settings: each is known by its owner and name."""

from __future__ import annotations

from typing import Any

from cert_portal.cases import conditions, saved
from cert_portal.cases.exchange_file import Row, count, line, text, wrong
from cert_portal.cases.models import SavedSearch
from cert_portal.cases.query import parse
from cert_portal.cases.queue import Sort, View, holds_reports
from cert_portal.core.db import session
from cert_portal.core.text import one_line
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook

FIELDS = (*saved.FIELDS, "owner")


def told() -> list[dict[str, Any]]:
    """All that the team shares, as a file tells them."""
    return [{"name": each.name, **_now(each)} for each in saved.shared()]


def _now(row: SavedSearch) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in saved.FIELDS}, "owner": session.get_one(User, row.owner_id).email}


def owner_of(row: Row, user: User) -> User:
    """Whose a search of a file is: who is named and is here. An older file names nobody: then the only search of that
    name is meant. Else it is of the user who takes the file. Raises ExchangeRefused.
    """
    if "owner" in row:
        return accounts.by_email(text(row, "owner")) or user
    name = one_line(text(row, "name"))
    owners = [each.owner_id for each in saved.shared() if each.name == name]
    return session.get_one(User, owners[0]) if len(owners) == 1 else user


def wanted(row: Row, user: User) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
    """Which search an entry changes, as it is ({} for a new one) and as it would be; None for what is so already.

    Raises ExchangeRefused, ValueError, KeyError and QueryRefused for what cannot be; a search that its owner keeps
    alone is not written over.
    """
    name, query, sort = line(row, "name", saved.LONGEST), text(row, "query"), Sort(row["sort"])
    owner = owner_of(row, user)
    now = saved.find(owner, name)
    if now and not now.shared:
        raise wrong("name")
    view, place = text(row, "view", now.view if now else ""), count(row, "position", 0, wordbook.MOST_PLACES, 0)
    if view and not holds_reports(View(view)):
        raise ValueError(name)
    parsed = parse(query, whole=True)
    conditions.check(parsed, of_reports=bool(view))
    before = _now(now) if now else {}
    after = dict(zip(FIELDS, (str(parsed), sort.value, place, view, owner.email), strict=True))
    return None if before == after else (name, before, after)


def put(name: str, after: dict[str, Any], user: User) -> None:
    """Change it. Raises SearchRefused."""
    view, owner = View(after["view"]) if after["view"] else None, accounts.by_email(after["owner"]) or user
    saved.keep_shared(name, after["query"], Sort(after["sort"]), after["position"], owner, user, view=view)
