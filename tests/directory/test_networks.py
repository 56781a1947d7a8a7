"""Which prefix holds an address: against a naive search, from the published tables, and quickly."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory import networks
from cert_portal.directory.networks import Format, Loaded
from cert_portal.directory.parties import AutonomousSystem, Network
from tests.directory.parties import party

V4 = st.builds(
    lambda number, length: ipaddress.IPv4Network((number >> (32 - length) << (32 - length), length)),
    st.integers(0xCB007000, 0xCB0071FF),
    st.integers(8, 32),
)
V6 = st.builds(
    lambda number, length: ipaddress.IPv6Network(
        ((0x20010DB8 << 96 | number) >> (128 - length) << (128 - length), length)
    ),
    st.integers(0, 2**20),
    st.integers(0, 128),
)
ADDRESSES = st.one_of(
    st.integers(0xCB007000, 0xCB0071FF).map(ipaddress.IPv4Address),
    st.integers(0, 2**20).map(lambda number: ipaddress.IPv6Address(0x20010DB8 << 96 | number)),
)


def load(lines: list[str], form: Format) -> Loaded:
    done = Loaded()
    for so_far in networks.load(lines, form, "system"):
        session.commit()
        done = so_far
    return done


def found(address: str) -> list[tuple[str, int | None]]:
    return [(str(networks.prefix_of(row.key)), row.asn) for row in networks.holding(ipaddress.ip_address(address))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prefixes=st.lists(st.one_of(V4, V6), max_size=30, unique=True), addresses=st.lists(ADDRESSES, max_size=10))
def test_the_longest_prefix_is_what_a_naive_search_finds(
    context: Flask, prefixes: list[Any], addresses: list[Any]
) -> None:
    session.execute(delete(Network))
    session.add_all(
        Network(key=networks.key_of(each), source="csv", asn=position) for position, each in enumerate(prefixes)
    )
    session.flush()
    for address in addresses:
        naive = [each for each in prefixes if each.version == address.version and address in each]
        expected = sorted(naive, key=lambda each: -each.prefixlen)
        assert [networks.prefix_of(row.key) for row in networks.holding(address)] == expected
    session.rollback()


@given(st.one_of(V4, V6))
def test_a_key_has_a_fixed_width_and_leads_back(prefix: Any) -> None:
    key = networks.key_of(prefix)
    assert len(key) == 35
    assert networks.prefix_of(key) == prefix


def test_keys_sort_as_ranges_do() -> None:
    ranges = ["::/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "203.0.113.0/24", "2001:db8::/32", "2001:db8::/33"]
    keys = [networks.key_of(ipaddress.ip_network(each)) for each in ranges]
    assert keys == sorted(keys)


def test_the_table_of_caida(context: Flask) -> None:
    lines = [
        "# a comment",
        "203.0.113.0\t24\t64500",
        "203.0.113.0\t25\t64501_64502",
        "198.51.100.0\t24\t{64503,64504}",
        "2001:db8::\t32\t64505",
        "",
        "203.0.113.0\t99\t64500",
        "nonsense",
        "203.0.113.0\t24\tunknown",
    ]
    done = load(lines, Format.PFX2AS)
    assert (done.read, done.stored, done.rejected) == (7, 4, 3)
    assert [each.partition(":")[0] for each in done.wrong] == ["line 7", "line 8", "line 9"]
    assert found("203.0.113.7") == [("203.0.113.0/25", 64501), ("203.0.113.0/24", 64500)]
    assert found("198.51.100.1") == [("198.51.100.0/24", 64503)]
    assert found("2001:db8::1") == [("2001:db8::/32", 64505)]
    assert found("192.0.2.1") == []
    assert [event.kind for event in of_subjects(["networks"])] == ["networks.imported"]


def test_an_empty_table_empties(context: Flask) -> None:
    load(["203.0.113.0\t24\t64500"], Format.PFX2AS)
    session.execute(Network.__table__.update().values(batch=1))  # type: ignore[attr-defined]  # as if long ago
    assert load(["# nothing"], Format.PFX2AS).read == 0
    assert found("203.0.113.0") == []


def test_a_new_table_replaces_the_last_one(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "CHUNK", 2)
    load([f"203.0.113.{number}\t32\t64500" for number in range(5)], Format.PFX2AS)
    assert session.scalar(select(func.count()).select_from(Network)) == 5
    session.execute(Network.__table__.update().values(batch=1))  # type: ignore[attr-defined]  # as if long ago
    load(["203.0.113.0\t32\t64501"], Format.PFX2AS)
    assert found("203.0.113.0") == [("203.0.113.0/32", 64501)]
    assert found("203.0.113.1") == []


def test_the_table_of_a_registry(context: Flask) -> None:
    lines = [
        "2|apnic|20220116|72101|19830613|20220114|+1000",
        "apnic|*|ipv4|*|48326|summary",
        "apnic|HK|asn|4760|1|19950101|allocated",
        "apnic|HK|ipv4|203.0.113.0|192|20110412|allocated",
        "apnic|HK|ipv6|2001:db8::|32|20110412|assigned|A9173591",
        "apnic||ipv4|198.51.100.0|256||available|",
        "apnic|HK|ipv4|1.2.3|256|20110412|allocated",
    ]
    done = load(lines, Format.DELEGATED)
    assert (done.stored, done.rejected) == (3, 1)
    rows = networks.holding(ipaddress.ip_address("203.0.113.130"))
    assert [(str(networks.prefix_of(row.key)), row.country) for row in rows] == [("203.0.113.128/26", "HK")]


def test_our_own_table(context: Flask) -> None:
    row = party(asns=[], prefixes=[], domains=[])
    session.commit()
    lines = [
        "\ufeffprefix,asn,organisation",
        "203.0.113.0/24,AS64500,",
        '198.51.100.0/24,,"Harbour Hosting"',
        ",64500,harbour hosting",
        "192.0.2.0/24,,Nobody",
        ",64501,",
        ",99999999999,Harbour Hosting",
    ]
    done = load(lines, Format.CSV)
    assert (done.read, done.stored, done.rejected) == (7, 2, 3)
    assert found("203.0.113.7") == [("203.0.113.0/24", 64500)]
    assert session.get_one(AutonomousSystem, 64500).organisation_id == row.id


def test_the_directory_comes_before_other_sources(context: Flask) -> None:
    row = party(asns=[])
    load(["203.0.113.0\t24\t64510"], Format.PFX2AS)
    rows = networks.holding(ipaddress.ip_address("203.0.113.7"))
    assert [each.source for each in rows] == ["directory", "pfx2as"]
    assert rows[0].organisation_id == row.id
