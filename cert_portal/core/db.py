"""The database: base class, session and column types. Works on PostgreSQL and on SQLite (WAL)."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    column,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, scoped_session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; a naive one is refused before it reaches a row."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the portal."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[str]: JSON}


db = SQLAlchemy(disable_autonaming=True)
session = cast(scoped_session[Session], db.session)

T = TypeVar("T")

IDLE_SECONDS = 1
"""A connection that was used within this time is taken as it is."""

_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read: on SQLite they take no write lock and a write in them is an error."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def start_reading() -> None:
    """The same for the rest of this request's context."""
    _reading.set(True)


def start_writing() -> None:
    """Transactions begun from here on may write."""
    _reading.set(False)


def on_postgresql() -> bool:
    """Whether the session speaks with PostgreSQL, where it and SQLite need different statements."""
    return session.get_bind().dialect.name == "postgresql"


def among(column: InstrumentedAttribute[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """`column IN (values)` for very many of them: PostgreSQL gets one array instead of a thousand parameters."""
    if not on_postgresql():
        return column.in_(values)
    return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))


def insert_many(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns. PostgreSQL gets one JSON document instead of thousands of parameters, so
    nothing but texts, numbers, moments and JSON may be in them.
    """
    if not rows:
        return
    if not on_postgresql():
        session.execute(insert(table), rows)
        return
    columns = [column(name, table.c[name].type) for name in rows[0]]
    told = bindparam(None, json.dumps(rows, ensure_ascii=False, default=datetime.isoformat), type_=Text())
    given = func.json_to_recordset(told.cast(JSON)).table_valued(*columns).render_derived(with_types=True)
    session.execute(insert(table).from_select(list(rows[0]), select(given)))


def insert_unless_there(row: type[Base], **values: Any) -> None:
    """Insert a row unless one of its key is there, be it that somebody else inserts it at this very moment."""
    make = postgresql.insert if on_postgresql() else sqlite.insert
    session.execute(make(row).values(**values).on_conflict_do_nothing())


def once(name: str, ask: Callable[[], T]) -> T:
    """What `ask` answers, asked once in a transaction; whoever changes it in one says `forget`."""
    begun, kept = session().get_transaction(), session.info.get(name)
    if kept is None or begun is None or kept[0] is not begun:
        answer = ask()
        kept = session.info[name] = (session().get_transaction(), answer)
    return cast(T, kept[1])


def forget(name: str) -> None:
    """Let the next `once` of this name ask again."""
    session.info.pop(name, None)


def prepare(engine: Engine) -> None:
    """Teach an SQLite engine to live with several processes: WAL, waiting, BEGIN IMMEDIATE for writers. A connection
    to PostgreSQL that nobody used for a while is tried before it is used again: the server may have gone meanwhile. Its
    compiler is off: half a second of work for a statement of half a second.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "connect", _postgres_connect)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_try_idle, engine))


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _try_idle(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool makes a new one


def _postgres_connect(connection: Any, _record: object) -> None:
    connection.autocommit = True
    connection.execute("SET jit = off")
    connection.autocommit = False


def _sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Any) -> None:
    only_read = _reading.get()
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if only_read else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if only_read else "BEGIN IMMEDIATE")
