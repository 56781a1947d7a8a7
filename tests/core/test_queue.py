"""Jobs leave after the commit, and only then; Redis being away costs nothing but time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy import text

from cert_portal import config
from cert_portal.core import queue
from cert_portal.core.db import session
from cert_portal.core.queue import EXPIRE_DRAFTS, SWEEP


def test_a_job_leaves_with_the_commit_of_the_root_transaction(context: Flask) -> None:
    session.execute(text("SELECT 1"))
    with session.begin_nested():
        queue.after_commit(SWEEP)
    assert queue.lengths()["default"] == 0
    session.commit()
    assert queue.lengths()["default"] == 1
    session.commit()
    assert queue.lengths()["default"] == 1


def test_a_rollback_takes_its_jobs_with_it(context: Flask) -> None:
    session.execute(text("SELECT 1"))
    queue.after_commit(SWEEP)
    session.rollback()
    session.execute(text("SELECT 1"))
    session.commit()
    assert queue.lengths()["default"] == 0


def test_a_rolled_back_savepoint_keeps_the_jobs_of_the_rest(context: Flask) -> None:
    session.execute(text("SELECT 1"))
    queue.after_commit(SWEEP)
    session.begin_nested().rollback()
    session.commit()
    assert queue.lengths()["default"] == 1


def test_redis_away_is_logged_and_nothing_more(context: Flask, tmp_path: Path) -> None:
    here = config.current()
    config.use(replace(here, redis_url=f"unix://{tmp_path}/none.sock"))
    session.execute(text("SELECT 1"))
    queue.after_commit(EXPIRE_DRAFTS)
    session.commit()
    assert not queue.is_up()
    config.use(here)
    assert queue.is_up()


def test_a_worker_waits_for_redis_and_stops_when_told(context: Flask, monkeypatch: Any) -> None:
    answers: list[Any] = [RedisAway("away"), True]

    class Worker:
        def work(self, **_options: object) -> bool:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return bool(answer)

    naps: list[float] = []
    monkeypatch.setattr(queue, "worker", lambda _names: Worker())
    monkeypatch.setattr(queue.time, "sleep", naps.append)
    queue.work(["default"])
    assert naps == [1]
    assert answers == []


@pytest.mark.parametrize("job", queue.JOBS, ids=lambda job: job.function)
def test_every_job_exists(job: queue.Job) -> None:
    module, name = job.function.rsplit(".", 1)
    found = __import__(module, fromlist=[name])
    assert callable(getattr(found, name))
    assert job.queue in queue.QUEUES
