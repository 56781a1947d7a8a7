"""The database door: times are aware, reading takes no lock."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

from cert_portal.core import clock
from cert_portal.core.db import reading, session, start_reading, start_writing
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
