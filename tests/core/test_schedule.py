"""Schedules: due once, caught up once."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from cert_portal.core import clock, logs, queue, schedule
from cert_portal.core.db import session
from tests.conftest import NOW


def tick_at(minutes: float) -> list[str]:
    with clock.turned_to(NOW + timedelta(minutes=minutes)):
        ran = schedule.tick()
        session.commit()
        return ran


def test_every_plan_runs_when_it_is_due_and_once(context: Flask) -> None:
    usual = [plan.name for plan in schedule.PLANS if not plan.following]
    assert tick_at(0) == usual
    assert tick_at(0.5) == []
    assert tick_at(1) == ["sweep", "mail", "seal", "notices", "letters"]
    assert tick_at(60 * 24) == usual
    assert tick_at(60 * 24 + 0.5) == []
    assert queue.lengths()["default"] == 3 + 2 * (len(usual) - 2)
    assert queue.lengths()["mail"] == 3
    assert queue.lengths()["intake"] == 3
    assert tick_at(60 * 24 * 13) == [plan.name for plan in schedule.PLANS], "a digest is due on the 16th"
    assert queue.lengths()["publication"] == 1


def test_the_loop_waits_for_a_database_that_is_away(context: Flask, monkeypatch: Any) -> None:
    stop = Event()
    answers: list[Any] = [OperationalError("x", {}, Exception()), []]

    def tick() -> list[str]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        stop.set()
        return []

    monkeypatch.setattr(schedule, "tick", tick)
    schedule.run(session.commit, stop, pause=0)
    assert answers == []


def test_one_line_of_json_a_log_entry(capsys: pytest.CaptureFixture[str]) -> None:
    logs.start()
    structlog.contextvars.bind_contextvars(request_id="abc")
    structlog.get_logger("x").info("seen", what=1)
    structlog.contextvars.clear_contextvars()
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["request_id"], line["what"]) == ("seen", "abc", 1)
