"""The database door: times are aware, reading takes no lock."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

from cert_portal.core import clock
from cert_portal.core.db import db, on_postgresql, reading, session, start_reading, start_writing
from cert_portal.core.schedule import Schedule


def test_a_naive_time_is_refused(context: Flask) -> None:
    session.add(Schedule(name="x", due_at=datetime(2026, 5, 4)))  # noqa: DTZ001  # that is the point
    with pytest.raises(StatementError, match="naive"):
        session.flush()


def test_times_come_back_aware(context: Flask) -> None:
    now = clock.now()
    session.add(Schedule(name="x", due_at=now))
    session.commit()
    assert session.get_one(Schedule, "x").due_at == now
    assert session.get_one(Schedule, "x").last_at is None


def test_reading_never_writes_on_sqlite(context: Flask) -> None:
    if session.get_bind().dialect.name != "sqlite":
        return
    with reading():
        assert session.execute(text("SELECT 1")).scalar() == 1
        with pytest.raises(OperationalError, match="readonly"):
            session.execute(text("DELETE FROM schedules"))
        session.rollback()
    start_reading()
    with pytest.raises(OperationalError, match="readonly"):
        session.execute(text("DELETE FROM schedules"))
    session.rollback()
    start_writing()
    session.execute(text("DELETE FROM schedules"))


def test_statements_are_not_compiled(context: Flask) -> None:
    assert not on_postgresql() or session.scalar(text("SHOW jit")) == "off"


def test_a_connection_that_went_away_while_idle_is_made_anew(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("a file does not go away")
    session.rollback()
    mine, other = db.engine.connect(), db.engine.connect()
    pid = mine.execute(text("SELECT pg_backend_pid()")).scalar_one()
    mine.close()
    other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.close()
    monkeypatch.setattr("cert_portal.core.db.IDLE_SECONDS", 0)
    with db.engine.connect() as one, db.engine.connect() as two:
        assert [each.execute(text("SELECT 1")).scalar_one() for each in (one, two)] == [1, 1]
