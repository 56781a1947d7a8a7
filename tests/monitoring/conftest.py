"""People for the tests of the monitoring stage."""

from tests.publishing.conftest import eva

__all__ = ["eva"]
