"""Who has how much to do: open cases by person and level, what is overdue, the last change.

Everybody counts the cases that they may see. Who keeps the roster is also told for each person how many restricted
cases there are besides: the bare number, without level or time, because else somebody who is busy would seem idle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from cert_portal.cases.conditions import overdue
from cert_portal.cases.models import IS_OPEN, Case
from cert_portal.cases.visible import visible_to
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of


@dataclass
class Load:
    """The open cases of a person, or of nobody: how many of each level (None: no level, or not decided yet)."""

    user: User | None
    levels: dict[int | None, int] = field(default_factory=dict)
    overdue: int = 0
    last: datetime | None = None
    hidden: int = 0

    @property
    def total(self) -> int:
        """How many of those that the reader may see."""
        return sum(self.levels.values())


def workload(reader: User) -> list[Load]:
    """One row for nobody, then one for each person who handles cases or owns an open one, by name."""
    found: dict[int | None, Load] = {None: Load(None)}
    for user in accounts.everybody():
        found[user.id] = Load(user)
    late = func.count().filter(overdue())
    rows = select(Case.owner_id, Case.level, func.count(), late, func.max(Case.updated_at))
    rows = rows.where(IS_OPEN, visible_to(reader)).group_by(Case.owner_id, Case.level)
    for owner_id, level, count, overdue_, last in session.execute(rows):
        load = found[owner_id]
        load.levels[level] = count
        load.overdue += overdue_
        load.last = max(load.last or last, last)
    for owner_id, count in _hidden(reader).items():
        found[owner_id].hidden = count
    return [load for load in found.values() if load.total or load.hidden or _is_shown(load.user)]


def _hidden(reader: User) -> dict[int | None, int]:
    if Permission.MANAGE_TEAM not in permissions_of(reader.roles):
        return {}
    rows = select(Case.owner_id, func.count()).where(IS_OPEN, ~visible_to(reader)).group_by(Case.owner_id)
    return dict(session.execute(rows).all())


def _is_shown(user: User | None) -> bool:
    return user is None or (user.active and Permission.HANDLE in permissions_of(user.roles))
