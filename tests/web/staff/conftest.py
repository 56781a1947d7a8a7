"""People of the desk, signed in."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.staff.desk import sign_in


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
