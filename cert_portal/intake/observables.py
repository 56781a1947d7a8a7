"""Addresses, hashes and the like in a text: what tells that two reports speak of one thing."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator

from cert_portal.core.text import refang

_HOW = re.IGNORECASE | re.ASCII  # so that an address may follow a Chinese character without a blank
_URL = re.compile(r"\bhttps?://[^\s\u00a0\u3000<>\"'）」』】，。；、|\\^`{}]{3,2000}", _HOW)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}\b", _HOW)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)", _HOW)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", _HOW)
_HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b", _HOW)
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,7}\b", _HOW)
MOST = 500


def find(words: str) -> list[tuple[str, str]]:
    """Pairs (kind, value) in one spelling, once each, at most MOST; defanged forms are understood.

    Kinds: url, domain (of a URL), ip, email, hash, cve.
    """
    found: dict[tuple[str, str], None] = {}
    for pair in _all(refang(words)):
        found[pair] = None
        if len(found) == MOST:
            break
    return list(found)


def digest(value: str) -> str:
    """The key by which values are compared: short enough to index whatever the length."""
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def _all(plain: str) -> Iterator[tuple[str, str]]:
    for match in _URL.finditer(plain):
        url = match[0].rstrip(".,;:!?)]")
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        host = host.rpartition("@")[2].lower()
        yield "url", f"{scheme.lower()}://{host}{slash}{path}"
        name = host.partition(":")[0].rstrip(".")
        if "." in name and not _address(name):
            yield "domain", name
    for match in _EMAIL.finditer(plain):
        yield "email", match[0].lower()
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(plain):
            if address := _address(match[0]):
                yield "ip", address
    for match in _HASH.finditer(plain):
        yield "hash", match[0].lower()
    for match in _CVE.finditer(plain):
        yield "cve", match[0].upper()


def _address(told: str) -> str:
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return ""
