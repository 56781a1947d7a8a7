"""People, a report and a case."""

from __future__ import annotations

import pytest

from cert_portal.cases import service
from cert_portal.cases.models import Case
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from tests.cases.desk import a_report, person


@pytest.fixture
def ann(context: object) -> User:
    """An analyst."""
    return person()


@pytest.fixture
def bob(ann: User) -> User:
    """Another analyst."""
    return person("Bob")


@pytest.fixture
def report(context: object) -> Report:
    """A report that waits for triage."""
    return a_report()


@pytest.fixture
def case(ann: User, report: Report) -> Case:
    """The case that was opened of the report."""
    return service.open_case([report], ann, title="x", kind="phishing")
