"""A report as a program sends it, described once: checks, `/api/openapi.json` and the manual all read this."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cert_portal.core.i18n import Language
from cert_portal.core.tlp import TLP
from cert_portal.guidance import kinds, questions
from cert_portal.intake.submission import Submission
from cert_portal.web.forms import words

MOST_FILES = 20
TIMES = ("occurred_at", "discovered_at")


def text(told: str, most: int = 20_000, **more: Any) -> dict[str, Any]:
    """A text of at most so many characters."""
    return {"type": "string", "maxLength": most, "description": told, **more}


def line(told: str, **more: Any) -> dict[str, Any]:
    """A short text."""
    return text(told, 200, **more)


def one_of(told: str, codes: Iterable[str]) -> dict[str, Any]:
    """One code of a list; an empty text says nothing."""
    return {"type": "string", "enum": list(dict.fromkeys([*codes, ""])), "description": told}


def several(told: str, item: Mapping[str, Any], most: int = 20) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": dict(item), "maxItems": most, "description": told}


def number(told: str, most: int, kind: str = "integer") -> dict[str, Any]:
    """A number that is not negative, or null."""
    return {"type": [kind, "null"], "minimum": 0, "maximum": most, "description": told}


def moment(told: str) -> dict[str, Any]:
    """A time with its zone, or null."""
    return {"type": ["string", "null"], "format": "date-time", "maxLength": 60, "description": told}


def closed(properties: Mapping[str, Any], told: str, required: Iterable[str] = ()) -> dict[str, Any]:
    """An object that has these fields and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        "description": told,
    }


def report() -> dict[str, Any]:
    """The schema of a report."""
    file = closed(
        {"filename": line("Name of the file", minLength=1), "data": text("Content in base64", 100_000_000)},
        "A file",
        ("filename", "data"),
    )
    asked = {
        each.code: one_of(each.asks[Language.EN], each.choices) if each.choices else line(each.asks[Language.EN])
        for each in questions.load()
    }
    properties = {
        "language": one_of("Language of the answers to the reporter; left out, that of the text", Language),
        "description": text("What happened, in plain words (000-49)", minLength=1),
        "kind": one_of("Kind of incident (000-50)", [each.code for each in kinds.load()]),
        "kind_other": line("The kind in own words"),
        "reporter_kind": one_of("Whose report it is", words.REPORTER_KINDS),
        **_effects(),
        **_times_and_findings(),
        **_people(),
        "answers": closed(asked, "Questions of the kind of incident, by code"),
        "files": several("Files that show it", file, MOST_FILES),
    }
    return closed(properties, "A report of an incident", ("description",))


def _effects() -> dict[str, Any]:
    return {
        "hardware": several("Equipment (000-51): codes " + ", ".join(words.HARDWARE), line("Code or own words")),
        "software": several("Software (000-51): codes " + ", ".join(words.SOFTWARE), line("Code or own words")),
        "severity_told": number("How bad, 0 to 5 (000-52)", 5),
        "affects": several("What suffered (000-53)", {"type": "string", "enum": list(words.AFFECTS)}, 3),
        "business_effect": text("Effect on the work (000-54)"),
        "people_affected": number("People affected", 2_000_000_000),
        "tolerable_hours": number("Longest outage that can be borne, in hours (000-58)", 240_000, "number"),
        "personal_data": one_of("Personal data involved (000-57)", words.YES_NO),
        "personal_data_what": text("Which personal data"),
        "pcpd_told": one_of("Privacy Commissioner told", words.YES_NO),
    }


def _times_and_findings() -> dict[str, Any]:
    return {
        "occurred_at": moment("When it happened (000-55)"),
        "occurred_precision": one_of("How sure", words.PRECISION),
        "discovered_at": moment("When it was noticed (000-55)"),
        "discovered_precision": one_of("How sure", words.PRECISION),
        "still_going": one_of("Still going on", words.YES_NO),
        "found_how": text("How it was noticed (000-56)"),
        "found_why": text("Why it could happen"),
        "weaknesses": text("Weaknesses found"),
        "action_preparation": text("In place before it happened (000-59)"),
        "action_detection": text("Found out so far"),
        "action_containment": text("Done to stop it and to recover"),
        "action_post": text("Planned afterwards"),
        "others_told": text("Who else knows"),
        "indicators": text("Logs and indicators, one a line", 200_000),
    }


def _people() -> dict[str, Any]:
    return {
        "anonymous": {"type": "boolean", "description": "Keep nothing that tells who reports"},
        "name": line("Name of the reporter"),
        "organisation": line("Organisation of the reporter"),
        "email": line("Address for the acknowledgement and questions", format="email"),
        "telephone": line("Telephone"),
        "contact_time": one_of("Best time to call", words.CONTACT_TIMES),
        "consents": several("May be passed to", {"type": "string", "enum": list(words.CONSENTS)}, 4),
        "for_whom": line("Who is affected, when somebody else reports"),
        "for_whom_relation": line("What the reporter is to them"),
        "for_whom_contact": one_of("May we contact them", words.YES_NO),
        "reference": line("What the sender calls it"),
        "restriction": one_of("How far it may travel", TLP),
    }


def submission(told: Mapping[str, Any], language: Language) -> Submission:
    """What was sent, checked, as a submission."""
    facts = {
        name: value for name, value in told.items() if name not in ("files", "language") and value not in ("", None)
    }
    for name in ("severity_told", "people_affected"):
        if name in facts:
            facts[name] = int(facts[name])
    for name in TIMES:
        if name in facts:
            facts[name] = datetime.fromisoformat(facts[name])
            facts.setdefault(name.replace("_at", "_precision"), "exact")
    facts["answers"] = {code: answer for code, answer in facts.get("answers", {}).items() if answer}
    return Submission(language=Language(told.get("language") or language), **facts)


def files(told: Mapping[str, Any]) -> list[tuple[str, bytes | None]]:
    """Name and content of the files; None where the content is no base64."""
    return [(each["filename"], _decoded(each["data"])) for each in told.get("files", ())]


def _decoded(data: str) -> bytes | None:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
