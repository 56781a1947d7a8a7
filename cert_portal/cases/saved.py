"""What a person keeps for the own desk: searches of cases and of reports under a name, perhaps shared, and the columns
of lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select

from cert_portal.cases import conditions, queue
from cert_portal.cases.models import DeskChoice, SavedSearch
from cert_portal.cases.query import QueryRefused, parse
from cert_portal.cases.queue import Sort, View
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import one_line
from cert_portal.directory.models import User

MOST = 20
LONGEST = 60
SAVED = declare("desk.search_saved", "A search was kept under a name", "search", "shared")
MANAGED = declare("desk.search_managed", "A shared search got another name or place", "search", "place")
REMOVED = declare("desk.search_removed", "A search that was kept was removed", "search", "shared")


class Column(StrEnum):
    """A column of a list of cases; the number and the title always stand there."""

    STATE = "state"
    DUE = "due"
    LEVEL = "level"
    KIND = "kind"
    OWNER = "owner"
    TAGS = "tags"
    REPORTS = "reports"
    OPENED = "opened"
    CHANGED = "changed"


class ReportColumn(StrEnum):
    """A column of a list of reports; the number and the title always stand there."""

    ANSWER = "report.answer"
    KIND = "report.kind"
    WHO = "report.who"
    CHANNEL = "report.channel"
    ORIGIN = "report.origin"
    ARRIVED = "report.arrived"


Columns = TypeVar("Columns", Column, ReportColumn)
USUAL: dict[type[StrEnum], tuple[StrEnum, ...]] = {
    Column: (Column.STATE, Column.DUE, Column.LEVEL, Column.OWNER, Column.TAGS, Column.CHANGED),
    ReportColumn: (ReportColumn.ANSWER, ReportColumn.WHO, ReportColumn.ARRIVED),
}
OF_REPORTS_TOO = "report."
"""Stands among the columns of a person who chose those of both kinds of lists, even where none of reports is left."""


class SearchRefused(Exception):
    """A search cannot be kept or removed; `reason` is a code: name_missing, name_taken, too_many, not_yours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def save(name: str, told: str, sort: Sort, user: User, *, shared: bool, view: View | None = None) -> SavedSearch:
    """Keep a query for cases, or for a list of reports (`view`); one of the same name and owner is replaced,
    and stays shared when it was.

    Raises SearchRefused or QueryRefused.
    """
    plain = one_line(name)[:LONGEST]
    if not plain:
        raise SearchRefused("name_missing")
    query = parse(told, whole=view is None)
    conditions.check(query, of_reports=view is not None)
    _one_at_a_time(user)
    mine = list(session.scalars(select(SavedSearch).where(SavedSearch.owner_id == user.id)))
    row = next((each for each in mine if each.name == plain), None)
    if row is None and len(mine) >= MOST:
        raise SearchRefused("too_many")
    if row is None:
        row = SavedSearch(owner_id=user.id, name=plain, created_at=clock.now())
        session.add(row)
    row.shared = shared or bool(row.shared)
    row.query, row.sort, row.view = str(query), sort.value, view.value if view else ""
    session.flush()
    record(SAVED, user.actor, user.actor, search=row.id, shared=row.shared, text=plain)
    return row


def remove(search_id: int, user: User) -> str:
    """Forget a search of one's own; twice is harmless. Answers for which list of reports it was, "" for cases.

    Raises SearchRefused("not_yours").
    """
    row = session.get(SavedSearch, search_id)
    if row is None:
        return ""
    if row.owner_id != user.id:
        raise SearchRefused("not_yours")
    record(REMOVED, user.actor, user.actor, search=row.id, shared=row.shared, text=row.name)
    view = row.view
    session.delete(row)
    session.flush()
    return view


def of(user: User) -> list[SavedSearch]:
    """One's own searches and those that others share, by name."""
    rows = select(SavedSearch).where((SavedSearch.owner_id == user.id) | SavedSearch.shared)
    return list(session.scalars(rows.order_by(SavedSearch.position, SavedSearch.name, SavedSearch.id)))


def counts(user: User) -> list[tuple[SavedSearch, int | None]]:
    """The same with how many rows each shows, counted up to queue.COUNTED; None where a query has no meaning any more.

    A statement each, some of them dear: for who waits for the numbers alone.
    """
    return [(row, _count(row, user)) for row in of(user)]


def _count(row: SavedSearch, user: User) -> int | None:
    try:
        query = parse(row.query, whole=not row.view)
        return queue.count_reports(View(row.view), query, user) if row.view else queue.count(query, user)
    except QueryRefused:  # a kind that it names was taken from the list since
        return None


def shared() -> list[SavedSearch]:
    """Those that the team shares, in order."""
    rows = select(SavedSearch).where(SavedSearch.shared)
    return list(session.scalars(rows.order_by(SavedSearch.position, SavedSearch.name, SavedSearch.id)))


def find_shared(search_id: int) -> SavedSearch | None:
    """One of those that the team shares."""
    return session.scalars(select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.shared)).first()


def manage(row: SavedSearch, name: str, position: int, actor: User) -> None:
    """Give a shared search another name or place. Raises SearchRefused: name_missing, name_taken."""
    plain = one_line(name)[:LONGEST]
    if not plain:
        raise SearchRefused("name_missing")
    _one_at_a_time(session.get_one(User, row.owner_id))
    same = select(SavedSearch.id).where(SavedSearch.owner_id == row.owner_id, SavedSearch.name == plain)
    if session.scalars(same.where(SavedSearch.id != row.id)).first() is not None:
        raise SearchRefused("name_taken")
    if (row.name, row.position) != (plain, position):
        before = row.name
        row.name, row.position = plain, max(0, min(position, 999))
        session.flush()
        record(MANAGED, actor.actor, actor.actor, search=row.id, place=row.position, text=f"{before} → {plain}")


def remove_shared(row: SavedSearch, actor: User) -> None:
    """Take a shared search away from the team, whoever kept it."""
    record(REMOVED, actor.actor, actor.actor, search=row.id, shared=True, text=row.name)
    session.delete(row)
    session.flush()


def keep_shared(name: str, told: str, sort: Sort, position: int, actor: User, *, view: View | None = None) -> None:
    """Share a query under a name; a shared one of the same name is replaced. Raises SearchRefused, QueryRefused."""
    row = next((each for each in shared() if each.name == name), None)
    owner = session.get_one(User, row.owner_id) if row else actor
    manage(save(name, told, sort, owner, shared=True, view=view), name, position, actor)


def columns_of(user: User, which: type[Columns]) -> list[Columns]:
    """The columns of this kind of list that the person chose, or the usual ones."""
    row = session.get(DeskChoice, user.id)
    told: Iterable[str] = USUAL[which]
    if row is not None and (which is Column or OF_REPORTS_TOO in row.columns):
        told = row.columns
    return [column for column in which if column in told]


def choose_columns(told: Iterable[str], user: User, which: type[Columns]) -> None:
    """Show these columns in this kind of list from now on; what is no column is left out."""
    _one_at_a_time(user)
    shown: list[StrEnum] = [*columns_of(user, Column), *columns_of(user, ReportColumn)]
    others: list[str] = [column.value for column in shown if not isinstance(column, which)]
    chosen: list[str] = [column.value for column in which if column in set(told)]
    session.merge(DeskChoice(user_id=user.id, columns=[*chosen, *others, OF_REPORTS_TOO]))


def _one_at_a_time(user: User) -> None:
    """Hold the person, so that nothing is kept twice for the own desk by two pages of theirs."""
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
