"""What a person keeps for the own desk: searches of cases and of reports under a name, perhaps shared, and the columns
of lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import select

from cert_portal.cases import conditions, queue
from cert_portal.cases.models import DeskChoice, SavedSearch
from cert_portal.cases.query import Query, QueryRefused, parse
from cert_portal.cases.queue import Sort, View
from cert_portal.cases.tag_words import plain_tag, tag_codes
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import one_line
from cert_portal.directory.models import User

MOST = 20
LONGEST = 60
FIELDS = ("query", "sort", "position", "view")
SIDES = ("what", "before", "after")
"""What the record holds of a shared search: its name, and its fields before and after. Of others it holds nothing."""
SAVED = declare("desk.search_saved", "A search was kept under a name", "search", "shared", *SIDES)
MANAGED = declare("desk.search_managed", "A shared search got another name or place", "search", *SIDES)
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
    """A search cannot be kept or removed; `reason` is a code: name_missing, name_too_long, name_taken, too_many,
    not_yours.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def save(name: str, told: str, sort: Sort, user: User, *, shared: bool, view: View | None = None) -> SavedSearch:
    """Keep a query for cases, or for a list of reports (`view`); one of the same name and owner is replaced,
    and stays shared when it was.

    Raises SearchRefused or QueryRefused.
    """
    return _keep(name, told, sort, view, user, user.actor, shared=shared)


def keep_shared(
    name: str, told: str, sort: Sort, position: int, owner: User, actor: User, *, view: View | None = None
) -> None:
    """Share a query of that owner under a name, or change the one of that name. Raises SearchRefused, QueryRefused."""
    _keep(name, told, sort, view, owner, actor.actor, shared=True, position=position)


def _keep(
    name: str,
    told: str,
    sort: Sort,
    view: View | None,
    owner: User,
    actor: str,
    *,
    shared: bool,
    position: int | None = None,
) -> SavedSearch:
    plain = _named(name)
    query = parse(told, whole=view is None)
    conditions.check(query, of_reports=view is not None)
    _one_at_a_time(owner)
    row = find(owner, plain)
    if row is None:
        row = _new(owner, plain, limited=position is None)
    before = _fields(row) if row.shared else {}
    row.shared = shared or bool(row.shared)
    row.query, row.sort, row.view = str(query), sort.value, view.value if view else ""
    row.position = (row.position or 0) if position is None else position
    session.flush()
    what, after = (plain, _fields(row)) if row.shared else ("", {})
    record(SAVED, actor, actor, search=row.id, shared=row.shared, what=what, before=before, after=after, text=plain)
    return row


def _new(owner: User, name: str, *, limited: bool) -> SavedSearch:
    """One more; a person keeps no more than MOST, a file of settings brings all that it has."""
    if limited and len(session.scalars(select(SavedSearch.id).where(SavedSearch.owner_id == owner.id)).all()) >= MOST:
        raise SearchRefused("too_many")
    row = SavedSearch(owner_id=owner.id, name=name, created_at=clock.now())
    session.add(row)
    return row


def find(owner: User, name: str) -> SavedSearch | None:
    """A person's search of that name, shared or not."""
    rows = select(SavedSearch).where(SavedSearch.owner_id == owner.id, SavedSearch.name == name)
    return session.scalars(rows).first()


def replaces(name: str, told: str, user: User, *, view: View | None = None) -> SavedSearch | None:
    """The person's search of that name that goes when this one is kept; None where it asks the same of the same."""
    row = find(user, one_line(name))
    same = row and (row.query, row.view) == (str(parse(told, whole=view is None)), view.value if view else "")
    return None if same else row


def _named(name: str) -> str:
    """The name as it is kept. Raises SearchRefused: name_missing, name_too_long."""
    plain = one_line(name)
    if not plain:
        raise SearchRefused("name_missing")
    if len(plain) > LONGEST:
        raise SearchRefused("name_too_long")
    return plain


def _fields(row: SavedSearch) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


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


def follow_tag(names: Collection[str], after: str, actor: User) -> None:
    """Let the searches of everybody that ask for a tag by one of these names, which it bore, ask for it in its new
    spelling.
    """
    plain = {plain_tag(name) for name in names}
    rows = select(SavedSearch).where(SavedSearch.query.contains("tag:")).with_for_update()
    for row in session.scalars(rows, execution_options={"populate_existing": True}):
        query = _with_tag(row, plain, after)
        if query != row.query:
            before, row.query = _fields(row), query
            session.flush()
            if row.shared:
                told: dict[str, Any] = {"shared": True, "what": row.name, "before": before, "after": _fields(row)}
                record(SAVED, actor.actor, actor.actor, search=row.id, text=row.name, **told)


def _with_tag(row: SavedSearch, plain: Collection[str], after: str) -> str:
    """The query with the new spelling, where its condition does not find the tag any more."""
    try:
        query = parse(row.query, whole=not row.view)
    except QueryRefused:
        return row.query
    terms = (
        replace(term, value=after)
        if term.name == "tag" and plain_tag(term.value) in plain and after not in tag_codes(term.value)
        else term
        for term in query.terms
    )
    return str(Query(query.words, tuple(dict.fromkeys(terms))))


def shared() -> list[SavedSearch]:
    """Those that the team shares, in order."""
    rows = select(SavedSearch).where(SavedSearch.shared)
    return list(session.scalars(rows.order_by(SavedSearch.position, SavedSearch.name, SavedSearch.id)))


def find_shared(search_id: int) -> SavedSearch | None:
    """One of those that the team shares."""
    return session.scalars(select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.shared)).first()


def hold_shared(search_id: int) -> SavedSearch | None:
    """The same, kept as it is until the commit: nobody else changes the searches of its owner meanwhile."""
    row = find_shared(search_id)
    if row is not None:
        _one_at_a_time(session.get_one(User, row.owner_id))
        session.refresh(row)
    return row


def manage(row: SavedSearch, name: str, position: int, actor: User) -> None:
    """Give a shared search another name or place. Raises SearchRefused: name_missing, name_too_long, name_taken."""
    plain = _named(name)
    owner = session.get_one(User, row.owner_id)
    _one_at_a_time(owner)
    if find(owner, plain) not in (None, row):
        raise SearchRefused("name_taken")
    before = {"name": row.name, "position": row.position}
    after = {"name": plain, "position": max(0, min(position, 999))}
    if before != after:
        row.name, row.position = plain, max(0, min(position, 999))
        session.flush()
        record(MANAGED, actor.actor, actor.actor, search=row.id, what=before["name"], before=before, after=after)


def remove_shared(row: SavedSearch, actor: User) -> None:
    """Take a shared search away from the team, whoever kept it."""
    record(REMOVED, actor.actor, actor.actor, search=row.id, shared=True, text=row.name)
    session.delete(row)
    session.flush()


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
