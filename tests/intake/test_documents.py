"""IODEF and STIX documents of other teams."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import xmltree
from cert_portal.core.xmltree import NotXml
from cert_portal.intake import iodef, stix
from cert_portal.intake.incident import DocumentRefused, past

SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "iodef" / "iodef-2.0.xsd"
IODEF = """<?xml version="1.0" encoding="UTF-8"?>
<IODEF-Document version="2.00" xml:lang="en" xmlns="urn:ietf:params:xml:ns:iodef-2.0">
  <Incident purpose="mitigation" restriction="amber">
    <IncidentID name="cert.example">A-1</IncidentID>
    <DetectTime>2026-05-01T09:00:00+00:00</DetectTime>
    <StartTime>2026-05-01T08:00:00+00:00</StartTime>
    <GenerationTime>2026-05-01T10:00:00+00:00</GenerationTime>
    <Description>A phishing page on your side</Description>
    <Assessment><BusinessImpact type="breach-credential"/></Assessment>
    <Contact role="creator" type="organization">
      <ContactName>CERT Example</ContactName>
      <Email><EmailTo>team@cert.example</EmailTo></Email>
      <Telephone><TelephoneNumber>+1 555 0100</TelephoneNumber></Telephone>
    </Contact>
    <EventData><Flow><System category="source"><Node>
      <DomainData system-status="unknown" domain-status="unknown"><Name>bad.example</Name></DomainData>
      <Address category="ipv4-addr">192.0.2.44</Address>
      <Address category="asn">64501</Address>
      <Address category="mac">00:11:22:33:44:55</Address>
    </Node></System></Flow></EventData>
  </Incident>
  <Incident purpose="reporting" xml:lang="zh">
    <IncidentID name="cert.example">A-2</IncidentID>
    <GenerationTime>2026-05-01T10:00:00+00:00</GenerationTime>
    <Contact role="tech" type="person"><ContactName>Lee</ContactName></Contact>
  </Incident>
</IODEF-Document>
"""
STIX: dict[str, Any] = {
    "type": "bundle",
    "id": "bundle--0b0c9c0e-0000-4000-8000-000000000001",
    "objects": [
        {
            "type": "identity",
            "id": "identity--1",
            "name": "CERT Example",
            "contact_information": "write to team@cert.example",
        },
        {
            "type": "incident",
            "id": "incident--1",
            "created_by_ref": "identity--1",
            "name": "Stealer",
            "description": "A stealer phones home",
            "created": "2026-05-01T10:00:00Z",
            "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
        },
        {"type": "malware", "id": "malware--1", "name": "Stealer-X"},
        {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "192.0.2.5"},
        {"type": "file", "id": "file--1", "hashes": {"SHA-256": "ab" * 32}},
        {"type": "indicator", "id": "indicator--1", "pattern": "[url:value = 'http://bad.example/x']"},
        {"type": "note", "id": "note--1", "content": "Seen twice"},
        {"type": "relationship", "id": "relationship--1", "source_ref": "incident--1", "target_ref": "ipv4-addr--1"},
    ],
}


def bundle(*objects: Any) -> bytes:
    return json.dumps({**STIX, "objects": list(objects)}).encode()


@pytest.mark.skipif(not (SCHEMA.exists() and shutil.which("xmllint")), reason="no schema or no xmllint here")
def test_our_example_is_valid(tmp_path: Path) -> None:
    (tmp_path / "i.xml").write_text(IODEF)
    command = ["xmllint", "--nonet", "--noout", "--schema", str(SCHEMA), str(tmp_path / "i.xml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert iodef.read((SCHEMA.parent / "example.xml").read_bytes())


def test_each_incident_of_a_document_is_read() -> None:
    first, second = iodef.read(IODEF.encode())
    assert (first.reference, first.restriction, first.kind) == ("cert.example A-1", "TLP:AMBER", "account_takeover")
    assert (first.organisation, first.email, first.telephone) == ("CERT Example", "team@cert.example", "+1 555 0100")
    assert first.observables == [("ip", "192.0.2.44"), ("asn", "AS64501"), ("domain", "bad.example")]
    assert first.started is not None
    assert first.detected is not None
    assert (second.language, second.name, second.kind, second.restriction) == ("zh", "Lee", "not_sure", "")


def test_what_an_incident_names_and_who_nobody_is() -> None:
    more = (
        '<Name> </Name><Address category="e-nsap">x</Address><URL>http://bad.example/x</URL>'
        '<DigestValue xmlns="http://www.w3.org/2000/09/xmldsig#">abcd</DigestValue>'
    )
    bare = IODEF.replace("<ContactName>Lee</ContactName></Contact>", f"</Contact>{more}")
    second = iodef.read(bare.encode())[1]
    assert (second.name, second.organisation, second.email) == ("", "", "")
    assert second.observables == [("url", "http://bad.example/x"), ("hash", "abcd")]


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("</IODEF-Document>", "", "/", "not_xml"),
        ('version="2.00"', 'version="1.00"', "/", "wrong_root"),
        ("ns:iodef-2.0", "ns:other", "/", "wrong_root"),
        ('<IncidentID name="cert.example">A-2</IncidentID>', "", "/IODEF-Document/Incident[2]/IncidentID", "missing"),
        (">2026-05-01T10:00", ">2036-05-01T10:00", "/IODEF-Document/Incident[1]/GenerationTime", "wrong_time"),
        (">2026-05-01T10:00", ">soon", "/IODEF-Document/Incident[1]/GenerationTime", "wrong_time"),
    ],
)
def test_what_is_wrong_has_a_place(old: str, new: str, place: str, reason: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        iodef.read(IODEF.replace(old, new).encode())
    assert (refused.value.place, refused.value.reason) == (place, reason)


def test_a_document_holds_some_incidents_and_not_endless_ones() -> None:
    head, rest = IODEF.split("  <Incident ", 1)
    for body, reason in (
        ("", "no_incident"),
        (("<Incident " + rest.split("</Incident>")[0] + "</Incident>") * 51, "too_many"),
    ):
        with pytest.raises(DocumentRefused, match=reason):
            iodef.read(f"{head}{body}</IODEF-Document>".encode())


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'<!DOCTYPE x SYSTEM "http://bad.example/x.dtd"><x/>',
        b"<x>" * 100 + b"</x>" * 100,
        b"<x>" + b"<y/>" * 100_001 + b"</x>",
        b"",
        b"\x00\xff",
        b'<?xml version="1.0" encoding="nonsense"?><x/>',
    ],
)
def test_xml_of_strangers_is_read_with_care(raw: bytes) -> None:
    with pytest.raises(NotXml):
        xmltree.parse(raw)


def test_a_bundle_is_an_incident_with_what_belongs_to_it() -> None:
    found = stix.read(json.dumps(STIX).encode())[0]
    assert (found.reference, found.restriction, found.kind) == ("incident--1", "TLP:GREEN", "malware")
    assert (found.organisation, found.email) == ("CERT Example", "team@cert.example")
    assert found.description == "Stealer\n\nA stealer phones home\n\nSeen twice\n\nStealer-X"
    assert found.observables == [("ip", "192.0.2.5"), ("hash", "ab" * 32), ("url", "http://bad.example/x")]


def test_a_bundle_without_an_incident_is_one() -> None:
    found = stix.read(bundle({**STIX["objects"][3], "object_marking_refs": ["x", 7]}))
    assert [each.observables for each in found] == [[("ip", "192.0.2.5")]]
    assert found[0].reference == STIX["id"]
    assert found[0].restriction == ""


def test_no_control_character_of_a_bundle_is_kept() -> None:
    creator = {"type": "identity", "id": "identity--9", "contact_information": "te\x00am@cert.example"}
    subject = {"type": "incident", "id": "inc\x00ident--3\ud800", "lang": "e\x00n", "created_by_ref": "identity--9"}
    [found] = stix.read(bundle(creator, subject))
    assert (found.reference, found.language, found.email) == ("incident--3", "en", "team@cert.example")


def test_of_several_incidents_each_has_what_is_related_to_it() -> None:
    other = {"type": "incident", "id": "incident--2", "object_refs": ["file--1", "gone"], "lang": "en"}
    first, second = stix.read(bundle(*STIX["objects"], other))
    assert first.observables == [("ip", "192.0.2.5")]
    assert second.observables == [("hash", "ab" * 32)]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"{", "#"),
        (b"[]", "#/type"),
        (b'{"type": "bundle"}', "#/objects"),
        (bundle(), "#/objects"),
        (bundle(7), "#/objects/0"),
        (bundle({"type": "incident", "id": 7}), "#/objects/0"),
        (bundle(*({"type": "incident", "id": str(n)} for n in range(51))), "#/objects"),
    ],
)
def test_a_wrong_bundle_is_refused_with_its_place(raw: bytes, place: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        stix.read(raw)
    assert refused.value.place == place


def test_a_time_is_aware_and_past() -> None:
    assert past("2026-05-01T10:00:00") == past("2026-05-01T10:00:00Z")
    assert past("1900-01-01T00:00:00Z") is None
    assert past("x") is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_but_a_refusal_comes_out(raw: bytes) -> None:
    for read in (iodef.read, stix.read):
        with pytest.raises(DocumentRefused):
            read(raw)


@pytest.mark.parametrize(
    ("told", "label"),
    [("private", "TLP:RED"), ("need-to-know", "TLP:AMBER"), ("partner", "TLP:GREEN"), ("public", "TLP:CLEAR")],
)
def test_the_older_words_of_a_restriction_mean_what_the_colours_mean(told: str, label: str) -> None:
    raw = IODEF.replace('restriction="amber"', f'restriction="{told}"')
    assert raw != IODEF
    assert iodef.read(raw.encode())[0].restriction == label


def test_hashes_systems_and_cards_of_a_bundle_are_read() -> None:
    pattern = "[file:hashes.'SHA-256' = '" + "CD" * 32 + "' OR file:hashes.MD5 = '" + "ef" * 16 + "']"
    found = stix.read(
        bundle(
            {"type": "incident", "id": "incident--1"},
            {"type": "indicator", "id": "indicator--1", "pattern": pattern},
            {"type": "autonomous-system", "id": "as--1", "number": 64500},
            {"type": "autonomous-system", "id": "as--2", "number": "x"},
            {"type": "mac-addr", "id": "mac--1", "value": "02:00:5e:00:00:01"},
        )
    )[0]
    assert found.observables == [
        *(("hash", "CD" * 32), ("hash", "ef" * 16), ("asn", "64500"), ("mac", "02:00:5e:00:00:01")),
    ]
