"""Importing the directory from CSV or JSON: all of a file or nothing of it. Importing twice changes nothing.

A line is one contact of one organisation; lines with the same name are one organisation (columns: docs/directory.md).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from cert_portal.core import clock
from cert_portal.core.crypto import KeyFacts
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory import contacts, keys, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Contact, ContactRole, LetterFormat, Organisation
from cert_portal.directory.refusal import DirectoryRefused

COLUMNS = (
    *("kind", "name_en", "name_zh_hant", "sector", "country", "email", "telephone", "languages", "service_level"),
    *("asn", "prefixes", "domains", "tlp", "format", "key_fingerprint", "verified_on"),
)
MORE_COLUMNS = (
    *("reach", "body", "note", "fictional", "contact_name", "role", "covers", "must_encrypt", "preferred", "keys"),
)
STARTER = Path(__file__).parent / "starter.json"
HAS_CONTACTS = "has contacts"
_BETWEEN = re.compile(r"[\s;,]+")
_YES = frozenset({"1", "true", "yes", "y"})


class ImportRefused(Exception):
    """The file cannot be imported; `wrong` says which lines are bad and why."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("; ".join(wrong[:20]))
        self.wrong = wrong


@dataclass
class Entry:
    """One line: an organisation, perhaps a contact of it, and keys."""

    place: str
    organisation: OrganisationTold
    contact: ContactTold | None
    armoured: list[str] = field(default_factory=list)
    facts: list[KeyFacts] = field(default_factory=list)


@dataclass
class Imported:
    """What an import did: organisations and contacts that were added, changed, or already so; keys that were read."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    keys: int = 0


def read(name: str, data: bytes) -> list[Entry]:
    """The lines of a file. Raises ImportRefused when it is no such file, a column is unknown, or a line is no line."""
    try:
        plain = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused([f"the file is not UTF-8: {error.reason}"]) from error
    rows = list(_json(plain) if name.lower().endswith(".json") else _csv(plain))
    if not rows:
        raise ImportRefused(["the file holds no line"])
    wrong: list[str] = []
    found = [entry for place, row in rows if (entry := _entry(place, row, wrong))]
    if wrong:
        raise ImportRefused(wrong)
    return found


def take_keys(entries: list[Entry], *, only_look: bool = False) -> None:
    """Put the keys of the lines into the desk key ring, or only look at them. Runs gpg: no transaction may be open.

    Raises ImportRefused.
    """
    for entry in entries:
        try:
            entry.facts = [facts for block in entry.armoured for facts in keys.read(block, only_look=only_look)]
        except DirectoryRefused as error:
            raise ImportRefused([f"{entry.place}: {error}"]) from error


def store(entries: list[Entry], actor: str) -> Imported:
    """Put the lines into the directory. Raises ImportRefused with every bad line; the caller then rolls back."""
    done, wrong = Imported(read=len(entries)), []
    for entry in entries:
        try:
            _store(entry, actor, done)
        except DirectoryRefused as error:
            wrong.append(f"{entry.place}: {error}")
    if wrong:
        raise ImportRefused(wrong)
    return done


def _store(entry: Entry, actor: str, done: Imported) -> None:
    told = entry.organisation
    row = organisations.by_name(told.name_en or told.name_zh_hant)
    if row is None:
        row = organisations.add(told, actor, "import")
        done.added += 1
    else:
        _count(organisations.change(row, _joined(row, told), actor), done)
    for facts in entry.facts:
        keys.keep(row, facts, actor)
        done.keys += 1
    if entry.contact:
        _contact(row, entry.contact, actor, done)


def _joined(row: Organisation, told: OrganisationTold) -> OrganisationTold:
    """A further line of an organisation adds networks and domains, and fills in; it takes nothing away."""
    have = organisations.holdings(row)
    texts = ("name_zh_hant", "sector", "country", "note", "reach", "body")
    return replace(
        told,
        **{name: getattr(told, name) or getattr(row, name) for name in texts},
        asns=[*map(str, have.asns), *told.asns],
        prefixes=[*map(str, have.prefixes), *told.prefixes],
        domains=[*have.domains, *told.domains],
        active=row.active,
        fictional=told.fictional or row.fictional,
    )


def _contact(row: Organisation, told: ContactTold, actor: str, done: Imported) -> None:
    found = next((each for each in contacts.of(row) if _is_same(each, told)), None)
    if found is None:
        contacts.add(row, told, actor)
        done.added += 1
    else:
        _count(contacts.change(found, replace(told, active=found.active), actor), done)


def _is_same(row: Contact, told: ContactTold) -> bool:
    if told.email:
        return row.email.lower() == told.email.lower()
    return not row.email and row.telephone == told.telephone


def _count(what: list[str], done: Imported) -> None:
    if what:
        done.changed += 1
    else:
        done.unchanged += 1


def _csv(plain: str) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(plain, newline=""))
    known = {*COLUMNS, *MORE_COLUMNS}
    unknown = set(reader.fieldnames or ()) - known
    if unknown or "kind" not in (reader.fieldnames or ()):
        told = f"unknown columns: {', '.join(sorted(map(str, unknown)))}" if unknown else "the column 'kind' is missing"
        raise ImportRefused([f"line 1: {told}"])
    try:
        for row in reader:
            yield f"line {reader.line_num}", {name: value or "" for name, value in row.items() if name in known}
    except csv.Error as error:
        raise ImportRefused([f"line {reader.line_num}: {error}"]) from error


def _json(plain: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Organisations with lists of `contacts` and `keys`; the fields are the columns of the CSV."""
    try:
        whole = json.loads(plain)
    except ValueError as error:
        raise ImportRefused([f"the file is not JSON: {error}"]) from error
    rows = whole.get("organisations") if isinstance(whole, dict) else whole
    if not isinstance(rows, list):
        raise ImportRefused(["a list of organisations is needed"])
    for number, row in enumerate(rows, start=1):
        place = f"organisation {number}"
        people = row.get("contacts", []) if isinstance(row, dict) else None
        if not isinstance(people, list) or not all(map(_is_known, [{**row, "contacts": ""}, *people])):
            raise ImportRefused([f"{place}: unknown fields"])
        yield place, {**row, HAS_CONTACTS: bool(people)}
        for person in people:  # the contacts of the organisation, each with its name
            yield place, {**{name: row.get(name, "") for name in ("kind", "name_en", "name_zh_hant")}, **person}


def _is_known(row: object) -> bool:
    return isinstance(row, dict) and not set(row) - {*COLUMNS, *MORE_COLUMNS, "contacts"}


def _entry(place: str, row: Mapping[str, Any], wrong: list[str]) -> Entry | None:
    verified = _text(row, "verified_on")
    try:
        on = date.fromisoformat(verified) if verified else None
    except ValueError:
        on = date.min
    if on and not clock.is_plausible(on):
        wrong.append(f"{place}: verified_on is no day like 2026-05-04: {verified}")
        return None
    contact = ContactTold(
        name=_text(row, "contact_name"),
        role=_text(row, "role") or ContactRole.GENERAL,
        email=_text(row, "email"),
        telephone=_text(row, "telephone"),
        languages=_several(row, "languages"),
        service_level=_text(row, "service_level"),
        covers=_text(row, "covers"),
        tlp=_text(row, "tlp") or TLP.AMBER,
        format=_text(row, "format") or LetterFormat.TEXT,
        key_fingerprint=_text(row, "key_fingerprint"),
        must_encrypt=_text(row, "must_encrypt").lower() in _YES,
        preferred=_text(row, "preferred").lower() in _YES,
        verified_on=on,
    )
    blocks = [_text(row, "keys")] if isinstance(row.get("keys"), str) else list(row.get("keys") or [])
    has_contact = bool(contact.email or contact.telephone)
    if not has_contact and not row.get(HAS_CONTACTS):
        wrong.append(f"{place}: an e-mail address or a telephone number is needed")
    return Entry(place, _organisation(row), contact if has_contact else None, [each for each in blocks if each])


def _organisation(row: Mapping[str, Any]) -> OrganisationTold:
    texts = ("name_en", "name_zh_hant", "reach", "body", "sector", "country", "note")
    told: dict[str, Any] = {name: _text(row, name) for name in texts}
    return OrganisationTold(
        kind=_text(row, "kind"),
        **told,
        fictional=_text(row, "fictional").lower() in _YES,
        asns=_several(row, "asn"),
        prefixes=_several(row, "prefixes"),
        domains=_several(row, "domains"),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return str(value).strip() if value is not None else ""


def _several(row: Mapping[str, Any], name: str) -> list[str]:
    value = row.get(name)
    if isinstance(value, list):
        return [str(each).strip() for each in value]
    return [each for each in _BETWEEN.split(_text(row, name)) if each]


def is_empty() -> bool:
    """Whether the directory holds no organisation yet."""
    return session.query(Organisation.id).first() is None
