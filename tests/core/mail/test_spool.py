"""The spool of originals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from cert_portal import config
from cert_portal.core import clock
from cert_portal.core.mail import spool


def test_a_nearly_full_disk_takes_no_message(context: Flask) -> None:
    here = config.current()
    config.use(replace(here, least_free_megabytes=10**9))
    with pytest.raises(OSError, match="nearly full"):
        spool.store(b"x")
    config.use(here)
    receipt = spool.store(b"x")
    assert spool.read(receipt) == ("report", b"x")
    today = clock.now().date()
    assert receipt in spool.receipts(today)
    assert receipt not in spool.receipts(today + timedelta(days=1))
