"""People for the tests of the monitoring stage."""

from tests.publishing.conftest import cheap_hashes, eva

__all__ = ["cheap_hashes", "eva"]
