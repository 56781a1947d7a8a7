"""An act in a process that is killed (-9) before one step after the other: statements, commits, flushes of files."""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator

from flask import Flask
from sqlalchemy import event, text

from cert_portal.core.db import db, session, start_writing

STEPS = 400
"""More steps than any of these acts sends."""


def is_killed(app: Flask, step: int, act: Callable[[], object]) -> bool:
    """Do it in a process that is killed before its step of this number; False when it came to its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the threads of the runner do not go on in the child
        child = os.fork()
    if child == 0:
        _run(app, step, act)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the act failed by itself: see above"
    return os.WIFSIGNALED(status)


def _run(app: Flask, step: int, act: Callable[[], object]) -> None:
    done = 0

    def count(*_told: object) -> None:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def flush(opened: int, fsync: Callable[[int], None] = os.fsync) -> None:
        count()
        fsync(opened)

    try:
        with app.app_context():
            start_writing()
            event.listen(db.engine, "before_cursor_execute", count)
            event.listen(db.engine, "commit", count)
            os.fsync = flush  # type: ignore[assignment]  # nothing is put back: this process ends here
            act()
            session.commit()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def _forget_the_dead() -> None:
    """Have PostgreSQL end what a killed process was doing; it learns of the death by itself a moment too late."""
    if db.engine.dialect.name == "postgresql":
        mine = "datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        with db.engine.connect() as asked:
            asked.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}"))


def kills(app: Flask, act: Callable[[], object], stride: int = 1) -> Iterator[int]:
    """Kill it before one step after the other, until it comes to its end; each time the caller may look."""
    for step in range(1, STEPS, stride):
        session.remove()
        db.engine.dispose()
        killed = is_killed(app, step, act)
        _forget_the_dead()
        start_writing()
        yield step
        if not killed:
            assert step > 3
            return
    raise AssertionError("it never ended")
