"""Receipts: durable, encrypted, counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from jinja2 import UndefinedError

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, spool


def test_what_was_stored_comes_back(context: Flask) -> None:
    assert list(spool.receipts()) == []
    with clock.turned_to(datetime(2026, 4, 1, tzinfo=UTC)):
        old = spool.store(b"old")
    with clock.turned_to(datetime(2026, 5, 4, tzinfo=UTC)):
        new = spool.store(b"words\nof a message", "phishing")
        assert spool.read(new) == ("phishing", b"words\nof a message")
        assert list(spool.receipts()) == [old, new]
        assert list(spool.recent()) == [new]
    for path in current().spool.rglob("2026*-*"):
        assert b"words" not in path.read_bytes()
    (current().spool / "20260504" / ".half").write_bytes(b"x")
    assert len(list(spool.receipts())) == 2


def test_a_receipt_is_no_path(context: Flask) -> None:
    with pytest.raises(ValueError, match="not a receipt"):
        spool.read("../../etc/passwd")


def test_letters_need_all_their_facts(context: Flask) -> None:
    assert "report_received" in letters.names()
    with pytest.raises(UndefinedError):
        letters.render("report_received", Language.EN, {"number": "R26-000417-0"})
