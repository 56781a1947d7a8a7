"""Watched sources: read when due, kept once, waited for when they fail; items go one way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cert_portal.core import clock, feeds
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.feeds import Entry, FeedRefused, Fetched, Reader
from cert_portal.directory.models import User
from cert_portal.monitoring import service
from cert_portal.monitoring.models import Item, ItemState, Source
from cert_portal.monitoring.service import SourceRefused
from tests.cases.desk import NOW
from workers.monitoring import read_source, read_sources

ADDRESS = "https://vendor.example/feed"


def entry(number: int) -> Entry:
    """One entry of a feed."""
    return Entry(f"{number:064d}", f"Flaw {number}", f"https://vendor.example/{number}", "Update", None)


@pytest.fixture
def source(eva: User) -> Source:
    """A source that is watched."""
    with clock.turned_to(NOW):
        return service.add("A vendor", ADDRESS, eva)


@pytest.mark.parametrize(
    ("name", "address", "reason"),
    [
        ("", ADDRESS, "no_name"),
        ("x", "ftp://vendor.example/", "bad_address"),
        ("x", "https://" + "x" * 600, "bad_address"),
        ("x", ADDRESS, "address_taken"),
    ],
)
def test_what_cannot_be_watched(source: Source, eva: User, name: str, address: str, reason: str) -> None:
    with pytest.raises(SourceRefused, match=reason):
        service.add(name, address, eva)


def test_a_source_is_read_once_in_half_an_hour(source: Source) -> None:
    with clock.turned_to(NOW):
        assert service.due() == [source.id]
        assert service.claim(source.id) == (ADDRESS, "", "")
        assert service.claim(source.id) is None
        assert service.due() == []
    with clock.turned_to(NOW + timedelta(minutes=30)):
        assert service.due() == [source.id]
    assert service.claim(999) is None


def test_an_entry_is_kept_once_whatever_became_of_it(source: Source, eva: User) -> None:
    assert service.store(source.id, [entry(2), entry(1)], "e", "m") == 2
    [(newest, _), (oldest, _)], following = service.items().rows, service.items().after
    assert (newest.title, oldest.title, following) == ("Flaw 2", "Flaw 1", "")
    service.dismiss(newest.id, eva)
    assert service.store(source.id, [entry(3), entry(2), entry(1)], "e", "m") == 1
    assert [item.title for item, _ in service.items().rows] == ["Flaw 3", "Flaw 1"]
    assert service.waiting() == 2
    assert (source.etag, source.modified) == ("e", "m")


def test_an_item_goes_one_way(source: Source, eva: User) -> None:
    service.store(source.id, [entry(1)], "", "")
    item = service.take(1)
    service.taken(item, "CP-A-2026-0001", eva)
    assert (item.state, item.taken_for) == (ItemState.TAKEN, "CP-A-2026-0001")
    with pytest.raises(SourceRefused, match="not_new"):
        service.dismiss(1, eva)
    with pytest.raises(SourceRefused, match="not_new"):
        service.take(99)
    assert [each.kind for each in of_subjects(["item:1"])] == ["item.taken"]


def test_pages_of_items(source: Source) -> None:
    service.store(source.id, [entry(number) for number in range(60)], "", "")
    page = service.items()
    last = service.items(page.after)
    assert (len(page.rows), len(last.rows), last.after) == (50, 10, "")


def test_a_source_that_fails_is_asked_less_often(source: Source) -> None:
    waits = []
    with clock.turned_to(NOW):
        for _ in range(8):
            service.unread(source.id, "away")
            waits.append(source.next_at - NOW)
    assert waits[0] == timedelta(hours=1)
    assert waits[-1] == timedelta(days=1)
    assert [each.kind for each in of_subjects(["source:1"])].count("source.failed") == 1
    service.store(source.id, [], "", "")
    assert (source.failures, source.trouble) == (0, "")


def test_watching_stops_and_goes_on(source: Source, eva: User) -> None:
    service.switch(source, False, eva)
    service.switch(source, False, eva)
    assert service.due() == []
    assert service.claim(source.id) is None
    service.switch(source, True, eva)
    assert service.due() == [source.id]
    assert [each.name for each in service.sources()] == ["A vendor"]
    assert [each.kind for each in of_subjects(["source:1"])].count("source.changed") == 2


def test_the_job_reads_what_is_due(
    source: Source, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    answers: list[Fetched | FeedRefused] = [Fetched(b"x", "new", ""), Fetched(None, "", ""), FeedRefused("away")]
    asked: list[tuple[str, ...]] = []

    def fetch(_self: Reader, *told: str) -> Fetched:
        asked.append(told)
        answer = answers.pop(0)
        if isinstance(answer, FeedRefused):
            raise answer
        return answer

    monkeypatch.setattr(Reader, "fetch", fetch)
    monkeypatch.setattr(feeds, "read", lambda _body: [entry(1)])
    number = source.id
    session.commit()
    read_sources()
    run_jobs()
    assert session.query(Item).count() == 1
    session.rollback()
    for hours in (1, 2):
        with clock.turned_to(clock.now() + timedelta(hours=hours)):
            read_source(number)
            read_source(number)
    assert asked == [(ADDRESS, "", ""), (ADDRESS, "new", ""), (ADDRESS, "new", "")]
    assert session.get_one(Source, number).trouble == "away"
