"""Fixtures: the application on both databases, real Redis, time under control, no other network."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser
from sqlalchemy import URL, Engine, create_engine, text

from cert_portal import config
from cert_portal.app import create_app
from cert_portal.config import Settings
from cert_portal.core import crypto, queue
from cert_portal.core.db import Base, db, start_writing
from cert_portal.core.queue import QUEUES
from cert_portal.directory import accounts
from cert_portal.web.limits import limiter
from tests.browser import chromium
from tests.servers import Postgres, Redis

hypothesis_settings.register_profile("portal", deadline=None)  # two cores, many servers: time says nothing here
hypothesis_settings.load_profile("portal")
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Hong Kong
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
_running: list[Postgres | Redis] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, before the parallel workers that inherit their addresses."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    folder = Path(tempfile.mkdtemp(prefix="cp-", dir="/tmp"))
    postgres, redis = Postgres(folder), Redis(folder)
    _running.extend([postgres, redis])
    os.environ["TEST_FOLDER"] = str(folder)
    os.environ["TEST_REDIS"] = str(redis.socket)
    workers = ("master", "gw0", "gw1")
    for worker in (*workers, "kill", "journey", *(f"migrations_{each}" for each in workers)):
        os.environ[f"TEST_PG_{worker.upper()}"] = postgres.url(f"test_{worker}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database: the rest are the unit tests of `make unit`."""
    for item in items:
        if "app" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the servers."""
    for server in _running:
        server.stop()
    if _running:
        shutil.rmtree(os.environ["TEST_FOLDER"], ignore_errors=True)
        _running.clear()


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pass-phrases are hashed by one pass over a little memory, so that tests are about everything else."""
    monkeypatch.setattr(accounts, "hasher", lambda: CHEAP)


@pytest.fixture(scope="session")
def worker() -> str:
    """Name of this parallel worker."""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def home(worker: str) -> Iterator[Path]:
    """A folder with a short path (GnuPG's sockets need one)."""
    folder = Path(tempfile.mkdtemp(prefix=f"cp{worker[-1]}", dir="/tmp"))
    yield folder
    for instance in (folder, *folder.iterdir()):
        crypto.end_agents(instance)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def desk_key(home: Path) -> str:
    """A desk key made once."""
    return crypto.Keyring(home / "gnupg" / "desk").create("Test desk", "report@portal.example")


@pytest.fixture(scope="session")
def publication_key(home: Path) -> str:
    """A publication key made once; its pass-phrase stands in a file, its agent forgets at once."""
    (home / "publication.passphrase").write_text("three plain words", "ascii")
    crypto.forget_at_once(home / "gnupg" / "publication", random=True)
    ring = crypto.Keyring(home / "gnupg" / "publication", passphrase="three plain words")
    return ring.create("Test publications", "advisories@portal.example")


@pytest.fixture(scope="session")
def settings(home: Path, desk_key: str, publication_key: str) -> Settings:
    """Settings of a test deployment."""
    return Settings(
        instance_dir=home,
        unproven_per_hour=10**6,
        secret_key="s" * 40,
        audit_key="a" * 40,
        blob_key="b" * 40,
        desk_key=desk_key,
        publication_key=publication_key,
        publication_key_passphrase_file=str(home / "publication.passphrase"),
    )


@pytest.fixture(scope="session")
def apps(settings: Settings, worker: str) -> dict[str, Flask]:
    """The application on each database, made once per worker."""
    slot = 2 * (int(worker[2:]) + 1 if worker.startswith("gw") else 0)
    redis = os.environ["TEST_REDIS"]
    urls = {"sqlite": "", "postgresql": os.environ[f"TEST_PG_{worker.upper()}"]}
    made: dict[str, Flask] = {}
    for position, (name, url) in enumerate(urls.items()):
        here = replace(settings, database_url=url, redis_url=f"unix://{redis}?db={slot + position}")
        app = create_app(here)
        app.testing = True
        app.config["WTF_CSRF_ENABLED"] = False
        app.extensions["settings"] = here
        with app.app_context():
            Base.metadata.create_all(db.engine)
            db.engine.dispose()
        made[name] = app
    shutil.copy(settings.instance_dir / "portal.sqlite", settings.instance_dir / "template.sqlite")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, apps: dict[str, Flask]) -> Iterator[Flask]:
    """The application with empty tables, on each database in turn; no context is pushed."""
    app = apps[request.param]
    config.use(app.extensions["settings"])
    start_writing()
    _forget_limits(apps)
    _empty(app, request.param)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed: for tests of stages. Do not mix it with `client`."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Run what waits on the queues, as a worker would, until nothing waits; answers how many rounds had work."""

    def run() -> int:
        rounds = 0
        if has_app_context():
            db.session.remove()
        with app.app_context():
            while sum(queue.lengths().values()):
                queue.worker(list(QUEUES)).work(burst=True, logging_level="WARNING")
                rounds += 1
        return rounds

    return run


def _forget_limits(apps: dict[str, Flask]) -> None:
    """The limiter is one for both applications and counts in the Redis of the last: forget all of it."""
    for app in apps.values():
        queue.connect(app.extensions["settings"].redis).flushdb()
    limiter._storage_dead = False
    limiter._fallback_storage.reset()


@cache
def _cleaner(url: URL) -> Engine:
    """A connection of its own, which knows all tables by now."""
    return create_engine(url, pool_pre_ping=True)


def _delete_rows(url: URL) -> None:
    """What is small is deleted far faster than all tables are truncated; serials begin anew."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    used = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
    with _cleaner(url).begin() as connection:
        found = set(connection.scalars(text(used)))
        for name in [each for each in tables if each in found]:
            connection.execute(text(f"DELETE FROM {name}"))
        connection.execute(
            text("SELECT setval(format('%I', sequencename), 1, false) FROM pg_sequences WHERE last_value IS NOT NULL")
        )


def _empty(app: Flask, name: str) -> None:
    here: Settings = app.extensions["settings"]
    for folder in ("mail", "spool", "blobs", "published"):
        shutil.rmtree(here.instance_dir / folder, ignore_errors=True)
    with app.app_context():
        db.engine.dispose()
        if name == "postgresql":
            _delete_rows(db.engine.url)
            return
    for ending in ("", "-wal", "-shm"):
        (here.instance_dir / f"portal.sqlite{ending}").unlink(missing_ok=True)
    shutil.copy(here.instance_dir / "template.sqlite", here.instance_dir / "portal.sqlite")
