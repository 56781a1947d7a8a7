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

from cert_portal.core.db import Base, BigId, on_postgresql, session
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
    "ON CONFLICT (kind, target_id) DO UPDATE SET words = excluded.words"
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
ERA = 4096
"""Rows of one kind that share a mark of their age: the newest hits of a word that every row has are found at once."""


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
    found = {row: [*_of_words(words), *marks, _era(kind, row // ERA)] for row, words, marks in told}
    if on_postgresql():
        session.execute(_PG_PUT, [{"kind": kind, "id": row, "words": each} for row, each in found.items()])
        return
    for row, each in found.items():
        entry = session.execute(_LITE_PUT, {"kind": kind, "id": row}).scalar_one()
        session.execute(_LITE_CLEAR, {"id": entry})
        session.execute(_LITE_WORDS, {"id": entry, "words": " ".join(each)})


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
    asked, eras = _asked(query, ()), (session.scalar(_NEWEST, {"kind": kind}) or 0) // ERA + 1
    recent = [*asked, f"({_any([_quoted(_era(kind, each)) for each in range(max(0, eras - SAMPLE), eras)])})"]
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
    whole = everything(kind, query, marks)
    if not on_postgresql():
        return [whole]
    asked = _all(_asked(query, marks))
    newest = (before or session.scalar(_NEWEST, {"kind": kind}) or 0) // ERA
    recent = [[_era(kind, each) for each in range(newest, max(-1, newest - eras), -1)] for eras in LADDER]
    first, *more = [f"{asked} & ({_any([_quoted(era) for era in each])})" for each in recent]
    return [_hits(kind, first, NEWEST), *(_hits(kind, each) for each in more), whole]


def reach(kind: str) -> int:
    """The lowest id that the widest of these statements but everything takes in."""
    newest = session.scalar(_NEWEST, {"kind": kind}) or 0
    return max(0, newest // ERA - LADDER[-1] + 1) * ERA


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
LADDER, NEWEST = (2, 8, 32), 2000
"""How many eras are looked through before everything is: where one row in 160, 650, 2,600 is a hit, fifty are found. Of
the first eras only so many hits are taken: of a word that most rows have these are enough, too.
"""
SAMPLE = 2
"""Of so many eras it is told whether a word is rare."""
_NEWEST = text("SELECT max(target_id) FROM search_entries WHERE kind = :kind")


def _era(kind: str, number: int) -> str:
    return f"era_{kind.lower()}_{number}"


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
