"""The values of a case as a file for others (CSV, STIX 2.1, MISP, plain lines).

A file bears a TLP label, and only what a person ticked. Values leave fanged, since programs read them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from cert_portal.cases.bounds import labels as bounded
from cert_portal.cases.ignored import ValueRefused
from cert_portal.cases.models import Case, Verdict
from cert_portal.cases.values import Value
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.events import declare, record
from cert_portal.core.i18n import Language
from cert_portal.core.mail.exercise import SUBJECT_MARK
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.guidance.kinds import named

EXPORTED = declare("case.observables_exported", "Observables of a case left as a file", "form", "tlp", "count")
NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace of STIX 2.1, section 2.9, for ids that are the same for the same value."""
BEGINNING = "2022-10-01T00:00:00.000Z"
"""When what is the same in all bundles (who we are, the labels) was created."""
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_MARKS = {
    TLP.CLEAR: ("94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"),
    TLP.GREEN: ("bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"),
    TLP.AMBER: ("55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"),
    TLP.AMBER_STRICT: ("939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"),
    TLP.RED: ("e828b379-4e03-4974-9ac4-e53a884c97c1", "red"),
}
"""The marking definitions of TLP 2.0 in STIX (OASIS, common object repository)."""
OBSERVED_AS = {
    "url": "url",
    "domain": "domain-name",
    "email": "email-addr",
    "mac": "mac-addr",
    "file": "file",
    "asn": "autonomous-system",
}
OBSERVED = {*OBSERVED_AS.values(), "ipv4-addr", "ipv6-addr"}
MISP_TYPES = {
    "url": ("Network activity", "url"),
    "domain": ("Network activity", "domain"),
    "email": ("Network activity", "email"),
    "ip": ("Network activity", "ip-dst"),
    "mac": ("Network activity", "mac-address"),
    "asn": ("External analysis", "AS"),
    "cve": ("External analysis", "vulnerability"),
    "phone": ("Financial fraud", "phone-number"),
    "wallet": ("Financial fraud", "btc"),
    "file": ("Payload delivery", "filename"),
}
"""The category and type of an attribute: MISP refuses a type in a category that does not have it (describeTypes)."""
SENSED = frozenset({"url", "domain", "email", "ip", "hash", "file"})
"""Kinds that a sensor can look out for; the others are told to people."""
HASHES = {32: ("MD5", "md5"), 40: ("SHA-1", "sha1"), 64: ("SHA-256", "sha256")}


class Form(StrEnum):
    """A form in which observables leave."""

    CSV = "csv"
    STIX = "stix"
    MISP = "misp"
    TXT = "txt"


def labels(case: Case, user: User) -> list[TLP]:
    """The labels that values of a case may bear, the widest first: none wider than that of the case."""
    return bounded(case, user, TLP(case.tlp))


def export(case: Case, chosen: Iterable[Value], form: Form, tlp: TLP, user: User) -> list[Value]:
    """Those of the values that may leave: what is rejected, ignored or out of date does not. That they left is
    recorded. Raises ValueRefused: no_value, tlp (a label that the case does not allow).

    What says nothing leaves when a person wants it to.
    """
    if tlp not in labels(case, user):
        raise ValueRefused("tlp")
    found = [each for each in chosen if may_leave(each)]
    if not found:
        raise ValueRefused("no_value")
    record(EXPORTED, case.number, user.actor, form=form.value, tlp=tlp.value, count=len(found))
    return found


def may_leave(each: Value) -> bool:
    """Whether a value may stand in a file."""
    quiet = each.ignored or each.everywhere or each.is_expired
    return not quiet and each.verdict is not Verdict.REJECTED


def is_for_detection(case: Case, each: Value) -> bool:
    """Whether a program may look out for it: only what a person confirmed, nothing that says nothing (a resolver, a
    private address), and nothing of an exercise.
    """
    return each.verdict is Verdict.CONFIRMED and not each.known and not case.drill


def as_text(case: Case, found: Sequence[Value], tlp: TLP) -> str:
    """Each value on a line, fanged: for another program, on purpose. The first line is a comment with the label."""
    mark = f"{SUBJECT_MARK} " if case.drill else ""
    at = f"{clock.now().astimezone(current().zone):%Y-%m-%d %H:%M %Z}"
    return f"# {mark}{tlp.value} {case.number} {at}\n{as_lines(found)}"


def as_lines(found: Sequence[Value]) -> str:
    """The values alone, to be put somewhere at once."""
    return "".join(f"{each.value}\n" for each in found)


def as_rows(case: Case, found: Sequence[Value], tlp: TLP) -> list[tuple[str, ...]]:
    """Lines of a table, the first with the names of the columns."""
    exercise = "yes" if case.drill else ""
    return [
        ("kind", "value", "reports", "tlp", "review", "expires", "exercise"),
        *((*_row(each, tlp), exercise) for each in found),
    ]


def _row(each: Value, tlp: TLP) -> tuple[str, ...]:
    until = each.expires_on.isoformat() if each.expires_on else ""
    return (each.kind, each.value, str(each.reports), tlp.value, each.verdict.value, until)


def as_stix(case: Case, found: Sequence[Value], tlp: TLP) -> str:
    """A bundle (STIX 2.1) marked with TLP 2.0: an indicator per value that is for detection, an observable (section 6)
    per other value, a vulnerability per CVE number, and a note with what STIX has no form for, so that nothing is left
    out unsaid. A note on everything says that it belongs to an exercise.

    What has the same id was created at the same time in every bundle; each bundle is a newer version of it.
    """
    now, begin = _moment(clock.now()), _moment(case.opened_at)
    identity = {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid.uuid5(NAMESPACE, current().base_url)}",
        "created": BEGINNING,
        "modified": BEGINNING,
        "name": current().centre_name("en"),
        "identity_class": "organization",
    }
    marking = _marking(tlp)
    common: dict[str, Any] = {
        "spec_version": "2.1",
        "created": begin,
        "modified": now,
        "created_by_ref": identity["id"],
    }
    common["object_marking_refs"] = [marking["id"]]
    of_case = {"source_name": "case", "external_id": case.number}
    seen = {"spec_version": "2.1", "object_marking_refs": [marking["id"]]}
    objects = [{**(seen if told["type"] in OBSERVED else common), **told} for told in _objects(case, found, of_case)]
    if rest := [f"{each.kind} {each.value}" for each in found if each.kind != "cve" and not _observed(each)]:
        told = {"type": "note", "id": _stix_id("note", f"{case.number} note"), "content": "\n".join(rest)}
        objects.append({**common, **told, "object_refs": [identity["id"]], "external_references": [of_case]})
    if case.drill:
        told = {"type": "note", "id": _stix_id("note", f"{case.number} exercise"), "content": SUBJECT_MARK}
        about = [identity["id"], *(each["id"] for each in objects)]
        objects.append({**common, **told, "labels": ["exercise"], "object_refs": about})
    bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": [identity, marking, *objects]}
    return json.dumps(bundle, ensure_ascii=False, indent=2)


def _objects(case: Case, found: Sequence[Value], of_case: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What is told of each value that has a form of its own."""
    for each in found:
        key, since = f"{case.number} {each.key}", _moment(max(case.opened_at, each.first_at))
        if each.kind == "cve":
            known_as = {"source_name": "cve", "external_id": each.value}
            told = {"type": "vulnerability", "id": _stix_id("vulnerability", key), "name": each.value}
            yield {**told, "created": since, "external_references": [known_as, of_case]}
        elif observed := _observed(each):
            if not is_for_detection(case, each):
                yield observed
                continue
            told = {"type": "indicator", "id": _stix_id("indicator", key), "name": f"{each.kind} {each.value}"}
            told |= {"pattern": _pattern(observed), "pattern_type": "stix", "valid_from": since, **_until(each)}
            yield {**told, "created": since, "external_references": [of_case]}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _stix_id(kind: str, key: str) -> str:
    return f"{kind}--{uuid.uuid5(NAMESPACE, key)}"


def _until(each: Value) -> dict[str, str]:
    """The moment from which it no longer holds (STIX 2.1, section 4.7)."""
    if each.expires_on is None:
        return {}
    end = datetime.combine(each.expires_on + timedelta(days=1), time(), current().zone)
    return {"valid_until": _moment(end)}


def _marking(tlp: TLP) -> dict[str, Any]:
    mark, label = TLP_MARKS[tlp]
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{mark}",
        "created": BEGINNING,
        "name": tlp.value,
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": label}},
    }


def _observed(each: Value) -> dict[str, Any]:
    """The value as an observable of STIX, its id made of what it is (section 2.9); empty where STIX has no form."""
    told: dict[str, Any] = {"value": each.value}
    kind = OBSERVED_AS.get(each.kind, "")
    match each.kind:
        case "ip":
            kind = "ipv6-addr" if ":" in each.value else "ipv4-addr"
        case "hash" if len(each.value) in HASHES:
            kind, told = "file", {"hashes": {HASHES[len(each.value)][0]: each.value}}
        case "file":
            told = {"name": each.value}
        case "asn":
            told = {"number": int(each.value.upper().removeprefix("AS"))}
    if not kind:
        return {}
    key = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return {"type": kind, "id": _stix_id(kind, key), **told}


def _pattern(observed: dict[str, Any]) -> str:
    """What looks out for this observable (section 9)."""
    [(name, value)] = ((name, value) for name, value in observed.items() if name not in ("type", "id"))
    if name == "hashes":
        [(algorithm, value)] = value.items()
        name = f"hashes.'{algorithm}'"
    if isinstance(value, int):
        return f"[{observed['type']}:{name} = {value}]"
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"[{observed['type']}:{name} = '{quoted}']"


def as_misp(case: Case, found: Sequence[Value], tlp: TLP) -> str:
    """An event of MISP's exchange format with an attribute per value, to be detected only what `is_for_detection`. It
    bears the kind of the case instead of the title, which may name who is concerned.
    """
    mark = f"{SUBJECT_MARK} " if case.drill else ""
    attributes: list[dict[str, Any]] = [
        {
            "uuid": str(uuid.uuid5(NAMESPACE, f"{case.number} {each.key}")),
            "category": category,
            "type": kind,
            "value": each.value,
            "to_ids": each.kind in SENSED and is_for_detection(case, each),
            "comment": f"{mark}{case.number} {each.verdict.value}",
        }
        for each in found
        for category, kind in [_misp_type(each)]
    ]
    event = {
        "uuid": str(uuid.uuid5(NAMESPACE, case.number)),
        "info": f"{mark}{case.number} {named(case.kind, Language.EN)}".rstrip(),
        "date": case.opened_at.date().isoformat(),
        "threat_level_id": "4",
        "analysis": "1",
        "distribution": "0",
        "Tag": [{"name": tlp.value.lower()}, *([{"name": "exercise"}] if case.drill else [])],
        "Attribute": attributes,
    }
    return json.dumps({"Event": event}, ensure_ascii=False, indent=2)


def _misp_type(each: Value) -> tuple[str, str]:
    if each.kind == "hash":
        return "Payload delivery", HASHES[len(each.value)][1]
    if each.kind == "wallet" and each.value.startswith("0x"):
        return "Financial fraud", "other"
    return MISP_TYPES[each.kind]
