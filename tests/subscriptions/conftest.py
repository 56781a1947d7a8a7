"""People and the world of the press for the tests of the subscriptions stage."""

from tests.publishing.conftest import cheap_hashes, eva, fred

__all__ = ["cheap_hashes", "eva", "fred"]
