"""Pass-phrases are hashed cheaply here, so that tests are about everything else."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from cert_portal.directory import accounts

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass over a little memory."""
    monkeypatch.setattr(accounts, "hasher", lambda: CHEAP)
