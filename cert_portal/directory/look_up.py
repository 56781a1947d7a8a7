"""Who answers for an address, a domain, a page or a mailbox, and why: every step of the answer is kept."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from cert_portal.core.db import session
from cert_portal.core.text import refang
from cert_portal.directory import contacts, networks
from cert_portal.directory.networks import Address
from cert_portal.directory.parties import (
    AutonomousSystem,
    Contact,
    ContactRole,
    Domain,
    Network,
    Organisation,
    OrganisationKind,
)

HOME = "HK"
"""The country that is not overseas, as ISO 3166-1 writes it."""
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]+\]|[^/:?#]+)", re.IGNORECASE)
_ASN = re.compile(r"AS ?(\d{1,10})", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def _abroad(name: InstrumentedAttribute[str], holder: InstrumentedAttribute[int]) -> Select[str]:
    """Those of `names` that active response teams of other countries have in this column."""
    named = select(name).join(Organisation, Organisation.id == holder)
    return named.where(
        name.in_(bindparam("names", expanding=True)),
        Organisation.kind == OrganisationKind.CERT,
        Organisation.active,
        Organisation.country.not_in(("", HOME)),
    )


_TEAMS_ABROAD = union_all(_abroad(Domain.name, Domain.organisation_id), _abroad(Contact.email, Contact.organisation_id))


@dataclass(frozen=True)
class Step:
    """One link of the chain. Codes: host, mailbox, network, no_network, announced, registered, held, system, domain,
    no_domain, unknown_system, contact, no_contact, not_an_address; the face puts them into words.
    """

    code: str
    facts: dict[str, str]


@dataclass
class Answer:
    """Who answers, by which contact, and the chain that led there. No organisation means that nobody is known."""

    asked: str
    organisation: Organisation | None = None
    contact: Contact | None = None
    steps: list[Step] = field(default_factory=list)

    def step(self, code: str, **facts: object) -> None:
        """Add a link to the chain."""
        self.steps.append(Step(code, {name: str(value) for name, value in facts.items()}))


def who_answers(told: str) -> Answer:
    """Who answers for an IP address, prefix-holder's ASN, domain, web address or e-mail address, in any spelling."""
    plain = refang(told.strip())[:2000]
    answer = Answer(plain)
    if match := _ASN.fullmatch(plain):
        _system(answer, int(match[1]))
    elif address := _address(plain.strip("[]")):
        _network(answer, address)
    else:
        _named(answer, plain)
    _contact(answer)
    return answer


def _named(answer: Answer, plain: str) -> None:
    host = plain
    if match := _URL.match(plain):
        host = match[1].strip("[]")
        answer.step("host", value=plain, host=host)
    elif "@" in plain:
        host = plain.rpartition("@")[2]
        answer.step("mailbox", value=plain, host=host)
    if address := _address(host):
        _network(answer, address)
        return
    name = domain_name(host)
    if name:
        _domain(answer, name)
    else:
        answer.step("not_an_address", value=plain)


def of_teams_abroad(addresses: Collection[str]) -> set[str]:
    """Those of these mail addresses that belong to a response team abroad: a contact of it, or a mailbox below its
    domain.

    A team whose country nobody entered is not held to be abroad.
    """
    names = {address: {address, address.lower(), *_suffixes(address)} for address in addresses if "@" in address}
    asked = sorted(set().union(*names.values()))
    known = set(session.scalars(_TEAMS_ABROAD, {"names": asked})) if asked else set()
    return {address for address, its in names.items() if not its.isdisjoint(known)}


def _suffixes(address: str) -> list[str]:
    """The domain of an address and all domains above it."""
    labels = domain_name(address.rpartition("@")[2]).split(".")
    return [".".join(labels[position:]) for position in range(len(labels))]


def domain_name(told: str) -> str:
    """A domain in the spelling by which it is compared; "" when it is none."""
    plain = told.strip().strip(".").lower()
    try:
        plain = plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        return ""
    return plain if len(plain) <= 253 and _NAME.fullmatch(plain) else ""


def _address(told: str) -> Address | None:
    try:
        found = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _network(answer: Answer, address: Address) -> None:
    """Longest prefix first; a wider one answers where nobody is known for the narrower."""
    rows = networks.holding(address)
    if not rows:
        answer.step("no_network", value=address)
    for row in rows:
        answer.step("network", value=address, prefix=networks.prefix_of(row.key))
        if row.country:
            answer.step("registered", prefix=networks.prefix_of(row.key), country=row.country)
        if _holder(answer, row):
            return


def _holder(answer: Answer, row: Network) -> bool:
    if row.asn is not None:
        answer.step("announced", prefix=networks.prefix_of(row.key), asn=row.asn)
    if row.organisation_id:
        answer.organisation = session.get_one(Organisation, row.organisation_id)
        answer.step("held", prefix=networks.prefix_of(row.key), organisation=answer.organisation.id)
        return True
    return row.asn is not None and _system(answer, row.asn)


def _system(answer: Answer, asn: int) -> bool:
    row = session.get(AutonomousSystem, asn)
    if row is None:
        answer.step("unknown_system", asn=asn)
        return False
    answer.organisation = session.get_one(Organisation, row.organisation_id)
    answer.step("system", asn=asn, organisation=row.organisation_id)
    return True


def _domain(answer: Answer, name: str) -> None:
    labels = name.split(".")
    suffixes = [".".join(labels[position:]) for position in range(len(labels))]
    rows = {row.name: row for row in session.scalars(select(Domain).where(Domain.name.in_(suffixes)))}
    found = next((rows[suffix] for suffix in suffixes if suffix in rows), None)
    if found is None:
        answer.step("no_domain", value=name)
        return
    answer.organisation = session.get_one(Organisation, found.organisation_id)
    answer.step("domain", value=name, suffix=found.name, organisation=found.organisation_id)


def _contact(answer: Answer) -> None:
    if answer.organisation is None:
        return
    answer.contact = contacts.best(answer.organisation, ContactRole.ABUSE)
    if answer.contact:
        answer.step("contact", contact=answer.contact.email or answer.contact.telephone, role=answer.contact.role)
    else:
        answer.step("no_contact", organisation=answer.organisation.id)
