"""What the codes of the directory are called, and how a chain of reasons is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cert_portal.core.db import session
from cert_portal.directory.look_up import Step
from cert_portal.directory.parties import ContactRole, LetterFormat, Organisation, Reach, ServiceLevel
from cert_portal.web import frame
from cert_portal.web.forms.words import ORGANISATIONS

Words = Mapping[Any, Any]

KINDS: Words = ORGANISATIONS
REACHES: Words = {
    Reach.UNKNOWN: _l("Not told"),
    Reach.NATIONAL: _l("For the whole society"),
    Reach.CONSTITUENCY: _l("For a defined group"),
}
SECTORS: Words = {
    "banking": _l("Banking"),
    "cert": _l("Response teams"),
    "domains": _l("Domain names"),
    "government": _l("Government"),
    "hosting": _l("Hosting"),
    "media": _l("Media"),
    "retail": _l("Retail"),
    "software": _l("Software"),
    "telecommunications": _l("Telecommunications"),
}
"""The sectors of the starter data; whoever types another one is shown it as typed."""
LANGUAGES: Words = {"en": _l("English"), "zh-hant": _l("Traditional Chinese")}
CONTACT_ROLES: Words = {
    ContactRole.GENERAL: _l("General"),
    ContactRole.ABUSE: _l("Abuse desk"),
    ContactRole.SECURITY: _l("Security team"),
    ContactRole.DUTY: _l("Duty officer"),
    ContactRole.LEGAL: _l("Legal"),
    ContactRole.PRESS: _l("Press office"),
    ContactRole.MANAGEMENT: _l("Management"),
}
SERVICE_LEVELS: Words = {
    ServiceLevel.UNKNOWN: _l("Not told"),
    ServiceLevel.NEXT_WORKING_DAY: _l("8 × 5, next working day"),
    ServiceLevel.ROUND_THE_CLOCK: _l("7 × 24, within 4 hours"),
}
FORMATS: Words = {
    LetterFormat.TEXT: _l("Plain letter"),
    LetterFormat.CSV: _l("Letter with a CSV table"),
    LetterFormat.XARF: _l("Machine-readable notice (XARF)"),
}
FIELDS: Words = {
    "kind": _l("Kind"),
    "name_en": _l("English name"),
    "name_zh_hant": _l("Chinese name"),
    "reach": _l("Works for"),
    "sector": _l("Sector"),
    "country": _l("Country"),
    "asns": _l("Network numbers (ASN)"),
    "prefixes": _l("Networks"),
    "domains": _l("Domains"),
    "body": _l("Reporters know it as"),
    "note": _l("Note"),
    "active": _l("In use"),
    "name": _l("Name"),
    "role": _l("Role"),
    "email": _l("E-mail address"),
    "telephone": _l("Telephone"),
    "languages": _l("Languages"),
    "service_level": _l("Service level"),
    "covers": _l("Covers"),
    "tlp": _l("In clear up to"),
    "format": _l("Format"),
    "key_fingerprint": _l("Fingerprint of its key"),
    "verified_on": _l("Last verified"),
    "must_encrypt": _l("Everything to it must be encrypted"),
    "preferred": _l("Preferred: ask here first"),
}
"""The boxes of both forms."""
REFUSED: Words = {
    "unknown_kind": _l("Choose a kind from the list"),
    "unknown_reach": _l("Choose from the list for whom it works"),
    "no_name": _l("Enter a name in English or Chinese"),
    "name_taken": _l("There is an organisation of this name already: %(told)s"),
    "bad_country": _l("Enter the country as two letters, for example HK"),
    "bad_asn": _l("This is no network number (ASN): %(told)s"),
    "asn_taken": _l("This network number belongs to another organisation: %(told)s"),
    "bad_prefix": _l("This is no network like 192.0.2.0/24: %(told)s"),
    "prefix_taken": _l("This network belongs to another organisation: %(told)s"),
    "bad_domain": _l("This is no domain: %(told)s"),
    "domain_taken": _l("This domain belongs to another organisation: %(told)s"),
    "no_way": _l("Enter an e-mail address or a telephone number"),
    "bad_email": _l("Enter an e-mail address like name@example.com"),
    "unknown_role": _l("Choose a role from the list"),
    "unknown_level": _l("Choose a service level from the list"),
    "unknown_tlp": _l("Choose a label from the list"),
    "unknown_format": _l("Choose a format from the list"),
    "bad_language": _l("Enter languages as codes like en zh-hant: %(told)s"),
    "unknown_key": _l("Import the key of this fingerprint first"),
    "not_a_member": _l("This person does not have the role of a member organisation"),
    "key_taken": _l("This key belongs to another organisation: %(told)s"),
    "no_key": _l("Paste a public key: it begins with -----BEGIN PGP PUBLIC KEY BLOCK-----"),
    "private_key": _l("This holds a private key. It was not imported: its owner must make a new one."),
}
PLACES: Words = {
    "no_name": "#name_en",
    "name_taken": "#name_en",
    "bad_country": "#country",
    "bad_asn": "#asns",
    "asn_taken": "#asns",
    "bad_prefix": "#prefixes",
    "prefix_taken": "#prefixes",
    "bad_domain": "#domains",
    "domain_taken": "#domains",
    "no_way": "#email",
    "bad_email": "#email",
    "bad_language": "#languages",
    "unknown_key": "#key_fingerprint",
    "no_key": "#key",
    "private_key": "#key",
    "key_taken": "#key",
}
KEY_TROUBLE: Words = {
    "": _l("Usable"),
    "missing": _l("No key"),
    "expired": _l("Expired"),
    "revoked": _l("Revoked"),
    "no_encryption": _l("Cannot encrypt"),
}
STEPS: Words = {
    "host": _l("%(value)s is at %(host)s."),
    "mailbox": _l("%(value)s is a mailbox at %(host)s."),
    "network": _l("%(value)s is in %(prefix)s."),
    "no_network": _l("No network in the directory holds %(value)s."),
    "announced": _l("%(prefix)s is announced by AS%(asn)s."),
    "registered": _l("%(prefix)s is registered in %(country)s."),
    "held": _l("%(prefix)s is of %(organisation)s."),
    "system": _l("AS%(asn)s is of %(organisation)s."),
    "unknown_system": _l("Nobody is known for AS%(asn)s."),
    "domain": _l("%(value)s lies below %(suffix)s, which is of %(organisation)s."),
    "own_domain": _l("%(value)s is of %(organisation)s."),
    "no_domain": _l("No domain in the directory holds %(value)s."),
    "contact": _l("Its contact for this is %(contact)s (%(role)s)."),
    "no_contact": _l("%(organisation)s has no contact in use."),
    "not_an_address": _l("%(value)s is no address, domain or web address."),
}
EVENTS: Words = {
    "organisation.added": _l("Put into the directory"),
    "organisation.changed": _l("Organisation changed"),
    "organisation.unit_added": _l("Unit named"),
    "organisation.system_marked": _l("System marked"),
    "contact.added": _l("Contact added"),
    "contact.changed": _l("Contact changed"),
    "contact.verified": _l("Contact verified"),
    "key.taken": _l("Key imported"),
}


def tongues(codes: Iterable[str]) -> str:
    """The languages of a contact by name; a code that nobody named as it is."""
    return " · ".join(str(LANGUAGES.get(code, code)) for code in codes)


def why(reason: str, told: str) -> str:
    """A refusal of the directory in the reader's words."""
    return str(REFUSED[reason]) % {"told": told}


def chain(steps: Iterable[Step]) -> list[str]:
    """The sentences of an answer, one for each step."""
    return [sentence({"code": step.code, **step.facts}) for step in steps]


def sentence(step: Mapping[str, str]) -> str:
    """One step in words; `organisation` is an id there and a name here."""
    facts: dict[str, Any] = dict(step)
    if "organisation" in facts:
        row = session.get(Organisation, int(facts["organisation"]))
        facts["organisation"] = row.name(frame.language()) if row else _("an organisation that was removed")
    if "role" in facts:
        facts["role"] = CONTACT_ROLES[facts["role"]]
    code = facts.pop("code")
    if code == "domain" and facts["value"] == facts["suffix"]:
        code = "own_domain"
    return str(STEPS[code]) % facts
