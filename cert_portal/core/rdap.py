"""Asking registries who holds an address or a domain: RDAP (RFC 9082, RFC 9083), found by RFC 9224.

The answers are a stranger's words: read with care, shortened, never followed. They are fetched by the reader of feeds,
which connects to public addresses only.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from cert_portal.core.feeds import FeedRefused, Reader
from cert_portal.core.text import clean

ACCEPT = "application/rdap+json, application/json"
FILES = {"domain": "dns", "ipv4": "ipv4", "ipv6": "ipv6", "asn": "asn"}
"""The files of the bootstrap registry, by what is asked about."""
MOST_NAMES, MOST_ENTITIES, DEPTH, LONGEST = 3, 50, 4, 200
Services = list[list[list[str]]]


def space(kind: str, value: str) -> str:
    """In which space a value lies: domain, ipv4, ipv6 or asn."""
    return f"ipv{ipaddress.ip_address(value).version}" if kind == "ip" else kind


def services(body: bytes) -> Services:
    """The services of a bootstrap file: pairs of what each answers for and where. Raises FeedRefused("no_answer")."""
    found = _object(body).get("services")
    rows = found if isinstance(found, list) else []
    return [
        [[str(each).lower() for each in row[0]], [str(each) for each in row[1]]]
        for row in rows
        if isinstance(row, list) and len(row) == 2 and all(isinstance(part, list) for part in row)
    ]


def server(kind: str, value: str, known: Services) -> str:
    """Where to ask about a value, with a slash at the end; "" when nobody is known."""
    best, found = -1, ""
    for entries, places in known:
        for entry in entries:
            length = _match(kind, value, entry)
            if length > best and places:
                best, found = length, next((each for each in places if each.startswith("https:")), places[0])
    return found if not found or found.endswith("/") else f"{found}/"


def _match(kind: str, value: str, entry: str) -> int:
    """How well an entry of the bootstrap file holds a value: the longer the better, -1 for not at all."""
    try:
        if kind == "domain":
            return len(entry) if value == entry or value.endswith(f".{entry}") else -1
        if kind == "asn":
            first, _, last = entry.partition("-")
            return 0 if int(first) <= int(value) <= int(last or first) else -1
        network = ipaddress.ip_network(entry, strict=False)
        return network.prefixlen if ipaddress.ip_address(value) in network else -1
    except ValueError:
        return -1


def ask(kind: str, value: str, known: Services) -> dict[str, Any]:
    """What the registry says about an IP address, a domain (or the one above it) or an AS number. Raises FeedRefused:
    no_registry, not_found, no_answer, or why the server could not be read.
    """
    where = server(kind, value, known)
    if not where:
        raise FeedRefused("no_registry")
    path = {"ip": "ip", "asn": "autnum"}.get(kind, "domain")
    for name in _names(kind, value):
        try:
            answer = Reader(accept=ACCEPT).fetch(f"{where}{path}/{quote(name, safe=':')}")
        except FeedRefused as error:
            if error.reason != "status_404":
                raise
        else:
            return read(answer.body or b"")
    raise FeedRefused("not_found")


def _names(kind: str, value: str) -> list[str]:
    """A registry knows names that were registered, not the hosts below them."""
    if kind != "domain":
        return [value]
    labels = value.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)][-MOST_NAMES:] or [value]


def read(body: bytes) -> dict[str, Any]:
    """The facts of an answer that an analyst needs. Raises FeedRefused("no_answer") when it is none."""
    told = _object(body)
    if not told.get("objectClassName"):
        raise FeedRefused("no_answer")
    entities = list(_entities(told, DEPTH))[:MOST_ENTITIES]
    holders = [each for each in entities if "registrant" in _roles(each)]
    registrars = [each for each in entities if "registrar" in _roles(each)]
    abuse = [mail for each in entities if "abuse" in _roles(each) for mail in _mails(each)]
    ends = (_plain(told.get("startAddress")), _plain(told.get("endAddress")))
    facts = {
        "object": _plain(told.get("objectClassName")),
        "handle": _plain(told.get("handle")),
        "name": _plain(told.get("ldhName") or told.get("name")),
        "range": " – ".join(each for each in ends if each),
        "country": _plain(told.get("country"))[:2],
        "holder": next((name for each in holders if (name := _name(each))), ""),
        "registrar": next((name for each in registrars if (name := _name(each))), ""),
        "abuse": list(dict.fromkeys(abuse))[:5],
        "status": [_plain(each) for each in _list(told.get("status"))][:10],
        "nameservers": [_plain(each.get("ldhName")) for each in _dicts(told.get("nameservers"))][:10],
    }
    events = {_plain(each.get("eventAction")): _plain(each.get("eventDate")) for each in _dicts(told.get("events"))}
    wanted = ("registration", "expiration", "last changed")
    return facts | {"events": {name: events[name] for name in wanted if events.get(name)}}


def _entities(told: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """Entities also stand within others: the contact for abuse often does."""
    for each in _dicts(told.get("entities")) if depth else []:
        yield each
        yield from _entities(each, depth - 1)


def _roles(entity: dict[str, Any]) -> list[str]:
    return [str(each) for each in _list(entity.get("roles"))]


def _card(entity: dict[str, Any], wanted: str) -> list[str]:
    """The values of one property of a jCard (RFC 7095)."""
    card = _list(entity.get("vcardArray"))
    rows = card[1] if len(card) > 1 and isinstance(card[1], list) else []
    return [_plain(row[3]) for row in rows if isinstance(row, list) and len(row) > 3 and row[0] == wanted]


def _name(entity: dict[str, Any]) -> str:
    return next((each for each in (*_card(entity, "fn"), *_card(entity, "org")) if each), "")


def _mails(entity: dict[str, Any]) -> list[str]:
    return [each.lower() for each in _card(entity, "email") if "@" in each and " " not in each]


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise FeedRefused("no_answer") from error
    if not isinstance(found, dict):
        raise FeedRefused("no_answer")
    return found


def _list(told: object) -> Sequence[Any]:
    return told if isinstance(told, list) else []


def _dicts(told: object) -> list[dict[str, Any]]:
    return [each for each in _list(told) if isinstance(each, dict)]


def _plain(told: object) -> str:
    return " ".join(clean(told).split())[:LONGEST] if isinstance(told, str) else ""
