"""The clock stands still at ten in the morning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cert_portal.core import clock
from tests.web.org.agency import NOW


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A known time."""
    with clock.turned_to(NOW):
        yield
