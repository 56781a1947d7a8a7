"""Holidays and clock rules, and a liaison officer."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.directory import calendar
from cert_portal.directory.models import User
from tests.cases.desk import person


@pytest.fixture
def rules(context: Flask) -> None:
    """The clock rules and holidays of a new deployment."""
    calendar.seed()


@pytest.fixture
def grace(rules: None) -> User:
    """A liaison officer."""
    return person("Grace", "liaison")
