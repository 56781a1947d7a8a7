"""STIX 2.1 bundles as other teams send them: each incident, or the whole bundle as one when it names none."""

from __future__ import annotations

import json
import re
from typing import Any

from cert_portal.core.text import clean
from cert_portal.core.tlp import TLP
from cert_portal.intake.incident import MOST_INCIDENTS, DocumentRefused, Incident, past

_MARKINGS = {
    "94868c89-83c2-464b-929b-a1a8aa3c8487": TLP.CLEAR,
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": TLP.GREEN,
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": TLP.AMBER,
    "939a9414-2ddd-4d32-a0cd-375ea402b003": TLP.AMBER_STRICT,
    "e828b379-4e03-4974-9ac4-e53a884c97c1": TLP.RED,
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": TLP.CLEAR,
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": TLP.GREEN,
    "f88d31f6-486f-44da-b317-01333bde0b82": TLP.AMBER,
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": TLP.RED,
}
_KINDS = {"ipv4-addr": "ip", "ipv6-addr": "ip", "url": "url", "domain-name": "domain", "email-addr": "email"}
_KINDS |= {"mac-addr": "mac"}
_IN_PATTERN = re.compile(
    r"(ipv4-addr|ipv6-addr|url|domain-name|email-addr|mac-addr):value\s*=\s*'((?:[^'\\]|\\.){1,2000})'"
)
_HASH_IN_PATTERN = re.compile(r"file:hashes\.(?:'[\w-]{1,20}'|\w{1,20})\s*=\s*'([0-9A-Fa-f]{32,128})'")
_SUBJECTS = ("incident", "report")


def read(data: bytes) -> list[Incident]:
    """The incidents. Raises DocumentRefused with a JSON pointer to what is wrong."""
    try:
        bundle = json.loads(data)
    except (ValueError, RecursionError):
        raise DocumentRefused("#", "not_json") from None
    if not isinstance(bundle, dict) or bundle.get("type") != "bundle":
        raise DocumentRefused("#/type", "wrong_root", "bundle")
    objects = bundle.get("objects")
    if not isinstance(objects, list) or not objects:
        raise DocumentRefused("#/objects", "missing")
    for position, each in enumerate(objects):
        if not isinstance(each, dict) or not all(isinstance(each.get(name), str) for name in ("type", "id")):
            raise DocumentRefused(f"#/objects/{position}", "missing", "type, id")
    subjects = [each for each in objects if each["type"] in _SUBJECTS] or [{"id": bundle.get("id", "")}]
    if len(subjects) > MOST_INCIDENTS:
        raise DocumentRefused("#/objects", "too_many", str(MOST_INCIDENTS))
    return [_incident(each, objects, alone=len(subjects) == 1) for each in subjects]


def _incident(subject: dict[str, Any], objects: list[dict[str, Any]], *, alone: bool) -> Incident:
    by_id = {each["id"]: each for each in objects}
    near = set(_strings(subject.get("object_refs"))) | _related(subject, objects)
    about = objects if alone else [by_id[each] for each in near if each in by_id]
    creator = by_id.get(str(subject.get("created_by_ref", "")), {})
    texts = [clean(str(subject.get(name, ""))) for name in ("name", "description")]
    notes = [clean(str(each.get("content", ""))) for each in about if each["type"] == "note"]
    named = [clean(str(each.get("name", ""))) for each in about if each["type"] == "malware"]
    return Incident(
        reference=clean(str(subject.get("id", "")))[:200],
        description="\n\n".join(filter(None, [*texts, *notes, *named])),
        language=clean(str(subject.get("lang", ""))),
        restriction=_restriction(subject, objects),
        organisation=clean(str(creator.get("name", "")))[:200],
        email=_email(clean(str(creator.get("contact_information", "")))),
        started=past(str(subject.get("first_seen") or subject.get("created") or "")),
        observables=list(dict.fromkeys(pair for each in about for pair in _observables(each))),
        kind="malware" if named else "not_sure",
    )


def _related(subject: dict[str, Any], objects: list[dict[str, Any]]) -> set[str]:
    ends = [(each.get("source_ref"), each.get("target_ref")) for each in objects if each["type"] == "relationship"]
    found = {two for one, two in ends if one == subject["id"]} | {one for one, two in ends if two == subject["id"]}
    return {each for each in found if isinstance(each, str)}


def _restriction(subject: dict[str, Any], objects: list[dict[str, Any]]) -> str:
    marks = _strings(subject.get("object_marking_refs"))
    marks = marks or [mark for each in objects for mark in _strings(each.get("object_marking_refs"))]
    labels = [_MARKINGS[mark.partition("--")[2]] for mark in marks if mark.partition("--")[2] in _MARKINGS]
    return min(labels, key=list(TLP).index, default="")


def _observables(each: dict[str, Any]) -> list[tuple[str, str]]:
    if each["type"] in _KINDS:
        return [(_KINDS[each["type"]], clean(str(each.get("value", ""))))]
    if each["type"] == "file" and isinstance(each.get("hashes"), dict):
        return [("hash", clean(str(value))) for value in each["hashes"].values()]
    if each["type"] == "autonomous-system" and isinstance(each.get("number"), int):
        return [("asn", str(each["number"]))]
    if each["type"] == "indicator":
        pattern = clean(str(each.get("pattern", "")))
        found = [(_KINDS[kind], value) for kind, value in _IN_PATTERN.findall(pattern)]
        return [*found, *(("hash", value) for value in _HASH_IN_PATTERN.findall(pattern))]
    return []


def _strings(told: Any) -> list[str]:
    return [each for each in told if isinstance(each, str)] if isinstance(told, list) else []


def _email(told: str) -> str:
    found = re.search(r"[^\s@<>]{1,64}@[^\s@<>]{1,250}\.[a-zA-Z]{2,20}", told)
    return found[0] if found else ""
