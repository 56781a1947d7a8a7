"""Importing the directory: all of a file or nothing; twice changes nothing; mistakes are named by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cert_portal.core.db import session
from cert_portal.directory import contacts, importing, keys, organisations
from cert_portal.directory.importing import COLUMNS, Imported, ImportRefused
from cert_portal.directory.look_up import who_answers
from cert_portal.directory.parties import Contact, Organisation
from tests.directory.parties import Outside

HEAD = ",".join(COLUMNS)
FIRST = (
    "isp,Harbour Net,維港網絡,telecom,HK,abuse@harbour.example,+852 5550 0100,zh-hant;en,7x24x4,AS64500 64501,"
    "203.0.113.0/24,harbour.example,TLP:GREEN,csv,,2026-03-02"
)
LINES = f"""{HEAD}
{FIRST}
isp,Harbour Net,,,,noc@harbour.example,,,,,198.51.100.0/24,,,,,
cert,CERT Examplia,,,XA,,+1 555 0100,en,8x5xNBD,,,,,,,
"""


def run(name: str, data: bytes) -> Imported:
    entries = importing.read(name, data)
    importing.take_keys(entries)
    return importing.store(entries, "system")


def refused(name: str, data: bytes) -> list[str]:
    with pytest.raises(ImportRefused) as error:
        run(name, data)
    session.rollback()
    return error.value.wrong


def test_a_table_is_imported_and_again_changes_nothing(context: Flask) -> None:
    done = run("a.csv", LINES.encode("utf-8-sig"))
    assert (done.read, done.added, done.changed, done.unchanged) == (3, 5, 1, 0)
    row = organisations.by_name("harbour net")
    assert row is not None
    assert organisations.holdings(row).asns == [64500, 64501]
    assert [str(each) for each in organisations.holdings(row).prefixes] == ["198.51.100.0/24", "203.0.113.0/24"]
    first = contacts.of(row)[0]
    assert (first.languages, first.service_level, first.tlp, first.format) == (
        ["zh-hant", "en"],
        "7x24x4",
        "TLP:GREEN",
        "csv",
    )
    assert str(first.verified_on) == "2026-03-02"
    contacts.of(row)[1].active = False
    again = run("a.csv", LINES.encode())
    assert (again.added, again.changed, again.unchanged) == (0, 0, 6)
    assert not contacts.of(row)[1].active


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "'kind' is missing"),
        (b"kind,colour\n", "unknown columns: colour"),
        (HEAD.encode(), "no line"),
        (b"kind,name_en,email\nisp,A\n", "line 2: an e-mail address or a telephone number is needed"),
        (b"kind,name_en,email,verified_on\nisp,A,a@b.example,today\n", "line 2: verified_on"),
        (b"kind,name_en,email\npirate,A,a@b.example\n", "line 2: unknown kind: pirate"),
        (b'kind,name_en,email\nisp,"' + b"x" * 200_000 + b'",a@b.example\n', "line 1: field larger"),
    ],
)
def test_mistakes_in_a_table_are_named(context: Flask, data: bytes, told: str) -> None:
    assert told in refused("a.csv", data)[0]
    assert session.scalar(select(func.count(Organisation.id))) == 0


def test_one_bad_line_stores_nothing(context: Flask) -> None:
    wrong = refused("a.csv", b"kind,name_en,email\nisp,A,a@b.example\nisp,B,nonsense\nisp,,c@d.example\n")
    assert wrong == ["line 3: bad email: nonsense", "line 4: no name"]
    assert importing.is_empty()
    assert session.scalar(select(func.count(Contact.id))) == 0


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        ("{", "not JSON"),
        ({"organisations": {}}, "a list of organisations"),
        (["x"], "organisation 1: unknown fields"),
        ([{"kind": "isp", "colour": "red"}], "organisation 1: unknown fields"),
        ([{"kind": "isp", "contacts": ["x"]}], "organisation 1: unknown fields"),
        ([{"kind": "isp", "contacts": "x"}], "organisation 1: unknown fields"),
        ([{"kind": "isp", "name_en": "A"}], "organisation 1: an e-mail address"),
        ([{"kind": "isp", "name_en": "A", "email": "a@b.example", "keys": ["x"]}], "organisation 1: no key"),
    ],
)
def test_mistakes_in_a_list_are_named(context: Flask, whole: Any, told: str) -> None:
    data = whole if isinstance(whole, str) else json.dumps(whole)
    assert told in refused("a.json", data.encode())[0]


def test_a_list_brings_contacts_and_keys(context: Flask, home: Path) -> None:
    outside = Outside(home / "outside-import")
    person = {"email": "abuse@harbour.example", "key_fingerprint": outside.fingerprint, "must_encrypt": True}
    row = {"kind": "hosting", "name_en": "Harbour", "asn": [64500], "keys": outside.public, "contacts": [person]}
    tried = importing.read("a.json", json.dumps([row]).encode())
    importing.take_keys(tried, only_look=True)
    assert importing.store(tried, "system").keys == 1
    session.rollback()
    done = run("a.JSON", json.dumps([row]).encode())
    assert (done.read, done.added, done.keys) == (2, 2, 1)
    found = who_answers("AS64500")
    assert found.contact is not None
    assert found.contact.must_encrypt
    assert keys.trouble(found.contact.key_fingerprint) == ""


def test_the_starter_directory_is_marked_and_complete(context: Flask) -> None:
    assert importing.is_empty()
    run(importing.STARTER.name, importing.STARTER.read_bytes())
    rows = session.scalars(select(Organisation)).all()
    assert len(rows) >= 25
    assert all(row.fictional for row in rows)
    assert {"isp", "hosting", "registry", "registrar", "police", "regulator", "government", "vendor", "cert"} <= {
        row.kind for row in rows
    }
    addresses = session.scalars(select(Contact.email)).all()
    assert all(address.endswith(".example") for address in addresses)
    for asn in (4760, 4515, 38819, 3491, 9269, 10103, 9381, 9304, 10118, 17924, 9231, 137872, 9908, 3662, 4635):
        assert who_answers(f"AS{asn}").organisation is not None, asn
    registry = who_answers("bad.com.hk").organisation
    assert registry is not None
    assert "HKIRC" in registry.name("en")
