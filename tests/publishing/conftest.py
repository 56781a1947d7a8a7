"""Editors."""

from __future__ import annotations

import pytest

from cert_portal.directory.models import User
from tests.publishing import press


@pytest.fixture
def eva(context: object) -> User:
    """An editor."""
    return press.editor()


@pytest.fixture
def fred(context: object) -> User:
    """A second reader."""
    return press.reader()
