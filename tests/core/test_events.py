"""The record: typed, append-only, and a changed row is noticed."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from cert_portal.core import events
from cert_portal.core.db import session

SEEN = events.declare("test.seen", "Something was seen", "what")


def write(count: int = 3) -> None:
    for number in range(count):
        events.record(SEEN, "R26-000001-1", "system", what=number, text=f"words of a person {number}")
    session.commit()


def test_an_event_carries_what_its_kind_declares(context: Flask) -> None:
    with pytest.raises(ValueError, match=r"test\.seen carries"):
        events.record(SEEN, "R26-000001-1", "system")
    with pytest.raises(ValueError, match="declared twice"):
        events.declare("test.seen", "Something else", "what")
    assert SEEN in events.kinds()
    assert "| `test.seen` | Something was seen | what |" in events.table()


def test_the_chain_is_whole_until_a_row_is_changed(context: Flask) -> None:
    write()
    assert events.seal() == 3
    session.commit()
    write(2)
    assert events.seal() == 2
    assert events.seal() == 0
    session.commit()
    assert list(events.broken_links()) == []
    session.execute(text("UPDATE events SET actor = 'somebody' WHERE id = 2"))
    [broken] = events.broken_links()
    assert "event 2" in broken


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET text = 'other words' WHERE id = 1",
        "DELETE FROM event_seals WHERE seq = 1",
        "UPDATE event_seals SET mac = 'x' WHERE seq = 3",
    ],
)
def test_every_sort_of_tampering_is_noticed(context: Flask, statement: str) -> None:
    write()
    events.seal()
    session.commit()
    session.execute(text(statement))
    session.expire_all()
    assert len(list(events.broken_links())) == 1


def test_erasing_personal_words_leaves_the_chain_whole(context: Flask) -> None:
    write()
    events.seal()
    session.commit()
    [first, *_] = events.of_subjects(["R26-000001-1"])
    events.erase_text(first)
    session.commit()
    assert first.text is None
    assert list(events.broken_links()) == []


def test_the_head_of_a_day_is_signed_once(context: Flask) -> None:
    day = date(2026, 5, 3)
    assert events.sign_head(day) is None
    write()
    events.seal()
    session.commit()
    assert events.sign_head(day) is not None
    session.commit()
    assert events.sign_head(day) is None
    assert list(events.broken_links()) == []
    session.execute(text("UPDATE event_heads SET mac = 'x'"))
    session.expire_all()
    assert "missing from the chain" in next(events.broken_links())


def test_a_forged_head_is_noticed(context: Flask) -> None:
    write()
    events.seal()
    session.commit()
    events.sign_head(date(2026, 5, 3))
    session.commit()
    session.execute(text("UPDATE event_heads SET signature = 'x'"))
    session.expire_all()
    assert "is not ours" in next(events.broken_links())
