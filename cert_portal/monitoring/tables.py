"""Tables as Shadowserver sends them: CSV, alone or in a .zip or .gz, read by the names of the columns, with limits."""

from __future__ import annotations

import csv
import gzip
import io
import ipaddress
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from cert_portal.core.text import clean

MOST_ROWS = 2_000
MOST_BYTES = 20_000_000
MOST_FILES = 20
MOST_HEAD = 20_000
"""Bytes in which the names of the columns stand."""
KINDS = {
    "event4_sinkhole": ("botnet", "malicious-code/infected-system"),
    "event4_sinkhole_http": ("botnet", "malicious-code/infected-system"),
    "event6_sinkhole": ("botnet", "malicious-code/infected-system"),
    "event4_honeypot_brute_force": ("intrusion", "intrusion-attempts/login-attempts"),
    "event4_honeypot_ddos": ("ddos", "availability/ddos"),
    "event4_ddos_participant": ("botnet", "malicious-code/infected-system"),
    "compromised_website": ("intrusion", "intrusions/system-compromise"),
    "phish_url": ("phishing", "fraud/phishing"),
}
"""Kind and RSIT by the type in the file's name; the rest are open or weak services."""
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-([^-]{1,60})(?:-.*)?\.csv")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    lzma.LZMAError,
)


class TooBig(Exception):
    """More rows or bytes than a message may bring."""


@dataclass
class Room:
    """How many bytes may still be unpacked of all files of a message together."""

    left: int = MOST_BYTES


def rows(filename: str, data: bytes, room: Room | None = None) -> list[dict[str, str]]:
    """The rows by column; none when it is no table of sightings. Raises TooBig."""
    name, place = filename.lower(), room or Room()
    try:
        if name.endswith(".gz"):
            return _rows(_limited(gzip.GzipFile(fileobj=io.BytesIO(data)), place))
        if name.endswith(".zip"):
            return _in_archive(data, place)
    except _BROKEN:
        return []
    return _rows(data) if name.endswith(".csv") else []


def type_of(filename: str) -> str:
    """The type of report that the file's name tells."""
    found = _NAME.match(filename.lower().removesuffix(".zip").removesuffix(".gz").removesuffix(".csv") + ".csv")
    return found[1] if found else ""


def address(told: str) -> str:
    """An IP address in one spelling; "" when it is none."""
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return ""


def _in_archive(data: bytes, room: Room) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [each for each in archive.infolist() if each.filename.lower().endswith(".csv")]
        for each in names[:MOST_FILES]:
            with archive.open(each) as file:
                found.extend(_rows(_limited(file, room)))
    if len(found) > MOST_ROWS:
        raise TooBig
    return found


def _limited(file: IO[bytes] | gzip.GzipFile, room: Room) -> bytes:
    data = file.read(room.left + 1)
    room.left -= len(data)
    if room.left < 0:
        raise TooBig
    return data


def _rows(data: bytes) -> list[dict[str, str]]:
    if len(data) > MOST_BYTES:
        raise TooBig
    if b"timestamp" not in data[:MOST_HEAD].lower():  # before the rest is read
        return []
    lines = io.StringIO(clean(data.decode("utf-8-sig", "replace")))
    found: list[dict[str, str]] = []
    try:
        for row in csv.DictReader(lines):
            told = {str(key).strip().lower(): value for key, value in row.items() if isinstance(value, str)}
            if not _is_sighting(told):
                return []
            if len(found) == MOST_ROWS:
                raise TooBig
            found.append(told)
    except csv.Error:
        return []
    return found


def _is_sighting(row: dict[str, str]) -> bool:
    """By the names of the columns, and an address in it: a person's own table stays with the person's report."""
    named = "timestamp" in row and ("asn" in row or "src_asn" in row)
    return named and bool(address(row.get("ip") or row.get("src_ip") or ""))
