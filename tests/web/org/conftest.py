"""Pass-phrases are hashed cheaply here; the clock stands still at ten in the morning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cert_portal.core import clock
from cert_portal.directory import accounts
from tests.web.org.agency import NOW
from tests.web.staff.conftest import CHEAP


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One pass over a little memory, and a known time."""
    monkeypatch.setattr(accounts, "hasher", lambda: CHEAP)
    with clock.turned_to(NOW):
        yield
