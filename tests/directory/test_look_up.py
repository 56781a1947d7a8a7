"""Who answers, and why."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from cert_portal.core.db import session
from cert_portal.directory import networks
from cert_portal.directory.look_up import domain_name, who_answers
from cert_portal.directory.networks import Format
from tests.directory.parties import contact, party

BARE: dict[str, Any] = {"asns": [], "prefixes": [], "domains": []}


def codes(told: str) -> list[str]:
    return [step.code for step in who_answers(told).steps]


@pytest.fixture
def harbour(context: Flask) -> int:
    row = party(prefixes=[])
    contact(row)
    session.commit()
    for _done in networks.load(["203.0.113.0\t24\t64500", "198.51.100.0\t24\t64510"], Format.PFX2AS, "system"):
        session.commit()
    return row.id


@pytest.mark.parametrize(
    ("told", "chain"),
    [
        ("203.0.113.7", ["network", "announced", "system", "contact"]),
        ("203[.]0[.]113[.]7", ["network", "announced", "system", "contact"]),
        ("::ffff:203.0.113.7", ["network", "announced", "system", "contact"]),
        ("https://user@203.0.113.7:8080/login", ["host", "network", "announced", "system", "contact"]),
        ("hxxps://www.harbour[.]example/x", ["host", "domain", "contact"]),
        ("Mail.HARBOUR.example.", ["domain", "contact"]),
        ("someone@harbour.example", ["mailbox", "domain", "contact"]),
        ("AS64500", ["system", "contact"]),
        ("as 64500", ["system", "contact"]),
    ],
)
def test_somebody_answers(harbour: int, told: str, chain: list[str]) -> None:
    answer = who_answers(told)
    assert answer.organisation is not None
    assert answer.organisation.id == harbour
    assert [step.code for step in answer.steps] == chain
    assert answer.contact is not None
    assert answer.contact.email == "abuse@harbour.example"


@pytest.mark.parametrize(
    ("told", "chain"),
    [
        ("192.0.2.1", ["no_network"]),
        ("198.51.100.1", ["network", "announced", "unknown_system"]),
        ("2001:db8::1", ["no_network"]),
        ("http://[2001:db8::1]/", ["host", "no_network"]),
        ("nobody.example", ["no_domain"]),
        ("AS64999", ["unknown_system"]),
        ("AS9999999999", ["unknown_system"]),
        ("what is this", ["not_an_address"]),
        ("x" * 300, ["not_an_address"]),
        ("ab" * 40 + ".é" * 30, ["not_an_address"]),
        ("", ["not_an_address"]),
    ],
)
def test_nobody_answers(harbour: int, told: str, chain: list[str]) -> None:
    answer = who_answers(told)
    assert answer.organisation is None
    assert [step.code for step in answer.steps] == chain


def test_the_longest_suffix_wins(context: Flask) -> None:
    registry = party(kind="registry", name_en="Registry", **{**BARE, "domains": ["example", "香港"]})
    harbour = party(asns=[], prefixes=[])
    assert who_answers("www.harbour.example").organisation is harbour
    assert who_answers("other.example").organisation is registry
    assert who_answers("例子.香港").organisation is registry
    assert codes("other.example") == ["domain", "no_contact"]


def test_a_wider_network_answers_where_nobody_is_known_for_the_narrower(context: Flask) -> None:
    harbour = party(asns=[], domains=[])
    for _done in networks.load(["203.0.113.0\t25\t64999"], Format.PFX2AS, "system"):
        session.commit()
    answer = who_answers("203.0.113.7")
    assert answer.organisation is not None
    assert answer.organisation.id == harbour.id
    assert [step.code for step in answer.steps][:5] == ["network", "announced", "unknown_system", "network", "held"]


def test_where_a_network_is_registered_is_told(context: Flask) -> None:
    for _done in networks.load(["apnic|HK|ipv4|203.0.113.0|256|20110412|allocated"], Format.DELEGATED, "system"):
        session.commit()
    assert codes("203.0.113.7") == ["network", "registered"]


def test_domains_in_one_spelling() -> None:
    assert domain_name(" WWW.Example. ") == "www.example"
    assert domain_name("例子.香港") == "xn--fsqu00a.xn--j6w193g"
    assert domain_name("a..b") == ""
