"""Shared searches in a file of settings: each is known by its owner and name, and who changes one is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cert_portal.cases import exchange, saved
from cert_portal.cases.exchange_file import ExchangeRefused
from cert_portal.cases.queue import Sort
from cert_portal.core.events import of_subjects
from cert_portal.directory.models import User
from tests.cases.desk import person
from tests.cases.test_exchange import file

pytestmark = pytest.mark.usefixtures("context")
NEW = {"name": "Bank", "query": "is:closed", "sort": "newest", "position": 3, "view": ""}
ANNS, BENS = ({"owner": f"{name}@portal.example"} for name in ("ann", "ben"))


@pytest.fixture
def ben(ann: User) -> User:
    return person("Ben")


@pytest.fixture
def dan(ann: User) -> User:
    return person("Dan", "admin")


def shared() -> list[tuple[int, str, str]]:
    """The searches that the team shares, each with its owner."""
    return [(each.owner_id, each.name, each.query) for each in saved.shared()]


def test_searches_of_one_name_travel_and_come_back_as_they_are(ann: User, ben: User, dan: User) -> None:
    for owner, name in ((ann, "Bank"), (ann, "bank"), (ben, "Bank")):
        saved.save(name, "is:open", Sort.NEWEST, owner, shared=True)
    told = exchange.export()
    assert exchange.read(told, dan) == []
    views = json.loads(told)["views"]
    assert sorted((each["owner"], each["name"]) for each in views) == [
        *(("ann@portal.example", "Bank"), ("ann@portal.example", "bank"), ("ben@portal.example", "Bank")),
    ]
    changes = exchange.read(file(views=[NEW | BENS]), dan)
    assert [(each.what, each.differs) for each in changes] == [("Bank", ["query", "position"])]
    exchange.take(changes, dan)
    assert shared() == [(ann.id, "Bank", "is:open"), (ann.id, "bank", "is:open"), (ben.id, "Bank", "is:closed")]
    with pytest.raises(ExchangeRefused) as refused:
        exchange.read(file(views=[NEW | ANNS, NEW | {"name": " Bank ", "owner": "Ann@portal.example"}]), dan)
    assert (refused.value.place, refused.value.reason, refused.value.told) == ("views 2", "twice", "Bank")


def test_all_searches_of_people_who_are_not_here_become_those_of_who_takes_the_file(ann: User, dan: User) -> None:
    owner = {"owner": "zoe@elsewhere.example"}
    told = file(views=[*(NEW | owner | {"name": f"Bank {number}"} for number in range(25)), NEW | ANNS])
    assert exchange.adopted(told) == ["zoe@elsewhere.example"]
    assert exchange.take(exchange.read(told, dan), dan) == 26
    assert [each[0] for each in shared()].count(dan.id) == 25


def test_whose_a_search_is_that_names_nobody_here(ann: User, ben: User, dan: User) -> None:
    saved.save("Bank", "is:open", Sort.NEWEST, ann, shared=True)
    exchange.take(exchange.read(file(views=[NEW]), dan), dan)
    assert shared() == [(ann.id, "Bank", "is:closed")], "the only one of that name"
    zoes = NEW | {"owner": "zoe@elsewhere.example"}
    exchange.take(exchange.read(file(views=[zoes]), dan), dan)
    assert exchange.read(file(views=[zoes]), dan) == []
    assert shared() == [(ann.id, "Bank", "is:closed"), (dan.id, "Bank", "is:closed")], "else of who takes the file"
    with pytest.raises(ExchangeRefused, match="twice"):
        exchange.read(file(views=[zoes, zoes | {"owner": "yan@elsewhere.example"}]), dan)
    exchange.take(exchange.read(file(views=[NEW | {"query": "is:open"}]), dan), dan)
    assert shared() == [(ann.id, "Bank", "is:closed"), (dan.id, "Bank", "is:open")]


def test_a_search_that_somebody_keeps_alone_is_not_written_over(ann: User, dan: User) -> None:
    saved.save("Bank", "tag:secret", Sort.NEWEST, ann, shared=False)
    with pytest.raises(ExchangeRefused) as refused:
        exchange.read(file(views=[NEW | ANNS]), dan)
    assert (refused.value.place, refused.value.reason, refused.value.told) == ("views 1", "field", "name")


def test_the_record_says_who_changed_it_and_each_field_before_and_after(ann: User, dan: User) -> None:
    row = saved.save("Bank", "is:open", Sort.NEWEST, ann, shared=True)
    before = len(of_subjects([ann.actor]))
    exchange.take(exchange.read(file(views=[NEW | ANNS | {"sort": "changed"}]), dan), dan)
    assert len(of_subjects([ann.actor])) == before
    (event,) = [each for each in of_subjects([dan.actor]) if each.kind.startswith("desk.search")]
    told: dict[str, Any] = {"query": "is:open", "sort": "newest", "position": 0, "view": ""}
    assert (event.kind, event.actor, event.text, event.data) == (
        *("desk.search_saved", dan.actor, "Bank"),
        {
            "search": row.id,
            "shared": True,
            "what": "Bank",
            "before": told,
            "after": {"query": "is:closed", "sort": "changed", "position": 3, "view": ""},
        },
    )


def test_what_a_person_keeps_alone_is_in_no_record(ann: User) -> None:
    row = saved.save("Bank", "tag:secret", Sort.NEWEST, ann, shared=False)
    assert of_subjects([ann.actor])[-1].data == {
        "search": row.id,
        "shared": False,
        "what": "",
        "before": {},
        "after": {},
    }
    saved.save("Bank", "tag:known", Sort.NEWEST, ann, shared=True)
    assert of_subjects([ann.actor])[-1].data["before"] == {}
