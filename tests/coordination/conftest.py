"""An analyst and a report."""

from __future__ import annotations

import pytest

from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from tests.cases.desk import a_report, person


@pytest.fixture
def ann(context: object) -> User:
    """An analyst."""
    return person()


@pytest.fixture
def report(context: object) -> Report:
    """A report that waits for triage."""
    return a_report()
