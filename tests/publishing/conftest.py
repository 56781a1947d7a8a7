"""Pass-phrases are hashed cheaply here, so that tests are about everything else."""

from __future__ import annotations

import pytest

from cert_portal.directory import accounts
from cert_portal.directory.models import User
from tests.cases.conftest import CHEAP
from tests.publishing import press


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass over a little memory."""
    monkeypatch.setattr(accounts, "hasher", lambda: CHEAP)


@pytest.fixture
def eva(context: object) -> User:
    """An editor."""
    return press.editor()


@pytest.fixture
def fred(context: object) -> User:
    """A second reader."""
    return press.reader()
