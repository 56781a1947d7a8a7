"""IODEF version 2 (RFC 7970) as other teams send it: each incident of the document."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from cert_portal.core import xmltree
from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP
from cert_portal.core.xmltree import NotXml
from cert_portal.intake.incident import MOST_INCIDENTS, DocumentRefused, Incident, past

NAMESPACE = "urn:ietf:params:xml:ns:iodef-2.0"
_N = f"{{{NAMESPACE}}}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LABELS = {
    "white": TLP.CLEAR,
    "green": TLP.GREEN,
    "amber": TLP.AMBER,
    "red": TLP.RED,
    "public": TLP.CLEAR,
    "partner": TLP.GREEN,
    "need-to-know": TLP.AMBER,
    "private": TLP.RED,
}
"""RFC 7970, section 3.3.1: the colours mean the same as the older words."""
_KINDS = {
    "breach-privacy": "data_leak",
    "breach-proprietary": "data_leak",
    "breach-credential": "account_takeover",
    "loss-of-service": "ddos",
    "theft-financial": "ceo_fraud",
    "extortion": "ransomware",
    "asset-manipulation": "intrusion",
    "loss-of-integrity": "intrusion",
}
_ADDRESSES = {"ipv4-addr": "ip", "ipv6-addr": "ip", "e-mail": "email", "site-uri": "url", "asn": "asn"}


def read(data: bytes) -> list[Incident]:
    """The incidents. Raises DocumentRefused with the place of what is wrong."""
    try:
        root = xmltree.parse(data)
    except NotXml as error:
        raise DocumentRefused("/", "not_xml", str(error)) from None
    if root.tag != f"{_N}IODEF-Document" or not root.get("version", "").startswith("2"):
        raise DocumentRefused("/", "wrong_root", f"IODEF-Document 2.00 ({NAMESPACE})")
    found = root.findall(f"{_N}Incident")
    if not found:
        raise DocumentRefused("/IODEF-Document", "no_incident")
    if len(found) > MOST_INCIDENTS:
        raise DocumentRefused("/IODEF-Document", "too_many", str(MOST_INCIDENTS))
    language = root.get(_LANG, "")
    return [_incident(each, position, language) for position, each in enumerate(found, 1)]


def _incident(element: Element, position: int, language: str) -> Incident:
    place = f"/IODEF-Document/Incident[{position}]"
    for name in ("IncidentID", "GenerationTime", "Contact"):
        if element.find(f"{_N}{name}") is None:
            raise DocumentRefused(f"{place}/{name}", "missing")
    if past(_text(element, "GenerationTime")) is None:
        raise DocumentRefused(f"{place}/GenerationTime", "wrong_time")
    number = element.find(f"{_N}IncidentID")
    name = number.get("name", "") if number is not None else ""
    restriction = element.get("restriction", "")
    made = Incident(
        reference=f"{name} {_text(element, 'IncidentID')}".strip()[:200],
        description="\n\n".join(_said(each) for each in element.findall(f"{_N}Description")),
        language=element.get(_LANG, language),
        restriction=_LABELS.get(restriction, ""),
        started=past(_text(element, "StartTime")),
        detected=past(_text(element, "DetectTime")),
        observables=list(dict.fromkeys(_observables(element))),
    )
    _contact(element, made)
    impacts = [each.get("type", "") for each in element.iter(f"{_N}BusinessImpact")]
    made.kind = next((_KINDS[each] for each in impacts if each in _KINDS), "not_sure")
    return made


def _contact(element: Element, made: Incident) -> None:
    contacts = element.findall(f"{_N}Contact")  # at least one, else the document was refused
    contact = next((each for each in contacts if each.get("role") == "creator"), contacts[0])
    named = _text(contact, "ContactName")[:200]
    if contact.get("type") == "person":
        made.name = named
    else:
        made.organisation = named
    made.email = next((_said(each) for each in contact.iter(f"{_N}EmailTo")), "")[:320]
    made.telephone = next((_said(each) for each in contact.iter(f"{_N}TelephoneNumber")), "")[:60]


def _observables(element: Element) -> Iterator[tuple[str, str]]:
    for address in element.iter(f"{_N}Address"):
        if kind := _ADDRESSES.get(address.get("category", "")):
            yield kind, f"AS{_said(address).upper().removeprefix('AS')}" if kind == "asn" else _said(address)
    for name in element.iter(f"{_N}Name"):
        if _said(name):
            yield "domain", _said(name)
    for each in element.iter(f"{_N}URL"):
        yield "url", _said(each)
    for each in element.iter("{http://www.w3.org/2000/09/xmldsig#}DigestValue"):
        yield "hash", _said(each)


def _text(element: Element, name: str) -> str:
    found = element.find(f"{_N}{name}")
    return "" if found is None else _said(found)


def _said(element: Element) -> str:
    return clean("".join(element.itertext())).strip()
