"""Organisations outside: add, change, find, and what they answer for. Every change is an event."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, fields

from sqlalchemy import ColumnElement, delete, func, or_, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.pages import Page
from cert_portal.core.text import clean
from cert_portal.directory import events, networks
from cert_portal.directory.look_up import domain_name
from cert_portal.directory.networks import MOST_ASN, Prefix
from cert_portal.directory.parties import (
    AutonomousSystem,
    Contact,
    Domain,
    Network,
    NetworkSource,
    Organisation,
    OrganisationKind,
    Reach,
)
from cert_portal.directory.refusal import DirectoryRefused

PAGE = 50


@dataclass(frozen=True)
class OrganisationTold:
    """What somebody says about an organisation."""

    kind: str
    name_en: str = ""
    name_zh_hant: str = ""
    reach: str = ""
    body: str = ""
    sector: str = ""
    country: str = ""
    note: str = ""
    fictional: bool = False
    active: bool = True
    asns: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Holdings:
    """What an organisation answers for, each list sorted."""

    asns: list[int]
    prefixes: list[Prefix]
    domains: list[str]


_ROW = ("kind", "reach", "body", "name_en", "name_zh_hant", "sector", "country", "note", "fictional", "active")


def add(told: OrganisationTold, actor: str, how: str = "page") -> Organisation:
    """Put an organisation into the directory. Raises DirectoryRefused."""
    values = _checked(told)
    if by_name(str(values["sort_key"])):
        raise DirectoryRefused("name_taken", told.name_en or told.name_zh_hant)
    now = clock.now()
    row = Organisation(**values, added_at=now, updated_at=now)
    session.add(row)
    session.flush()
    record(events.ORGANISATION_ADDED, row.subject, actor, kind=row.kind, how=how)
    _hold(row, told)
    return row


def change(row: Organisation, told: OrganisationTold, actor: str) -> list[str]:
    """Put other facts in place; answers which. What does not differ is no event. Raises DirectoryRefused."""
    values = _checked(told)
    other = by_name(str(values["sort_key"]))
    if other and other.id != row.id:
        raise DirectoryRefused("name_taken", told.name_en or told.name_zh_hant)
    what = [name for name in _ROW if getattr(row, name) != values[name]]
    for name, value in values.items():
        setattr(row, name, value)
    before = holdings(row)
    _hold(row, told)
    after = holdings(row)
    what += [each.name for each in fields(Holdings) if getattr(before, each.name) != getattr(after, each.name)]
    if what:
        row.updated_at = clock.now()
        record(events.ORGANISATION_CHANGED, row.subject, actor, what=what)
    return what


def by_name(name: str) -> Organisation | None:
    """The organisation of this name, whatever its capitals."""
    return session.scalars(select(Organisation).where(Organisation.sort_key == name.casefold())).first()


def listed(query: str = "", kind: str = "", reach: str = "", after: str = "") -> Page[Organisation]:
    """Organisations by name; the query may be part of a name, of an address of a contact, or of a domain."""
    rows = select(Organisation).where(*_wanted(query, kind, reach), Organisation.sort_key > after)
    found = session.scalars(rows.order_by(Organisation.sort_key).limit(PAGE + 1)).all()
    return Page(found[:PAGE], found[PAGE - 1].sort_key if len(found) > PAGE else "")


def _wanted(query: str, kind: str, reach: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    plain = query.strip().casefold()[:100]
    if plain:
        in_contact = select(Contact.organisation_id).where(func.lower(Contact.email).contains(plain, autoescape=True))
        in_domain = select(Domain.organisation_id).where(Domain.name.contains(plain, autoescape=True))
        names = (Organisation.sort_key, func.lower(Organisation.name_zh_hant))
        found.append(
            or_(
                *(each.contains(plain, autoescape=True) for each in names),
                Organisation.id.in_(in_contact),
                Organisation.id.in_(in_domain),
            )
        )
    if kind:
        found.append(Organisation.kind == kind)
    if reach:
        found.append(Organisation.reach == reach)
    return found


def of_kinds(*kinds: str) -> list[Organisation]:
    """Active organisations of these kinds, by name; of all kinds when none is named. At most 1,000."""
    rows = select(Organisation).where(Organisation.active)
    rows = rows.where(Organisation.kind.in_(kinds)) if kinds else rows
    return list(session.scalars(rows.order_by(Organisation.sort_key).limit(1000)))


def holdings(row: Organisation) -> Holdings:
    """What an organisation answers for by the directory's own word."""
    systems = select(AutonomousSystem.asn).where(AutonomousSystem.organisation_id == row.id)
    domains = select(Domain.name).where(Domain.organisation_id == row.id).order_by(Domain.name)
    keys = select(Network.key).where(Network.organisation_id == row.id, Network.source == NetworkSource.DIRECTORY)
    return Holdings(
        list(session.scalars(systems.order_by(AutonomousSystem.asn))),
        [networks.prefix_of(key) for key in session.scalars(keys.order_by(Network.key))],
        list(session.scalars(domains)),
    )


def _checked(told: OrganisationTold) -> dict[str, object]:
    names = [" ".join(clean(name).split())[:200] for name in (told.name_en, told.name_zh_hant)]
    if told.kind not in set(OrganisationKind):
        raise DirectoryRefused("unknown_kind", told.kind)
    if told.reach not in set(Reach):
        raise DirectoryRefused("unknown_reach", told.reach)
    if not any(names):
        raise DirectoryRefused("no_name")
    country = told.country.strip().upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise DirectoryRefused("bad_country", told.country)
    return {
        "kind": told.kind,
        "reach": told.reach,
        "body": told.body[:24],
        "name_en": names[0],
        "name_zh_hant": names[1],
        "sort_key": (names[0] or names[1]).casefold()[:200],
        "sector": clean(told.sector).strip()[:60],
        "country": country,
        "note": clean(told.note).strip(),
        "fictional": told.fictional,
        "active": told.active,
    }


def _hold(row: Organisation, told: OrganisationTold) -> None:
    """Everything is read before anything is written, so that one wrong value leaves all as it was."""
    asns = {_asn(each) for each in told.asns}
    prefixes = {_prefix(each) for each in told.prefixes}
    domains = {_domain(each) for each in told.domains}
    _hold_systems(row, asns)
    _hold_networks(row, prefixes)
    _hold_domains(row, domains)
    session.flush()


def _hold_systems(row: Organisation, asns: set[int]) -> None:
    others = AutonomousSystem.organisation_id != row.id
    taken = select(AutonomousSystem.asn).where(AutonomousSystem.asn.in_(asns), others)
    if (asn := session.scalar(taken)) is not None:
        raise DirectoryRefused("asn_taken", f"AS{asn}")
    session.execute(delete(AutonomousSystem).where(AutonomousSystem.organisation_id == row.id))
    session.add_all(AutonomousSystem(asn=asn, organisation_id=row.id) for asn in sorted(asns))


def _hold_networks(row: Organisation, prefixes: set[Prefix]) -> None:
    own = Network.source == NetworkSource.DIRECTORY
    keys = {networks.key_of(each) for each in prefixes}
    taken = session.scalar(select(Network.key).where(own, Network.key.in_(keys), Network.organisation_id != row.id))
    if taken is not None:
        raise DirectoryRefused("prefix_taken", str(networks.prefix_of(taken)))
    session.execute(delete(Network).where(own, Network.organisation_id == row.id))
    session.add_all(Network(key=key, source=NetworkSource.DIRECTORY, organisation_id=row.id) for key in sorted(keys))


def _hold_domains(row: Organisation, domains: set[str]) -> None:
    taken = session.scalar(select(Domain.name).where(Domain.name.in_(domains), Domain.organisation_id != row.id))
    if taken is not None:
        raise DirectoryRefused("domain_taken", taken)
    session.execute(delete(Domain).where(Domain.organisation_id == row.id))
    session.add_all(Domain(name=name, organisation_id=row.id) for name in sorted(domains))


def _asn(told: str) -> int:
    plain = told.strip().upper().removeprefix("AS")
    if not (plain.isascii() and plain.isdigit()) or not 0 < int(plain) <= MOST_ASN:
        raise DirectoryRefused("bad_asn", told)
    return int(plain)


def _prefix(told: str) -> Prefix:
    try:
        return ipaddress.ip_network(told.strip(), strict=False)
    except ValueError as error:
        raise DirectoryRefused("bad_prefix", told) from error


def _domain(told: str) -> str:
    name = domain_name(told)
    if not name:
        raise DirectoryRefused("bad_domain", told)
    return name
