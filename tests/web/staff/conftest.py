"""People of the desk, signed in. Pass-phrases are hashed cheaply here, so that tests are about everything else."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.directory import accounts
from tests.web.staff.desk import sign_in

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass over a little memory."""
    monkeypatch.setattr(accounts, "hasher", lambda: CHEAP)


@pytest.fixture
def ann(app: Flask) -> FlaskClient:
    """An analyst."""
    return sign_in(app, "Ann", "analyst")


@pytest.fixture
def ben(app: Flask) -> FlaskClient:
    """Another analyst."""
    return sign_in(app, "Ben", "analyst")


@pytest.fixture
def eva(app: Flask) -> FlaskClient:
    """An editor."""
    return sign_in(app, "Eva", "editor")
