"""The last changes of what is set: words, clocks, holidays, templates, shared searches, people and addresses.

They are read from the record; nothing is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union_all

from cert_portal.cases import exchange, saved, tags, templates
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail import exercise
from cert_portal.directory import accounts, calendar, tokens

SHOWN = 100
KINDS = (
    calendar.SETTING,
    tags.RENAMED,
    *(templates.ADDED, templates.CHANGED, templates.RETIRED, templates.RESTORED),
    *(saved.SAVED, saved.MANAGED, saved.REMOVED),
    *(exercise.ADDED, exercise.CHANGED, exercise.REMOVED),
    *(accounts.ADDED, accounts.CHANGED),
    *(tokens.ADDED, tokens.REVOKED),
    exchange.IMPORTED,
)
OWN = ("passphrase", "language", "authenticator")
"""What people change about their own accounts: no settings."""


Side = str | Mapping[str, Any]
"""What was set: a text, or fields with their values."""


@dataclass(frozen=True)
class SettingChange:
    """One change: the event, and what was set before and after, as far as the record tells it."""

    event: Event
    what: str
    before: Side
    after: Side

    def fields(self, side: Side) -> Mapping[str, Any]:
        """Those fields of one side that the other one does not hold so; none where it is a text."""
        other = self.after if side is self.before else self.before
        if isinstance(side, str):
            return {}
        return {name: told for name, told in side.items() if isinstance(other, str) or other.get(name) != told}


def last() -> list[SettingChange]:
    """The newest changes, at most SHOWN. One statement, each kind by its index."""
    newest = [
        select(select(Event.id).where(Event.kind == kind.name).order_by(Event.at.desc()).limit(SHOWN).subquery().c.id)
        for kind in KINDS
    ]
    rows = select(Event).where(Event.id.in_(union_all(*newest))).order_by(Event.id.desc())
    found = [each for each in session.scalars(rows) if _is_setting(each)]
    return [_change(each, found[place + 1 :]) for place, each in enumerate(found[:SHOWN])]


def _is_setting(event: Event) -> bool:
    shared, what = event.data.get("shared", True), event.data.get("what", "")
    return bool(shared) and not (event.kind == accounts.CHANGED.name and what in OWN)


def _change(event: Event, older: Sequence[Event]) -> SettingChange:
    data = event.data
    if event.kind.startswith("user."):
        earlier = next((each for each in older if each.subject == event.subject and "roles" in each.data), None)
        was, _arrow, now = (event.text or "").rpartition(accounts.ARROW)
        before = _account(was, earlier.data) if earlier else {}
        return SettingChange(event, event.subject, before, _account(now, data))
    if event.kind.startswith("template."):
        before = str(data["version"] - 1) if event.kind == templates.CHANGED.name else ""
        return SettingChange(event, data["code"], before, str(data["version"]))
    after = data.get("after") or event.text or str(data.get("changes", ""))
    named = data.get("what") or data.get("address") or (str(data["token"]) if "token" in data else "")
    return SettingChange(event, named, data.get("before", ""), after)


def _account(name: str, data: Mapping[str, Any]) -> Side:
    """An account as an event tells it; the name only where it was changed, and one that was added is in use."""
    named = {"name": name} if name else {}
    return {**named, "roles": data["roles"], "active": data.get("active", True)}
