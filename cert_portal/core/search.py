"""Full-text search over everything with a number: own tokens, one behaviour on PostgreSQL (GIN) and SQLite (FTS5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    DDL,
    BindParameter,
    ColumnElement,
    Index,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    cast,
    column,
    event,
    false,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cert_portal.core.db import Base, BigId, db, on_postgresql, session
from cert_portal.core.telephone import mark, pick
from cert_portal.core.text import MAX_TOKENS, parts, refang, tokens


class SearchEntry(Base):
    """The words of one row elsewhere. On SQLite they stand in the FTS5 table `search_words` under the same id."""

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("kind", "target_id"),
        Index("ix_search_entries_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(1))
    target_id: Mapped[int] = mapped_column(BigId)
    words: Mapped[str | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))


WORDS_TABLE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
)
event.listen(SearchEntry.__table__, "after_create", DDL(WORDS_TABLE).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]

_PG_PUT = text(
    "INSERT INTO search_entries (kind, target_id, words) VALUES (:kind, :id, array_to_tsvector(:words)) "
    "ON CONFLICT (kind, target_id) DO UPDATE SET words = excluded.words || array_to_tsvector(ARRAY("
    "SELECT w FROM unnest(tsvector_to_array(search_entries.words)) AS w WHERE starts_with(w, 'held_')))"
)
_PG_HELD = text(
    "WITH had AS (UPDATE search_entries SET words = coalesce(words, '') || array_to_tsvector(:marks) "
    "WHERE kind = :kind AND target_id = ANY(:ids) RETURNING target_id) "
    "INSERT INTO search_entries (kind, target_id, words) SELECT :kind, id, array_to_tsvector(:marks) "
    "FROM unnest(CAST(:ids AS bigint[])) AS id WHERE id NOT IN (SELECT target_id FROM had) "
    "ON CONFLICT (kind, target_id) DO UPDATE SET words = coalesce(search_entries.words, '') || excluded.words"
)
_PG_FIND = text(
    "WITH hits AS MATERIALIZED (SELECT target_id FROM search_entries WHERE kind = :kind "
    "AND words @@ CAST(:query AS tsquery)) SELECT target_id FROM hits"
)
_PG_NEWEST = text(
    "WITH hits AS MATERIALIZED (SELECT target_id FROM search_entries WHERE kind = :kind "
    "AND words @@ CAST(:query AS tsquery) ORDER BY target_id DESC LIMIT :most) SELECT target_id FROM hits"
)
_LITE_PUT = text(
    "INSERT INTO search_entries (kind, target_id) VALUES (:kind, :id) "
    "ON CONFLICT (kind, target_id) DO UPDATE SET kind = excluded.kind RETURNING id"
)
_LITE_CLEAR = text("DELETE FROM search_words WHERE rowid = :id")
_LITE_WORDS = text("INSERT INTO search_words (rowid, words) VALUES (:id, :words)")
_LITE_FIND = text(
    "SELECT target_id FROM search_entries WHERE kind = :kind AND id IN "
    "(SELECT rowid FROM search_words WHERE search_words MATCH :query)"
)
ERA, AGE = 4096, 32768
"""Rows of one kind that share a mark of their age, a fine and a coarse one: the newest hits of a word that all have are
found at once.
"""


_PG_SOME = text(
    "SELECT target_id FROM search_entries WHERE kind = :kind AND words @@ CAST(:query AS tsquery) LIMIT :limit"
)
_LITE_SOME = text(
    "SELECT e.target_id FROM search_words JOIN search_entries AS e ON e.id = search_words.rowid "
    "WHERE search_words MATCH :query AND e.kind = :kind LIMIT :limit"
)


def index(kind: str, target_id: int, words: str, marks: Sequence[str] = ()) -> None:
    """Put the words of a row into the index, in place of what was there; `marks` are words that nobody types."""
    index_many(kind, [(target_id, words, marks)])


def index_many(kind: str, told: Sequence[tuple[int, str, Sequence[str]]]) -> None:
    """Put the words and marks of rows, one or more, told by their ids, into the index, in place of what was there."""
    found = {row: [*_of_words(words), *marks, *_ages(kind, row)] for row, words, marks in told}
    if on_postgresql():
        session.execute(_PG_PUT, [{"kind": kind, "id": row, "words": each} for row, each in found.items()])
        return
    for row, each in found.items():
        entry = session.execute(_LITE_PUT, {"kind": kind, "id": row}).scalar_one()
        session.execute(_LITE_CLEAR, {"id": entry})
        session.execute(_LITE_WORDS, {"id": entry, "words": " ".join(each)})


def mark_held(kind: str, ids: Sequence[int], holder: str, holder_id: int) -> None:
    """Have these rows found by the age of a row that holds them (a case its reports), too: see `within`.

    What is marked stays so when the words are put anew, and when it is held no more: who asks looks who holds what.
    """
    if ids and on_postgresql():
        told = {"kind": kind, "ids": sorted(ids), "marks": _ages(holder, holder_id, held=True)}
        session.execute(_PG_HELD, told)


def _of_words(words: str) -> list[str]:
    """The tokens of a text: what is written defanged as it stands and as it is meant, telephone numbers in one form."""
    plain, (numbers, _rest) = refang(words), pick(words)
    found = [*map(mark, numbers), *tokens(words), *(tokens(plain) if plain != words else ()), *parts(plain)]
    return list(dict.fromkeys(found))[:MAX_TOKENS]


def find(kind: str, query: str, limit: int = 1000) -> list[int]:
    """Ids of the rows that hold every word of the query, newest first. No words, no hits."""
    asked = _asked(query, ())
    return _newest(kind, _all(asked), limit) if asked else []


def find_any(kind: str, marks: Sequence[str], limit: int) -> list[int]:
    """Ids of the rows that hold at least one of these marks, newest first."""
    return _newest(kind, _any([_quoted(each) for each in marks]), limit) if marks else []


def holders(kind: str, token: str, most: int) -> list[int]:
    """Ids of the rows that hold this token (as `tokens` gives it), in no order; none when they are more than `most`."""
    found = _some(kind, [_quoted(token)], most + 1)
    return found if len(found) <= most else []


def is_rare(kind: str, query: str, most: int) -> bool:
    """Whether at most so many rows hold every word of the query. A word of many rows is known by the newest ones."""
    asked, last = _asked(query, ()), session.scalar(_NEWEST, {"kind": kind}) or 0
    eras = last // ERA + 1
    recent = [*asked, _of_ids(kind, range(max(0, eras - SAMPLE) * ERA, last + 1))]
    if len(_some(kind, recent, most + 1)) * eras > most * SAMPLE:
        return False
    return len(_some(kind, asked, most + 1)) <= most


def _some(kind: str, asked: Sequence[str], most: int) -> list[int]:
    statement = _PG_SOME if on_postgresql() else _LITE_SOME
    return list(session.scalars(statement, {"kind": kind, "query": _all(asked), "limit": most}))


def indexed(kind: str, after: int, most: int) -> list[int]:
    """Ids of rows of this kind that are in the index, the lowest beyond `after` first, at most so many."""
    rows = select(SearchEntry.target_id).where(SearchEntry.kind == kind, SearchEntry.target_id > after)
    return list(session.scalars(rows.order_by(SearchEntry.target_id).limit(most)))


def rebuild() -> None:
    """Make the index of words anew, after every row of it was written anew; nobody who reads or writes has to wait.

    Vacuum leaves the first page of a word empty whose rows all moved, and PostgreSQL takes such a word for a rare one
    from then on and reads all that it is in, for each search. Nothing to do on SQLite. It waits for all open
    transactions: the caller's must have ended.
    """
    if on_postgresql():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("REINDEX INDEX CONCURRENTLY ix_search_entries_words"))


def size() -> int:
    """About how many rows there are in the index: the newest id."""
    return session.scalar(select(func.max(SearchEntry.id))) or 0


def scopes(kind: str, query: str, marks: Sequence[str] = (), before: int = 0) -> list[Select[int]]:
    """Statements for the ids of the rows that hold every word and mark, to be used as conditions one after the other.

    Each takes in more than the one before, the last one everything; whoever wants few rows may stop when there are
    enough, so that a word which a million rows hold costs no more than a rare one. `before`: only lower ids are asked.
    """
    if not tokens(query) and not marks:
        return []
    recent = [_all([*_asked(query, marks), _of_ids(kind, each)]) for each in newest(kind, before)]
    found = [_hits(kind, each, 0 if place else NEWEST) for place, each in enumerate(recent)]
    return [*found, everything(kind, query, marks)]


def newest(kind: str, before: int = 0) -> list[range]:
    """The newest ids of a kind, or those up to `before`, in spans that are wider and wider; none on SQLite, which looks
    through everything. One that begins with 0 is the last.
    """
    if not on_postgresql():
        return []
    last = before or session.scalar(_NEWEST, {"kind": kind}) or 0
    starts = dict.fromkeys(max(0, last // size - count + 1) * size for size, count in LADDER)
    return [range(start, last + 1) for start in starts]


def within(kind: str, query: str, ids: range | None, holder: str = "") -> Select[int]:
    """A statement for the ids of the rows that hold every word and are of such a span of ids; or, where a kind of
    holders is named, that a holder of such an id holds or once held. Of all rows without a span, as on SQLite; there
    must be a word.
    """
    if ids is None:
        return everything(kind, query)
    return _hits(kind, _all([*_asked(query, ()), _of_ids(holder or kind, ids, held=bool(holder))]))


def everything(kind: str, query: str, marks: Sequence[str] = ()) -> Select[int]:
    """The last of these statements alone, for all rows; there must be a word or a mark."""
    return _hits(kind, _all(_asked(query, marks)))


def _asked(query: str, marks: Sequence[str]) -> list[str]:
    """What must hold, each a piece of a query: a telephone number as it is written or in its one form; what is defanged
    as it is meant.
    """
    numbers, rest = pick(refang(query))
    either = [_any([_all([_quoted(token) for token in tokens(each)]), _quoted(mark(each))]) for each in numbers]
    return [*(f"({each})" for each in either), *(_quoted(each) for each in (*tokens(rest), *marks))][:MOST_WORDS]


def holds(kind: str, target: ColumnElement[int], query: str, marks: Sequence[str] = ()) -> ColumnElement[bool]:
    """The condition that the row of this id holds every word and mark.

    For lists that are short without it: no index of words is asked, so that a word which a million other rows hold
    costs no more than a rare one.
    """
    asked = _asked(query, marks)
    if not asked:
        return false()
    if not on_postgresql():
        return target.in_(_hits(kind, _all(asked)))
    has = func.coalesce(SearchEntry.words.bool_op("@@")(cast(_all(asked), TSQUERY)), false())
    return select(SearchEntry.id).where(SearchEntry.kind == kind, SearchEntry.target_id == target, has).exists()


MOST_WORDS = 40
LADDER, NEWEST = ((ERA, 2), (AGE, 2), (AGE, 4)), 2000
"""How much is looked through before everything is: where one row in 80, 650, 2,000 is a hit, fifty are found. Of the
first only so many hits are taken where the rows themselves are asked for: of a word that most have these are enough.
"""
SAMPLE = 2
"""Of so many eras it is told whether a word is rare."""
_NEWEST = text("SELECT max(target_id) FROM search_entries WHERE kind = :kind")


def _ages(kind: str, row: int, *, held: bool = False) -> list[str]:
    return [_age(kind, row, size, held=held) for size in (ERA, AGE)]


def _age(kind: str, row: int, size: int, *, held: bool) -> str:
    name = "era" if size == ERA else "age"
    return f"{'held_' if held else ''}{name}_{kind.lower()}_{row // size}"


def _of_ids(kind: str, ids: range, *, held: bool = False) -> str:
    size = AGE if len(ids) > AGE else ERA
    marks = [_quoted(_age(kind, each, size, held=held)) for each in range(ids.start, ids.stop, size)]
    return f"({_any(marks)})"


def _all(pieces: Sequence[str]) -> str:
    return (" & " if on_postgresql() else " AND ").join(pieces)


def _any(pieces: Sequence[str]) -> str:
    return (" | " if on_postgresql() else " OR ").join(pieces)


def _quoted(word: str) -> str:
    return f"'{word}'" if on_postgresql() else f'"{word}"'


def _hits(kind: str, query: str, most: int = 0) -> Select[int]:
    told: list[BindParameter[Any]] = [bindparam("kind", kind, unique=True), bindparam("query", query, unique=True)]
    statement = _LITE_FIND
    if on_postgresql():
        statement = _PG_NEWEST if most else _PG_FIND
        told += [bindparam("most", most, unique=True)] if most else []
    return select(statement.bindparams(*told).columns(column("target_id", BigId)).subquery().c.target_id)


def _newest(kind: str, query: str, limit: int) -> list[int]:
    rows = _hits(kind, query)
    return list(session.scalars(rows.order_by(rows.selected_columns[0].desc()).limit(limit)))
