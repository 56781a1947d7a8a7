"""A deployment for the tests that look at it through a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import Portal, running


@pytest.fixture(scope="module")
def portal(request: pytest.FixtureRequest, home: Path) -> Iterator[Portal]:
    """The demonstration's accounts and an empty desk, one deployment for each module."""
    with running(home / request.path.stem, "", demo=True, lease=30) as found:
        found.run("demo", "users")
        yield found
