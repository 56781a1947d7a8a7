"""Full-text search over everything with a number: own tokens, one behaviour on PostgreSQL (GIN) and SQLite (FTS5)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, Index, String, UniqueConstraint, event, func, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from cert_portal.core.db import Base, BigId, session
from cert_portal.core.text import tokens


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
    "AND words @@ CAST(:query AS tsquery)) SELECT target_id FROM hits ORDER BY target_id DESC LIMIT :limit"
)
_LITE_PUT = text(
    "INSERT INTO search_entries (kind, target_id) VALUES (:kind, :id) "
    "ON CONFLICT (kind, target_id) DO UPDATE SET kind = excluded.kind RETURNING id"
)
_LITE_CLEAR = text("DELETE FROM search_words WHERE rowid = :id")
_LITE_WORDS = text("INSERT INTO search_words (rowid, words) VALUES (:id, :words)")
_LITE_FIND = text(
    "SELECT target_id FROM search_entries WHERE kind = :kind AND id IN "
    "(SELECT rowid FROM search_words WHERE search_words MATCH :query) ORDER BY target_id DESC LIMIT :limit"
)


_PG_SOME = text(
    "SELECT target_id FROM search_entries WHERE kind = :kind AND words @@ CAST(:query AS tsquery) LIMIT :limit"
)
_LITE_SOME = text(
    "SELECT e.target_id FROM search_words JOIN search_entries AS e ON e.id = search_words.rowid "
    "WHERE search_words MATCH :query AND e.kind = :kind LIMIT :limit"
)


def index(kind: str, target_id: int, words: str, marks: Sequence[str] = ()) -> None:
    """Put the words of a row into the index, in place of what was there; `marks` are words that nobody types."""
    found = [*tokens(words), *marks]
    if _on_postgresql():
        session.execute(_PG_PUT, {"kind": kind, "id": target_id, "words": found})
        return
    entry = session.execute(_LITE_PUT, {"kind": kind, "id": target_id}).scalar_one()
    session.execute(_LITE_CLEAR, {"id": entry})
    session.execute(_LITE_WORDS, {"id": entry, "words": " ".join(found)})


def find(kind: str, query: str, limit: int = 1000) -> list[int]:
    """Ids of the rows that hold every word of the query, newest first. No words, no hits."""
    asked = tokens(query)[:40]
    if not asked:
        return []
    return _find(kind, asked, limit, all_of=True)


def find_any(kind: str, marks: Sequence[str], limit: int) -> list[int]:
    """Ids of the rows that hold at least one of these marks, newest first."""
    return _find(kind, marks, limit, all_of=False) if marks else []


def holders(kind: str, token: str, most: int) -> list[int]:
    """Ids of the rows that hold this token (as `tokens` gives it), in no order; none when they are more than `most`."""
    quoted, statement = (f"'{token}'", _PG_SOME) if _on_postgresql() else (f'"{token}"', _LITE_SOME)
    found = list(session.scalars(statement, {"kind": kind, "query": quoted, "limit": most + 1}))
    return found if len(found) <= most else []


def size() -> int:
    """About how many rows there are in the index: the newest id."""
    return session.scalar(select(func.max(SearchEntry.id))) or 0


def _find(kind: str, words: Sequence[str], limit: int, *, all_of: bool) -> list[int]:
    if _on_postgresql():
        terms = (" & " if all_of else " | ").join("'" + each + "'" for each in words)
        statement = _PG_FIND
    else:
        terms = (" AND " if all_of else " OR ").join(f'"{each}"' for each in words)
        statement = _LITE_FIND
    return list(session.scalars(statement, {"kind": kind, "query": terms, "limit": limit}))


def _on_postgresql() -> bool:
    return session.get_bind().dialect.name == "postgresql"
