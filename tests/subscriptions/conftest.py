"""People and the world of the press for the tests of the subscriptions stage."""

from tests.publishing.conftest import eva, fred

__all__ = ["eva", "fred"]
