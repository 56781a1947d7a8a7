"""Registries: found by the table of IANA, asked with care, read as a stranger's words."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import feeds, rdap
from cert_portal.core.feeds import FeedRefused
from tests.core.test_feeds import Server, answering

DOMAIN = {
    "objectClassName": "domain",
    "handle": "1-HK",
    "ldhName": "bad.hk",
    "status": ["active", 7],
    "nameservers": [{"ldhName": "ns1.bad.hk"}, "odd"],
    "events": [
        {"eventAction": "registration", "eventDate": "2026-04-01T00:00:00Z"},
        {"eventAction": "last update of RDAP database", "eventDate": "2026-05-01T00:00:00Z"},
    ],
    "entities": [
        {
            "roles": ["registrar"],
            "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Peak\u0000  Domains"]]],
            "entities": [
                {"roles": ["abuse"], "vcardArray": ["vcard", [["email", {}, "text", "Abuse@Peak.example"], ["email"]]]},
                {"roles": ["abuse"], "vcardArray": ["vcard", [["email", {}, "text", "abuse@peak.example"]]]},
                {"roles": ["abuse"], "vcardArray": ["vcard"]},
            ],
        },
        {"roles": ["registrant"], "vcardArray": ["vcard", [["org", {}, "text", "A shop"]]]},
        {"roles": "registrant"},
    ],
}
NETWORK = {
    "objectClassName": "ip network",
    "startAddress": "203.0.113.0",
    "endAddress": "203.0.113.255",
    "country": "HK",
}
TABLE = {
    "services": [[["hk", "XN--J6W193G"], ["http://plain.example/", "https://rdap.example/x"]], [["com"], []], "odd"]
}


def test_the_facts_of_a_domain_are_read() -> None:
    facts = rdap.read(json.dumps(DOMAIN).encode())
    assert (facts["name"], facts["registrar"], facts["holder"]) == ("bad.hk", "Peak Domains", "A shop")
    assert facts["abuse"] == ["abuse@peak.example"]
    assert facts["status"] == ["active", ""]
    assert facts["nameservers"] == ["ns1.bad.hk"]
    assert facts["events"] == {"registration": "2026-04-01T00:00:00Z"}
    told = rdap.read(json.dumps(NETWORK).encode())
    assert (told["range"], told["country"], told["abuse"]) == ("203.0.113.0 – 203.0.113.255", "HK", [])


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(FeedRefused, match="no_answer"):
        rdap.read(body)


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda each: st.lists(each) | st.dictionaries(st.text(), each))
)
def test_no_answer_of_a_stranger_breaks_the_reader(told: object) -> None:
    whole = {**DOMAIN, "entities": told, "events": told, "status": told, "ldhName": told}
    assert rdap.read(json.dumps(whole).encode())["object"] == "domain"


def test_the_table_says_whom_to_ask() -> None:
    known = rdap.services(json.dumps(TABLE).encode())
    assert rdap.server("domain", "bad.com.hk", known) == "https://rdap.example/x/"
    assert rdap.server("domain", "x.xn--j6w193g", known) == "https://rdap.example/x/"
    assert rdap.server("domain", "bad.com", known) == rdap.server("domain", "bad.example", known) == ""
    networks = [[["203.0.0.0/8", "nonsense"], ["https://a.example/"]], [["203.0.113.0/24"], ["https://b.example/"]]]
    assert rdap.server("ip", "203.0.113.7", networks) == "https://b.example/"
    assert rdap.server("ip", "2001:db8::1", networks) == ""
    numbers = [[["4608-4865"], ["https://a.example/"]], [["7"], ["https://b.example/"]]]
    assert rdap.server("asn", "4760", numbers) == "https://a.example/"
    assert rdap.server("asn", "7", numbers) == "https://b.example/"
    assert rdap.services(b'{"services": 7}') == []
    assert [rdap.space("ip", each) for each in ("192.0.2.1", "2001:db8::1")] == ["ipv4", "ipv6"]
    assert rdap.space("asn", "7") == "asn"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A registry that may be asked although it is on this machine."""
    found = Server(
        {
            "/domain/www.bad.hk": answering(404),
            "/domain/bad.hk": answering(200, json.dumps(DOMAIN).encode()),
            "/domain/gone.hk": answering(404),
            "/domain/broken.hk": answering(500),
            "/ip/203.0.113.7": answering(200, json.dumps(NETWORK).encode()),
        }
    )
    monkeypatch.setattr(feeds, "is_public", lambda address: address == "127.0.0.1")
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_the_registry_is_asked_for_the_name_that_was_registered(server: Server) -> None:
    known = [[["hk"], [server.base]], [["203.0.0.0/8"], [server.base]]]
    assert rdap.ask("domain", "www.bad.hk", known)["name"] == "bad.hk"
    assert server.asked[-1]["Accept"] == rdap.ACCEPT
    assert rdap.ask("ip", "203.0.113.7", known)["country"] == "HK"
    for name, reason in (("gone.hk", "not_found"), ("broken.hk", "status_500"), ("bad.test", "no_registry")):
        with pytest.raises(FeedRefused, match=reason):
            rdap.ask("domain", name, known)


def test_a_registry_at_a_private_address_is_not_asked() -> None:
    with pytest.raises(FeedRefused, match="not_public"):
        rdap.ask("domain", "bad.hk", [[["hk"], ["http://127.0.0.1:1/"]]])
