"""Who has how much to do: open cases by person and level, what is overdue, the last change.

Everybody counts the cases that they may see: a restricted one is met in no number either. Those of exercises are in no
number at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select

from cert_portal.cases.due import overdue
from cert_portal.cases.models import IS_OPEN, Case
from cert_portal.cases.visible import visible_to
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of


@dataclass
class Load:
    """The open cases of a person, or of nobody: how many of each level (or `no_level`, `undecided`)."""

    user: User | None
    levels: dict[int | str, int] = field(default_factory=dict)
    overdue: int = 0
    last: datetime | None = None

    @property
    def total(self) -> int:
        """How many of those that the reader may see."""
        return sum(self.levels.values())


def workload(reader: User) -> list[Load]:
    """One row for nobody, then one for each person who handles cases or owns an open one, by name."""
    found: dict[int | None, Load] = {None: Load(None)}
    for user in accounts.everybody():
        found[user.id] = Load(user)
    late = func.count().filter(overdue(reader))
    without = case((Case.level_rule == "", "undecided"), else_="no_level").label("without")
    rows = select(Case.owner_id, Case.level, without, func.count(), late, func.max(Case.updated_at))
    rows = rows.where(IS_OPEN, Case.drill.is_(False), visible_to(reader))
    for owner_id, level, none, count, overdue_, last in session.execute(
        rows.group_by(Case.owner_id, Case.level, "without")
    ):
        load = found[owner_id]
        load.levels[level or none] = load.levels.get(level or none, 0) + count
        load.overdue += overdue_
        load.last = max(load.last or last, last)
    return [load for load in found.values() if load.total or _is_shown(load.user)]


def _is_shown(user: User | None) -> bool:
    return user is None or (user.active and Permission.HANDLE in permissions_of(user.roles))
