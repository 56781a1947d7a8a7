"""Holidays and clock rules, and people with cheap pass-phrases."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.directory import accounts, calendar
from cert_portal.directory.models import User
from tests.cases.conftest import CHEAP
from tests.cases.desk import person


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass over a little memory."""
    monkeypatch.setattr(accounts, "hasher", lambda: CHEAP)


@pytest.fixture
def rules(context: Flask) -> None:
    """The clock rules and holidays of a new deployment."""
    calendar.seed()


@pytest.fixture
def grace(rules: None) -> User:
    """A liaison officer."""
    return person("Grace", "liaison")
