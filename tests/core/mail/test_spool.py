"""The spool of originals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.core.mail import spool


def test_a_nearly_full_disk_takes_no_message(context: Flask) -> None:
    here = config.current()
    config.use(replace(here, least_free_megabytes=10**9))
    with pytest.raises(OSError, match="nearly full"):
        spool.store(b"x")
    config.use(here)
    assert spool.read(spool.store(b"x")) == ("report", b"x")
