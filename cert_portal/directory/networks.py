"""Prefixes: their keys, reading the tables that are published, and which ones hold an address.

Each prefix of an address is one possible key, so the longest is found by at most 33 (IPv4) or 129 (IPv6) look-ups in
the primary key, however many prefixes there are and however they are nested; nothing is computed at import.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import delete, select, text

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory import events
from cert_portal.directory.parties import AutonomousSystem, Network, NetworkSource, Organisation

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network

CHUNK = 5000
MAPPED = 0xFFFF << 32
MOST_ASN = 2**32 - 1
_PUT = text(
    "INSERT INTO networks (key, source, asn, origins, organisation_id, country, batch) "
    "VALUES (:key, :source, :asn, :origins, :organisation_id, :country, :batch) "
    "ON CONFLICT (key, source) DO UPDATE SET asn = excluded.asn, origins = excluded.origins, "
    "organisation_id = excluded.organisation_id, country = excluded.country, batch = excluded.batch"
)


class Format(StrEnum):
    """Tables of networks that can be read."""

    PFX2AS = "pfx2as"
    DELEGATED = "delegated"
    CSV = "csv"


class BadLine(ValueError):
    """A line that is no line of its table; says what is wrong with it."""


@dataclass
class Loaded:
    """How an import stands: lines read, prefixes stored, and the lines that were refused (the first hundred)."""

    read: int = 0
    stored: int = 0
    rejected: int = 0
    wrong: list[str] = field(default_factory=list)


def key_of(prefix: Prefix) -> str:
    """The key of a prefix: 32 hexadecimal digits and three of length, in the space of IPv6."""
    first, length = int(prefix.network_address), prefix.prefixlen
    return _key(first, length) if prefix.version == 6 else _key(MAPPED | first, length + 96)


def prefix_of(key: str) -> Prefix:
    """The prefix of a key."""
    first, length = int(key[:32], 16), int(key[32:])
    if first >> 32 == 0xFFFF and length >= 96:
        return ipaddress.IPv4Network((first & 0xFFFFFFFF, length - 96))
    return ipaddress.IPv6Network((first, length))


def holding(address: Address) -> list[Network]:
    """Every prefix that holds the address, the longest first and the directory's own before others."""
    number = int(address) if address.version == 6 else MAPPED | int(address)
    least = 0 if address.version == 6 else 96
    keys = [_key(number >> (128 - length) << (128 - length), length) for length in range(least, 129)]
    found = session.scalars(select(Network).where(Network.key.in_(keys)))
    rank = list(NetworkSource)
    return sorted(found, key=lambda row: (-int(row.key[32:]), rank.index(NetworkSource(row.source))))


def _key(first: int, length: int) -> str:
    return f"{first:032x}{length:03d}"


def load(lines: Iterable[str], form: Format, actor: str) -> Iterator[Loaded]:
    """Read a table and put it in place of the one that was there; yields after each chunk, so that the caller commits.

    A kill half-way leaves old and new lines side by side; loading again completes it.
    """
    done, chunk = Loaded(), list[dict[str, object]]()
    batch = int(clock.now().timestamp())
    for row in _rows(lines, form, done):
        chunk.append({"source": form.value, "batch": batch, **row})
        if len(chunk) >= CHUNK:
            _put(chunk, done)
            yield done
    _put(chunk, done)
    session.execute(delete(Network).where(Network.source == form.value, Network.batch != batch))
    record(events.NETWORKS_IMPORTED, "networks", actor, source=form.value, stored=done.stored, rejected=done.rejected)
    yield done


def _put(chunk: list[dict[str, object]], done: Loaded) -> None:
    if chunk:
        session.execute(_PUT, chunk)
        done.stored += len(chunk)
        chunk.clear()


def _rows(lines: Iterable[str], form: Format, done: Loaded) -> Iterator[dict[str, object]]:
    readers = {Format.PFX2AS: _pfx2as, Format.DELEGATED: _delegated, Format.CSV: _csv}
    for number, line in enumerate(lines, start=1):
        plain = line.strip("\ufeff\r\n ")
        if not plain or plain.startswith("#"):
            continue
        done.read += 1
        try:
            yield from readers[form](plain)
        except (BadLine, ipaddress.AddressValueError, ipaddress.NetmaskValueError, ValueError, IndexError) as error:
            done.rejected += 1
            done.wrong.extend([f"line {number}: {error}"] if len(done.wrong) < 100 else [])


def _row(prefix: Prefix, **more: object) -> dict[str, object]:
    return {"key": key_of(prefix), "asn": None, "origins": "", "organisation_id": None, "country": "", **more}


def _pfx2as(line: str) -> Iterator[dict[str, object]]:
    """CAIDA's table: prefix, length, origin; `_` joins several origins, `,` stands in a set."""
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) != 3:
        raise BadLine("a prefix, its length and an ASN are needed")
    first, length, origins = fields
    yield _row(ipaddress.ip_network(f"{first}/{length}"), asn=_asn(origins), origins=origins[:200])


def _delegated(line: str) -> Iterator[dict[str, object]]:
    """A registry's table of delegations: where a range is registered. A range may be no power of two."""
    fields = line.split("|")
    if len(fields) < 7 or fields[2] not in ("ipv4", "ipv6") or fields[6] not in ("allocated", "assigned"):
        return
    country, first, size = fields[1].upper(), fields[3], int(fields[4])
    if fields[2] == "ipv6":
        yield _row(ipaddress.IPv6Network(f"{first}/{size}"), country=country[:2])
        return
    start = ipaddress.IPv4Address(first)
    for prefix in ipaddress.summarize_address_range(start, start + (size - 1)):
        yield _row(prefix, country=country[:2])


def _csv(line: str) -> Iterator[dict[str, object]]:
    """Our own table: prefix, asn, organisation (its name in the directory). A line without prefix names the ASN."""
    fields = [each.strip() for each in next(csv.reader([line]))] + ["", "", ""]
    prefix, asn, name = fields[:3]
    if prefix.lower() == "prefix":
        return
    owner = _organisation(name) if name else None
    if prefix:
        yield _row(ipaddress.ip_network(prefix), asn=_asn(asn) if asn else None, organisation_id=owner, origins=asn)
    elif asn and owner:
        session.merge(AutonomousSystem(asn=_asn(asn), organisation_id=owner))
    else:
        raise BadLine("a prefix, or an ASN with an organisation, is needed")


def _asn(told: str) -> int:
    first = told.upper().removeprefix("AS").strip("{}").replace(",", "_").split("_")[0]
    if not (first.isascii() and first.isdigit()) or int(first) > MOST_ASN:
        raise BadLine(f"{told[:40]!r} is no ASN")
    return int(first)


def _organisation(name: str) -> int:
    found = session.scalar(select(Organisation.id).where(Organisation.sort_key == name.casefold()))
    if found is None:
        raise BadLine(f"{name[:80]!r} is not in the directory")
    return found
