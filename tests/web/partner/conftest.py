"""Pass-phrases are hashed cheaply here, so that tests are about everything else."""

from __future__ import annotations

from tests.web.staff.conftest import cheap_hashes

__all__ = ["cheap_hashes"]
