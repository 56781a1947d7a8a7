"""The description of the interface: OpenAPI 3.1 and the page of the manual, from what the views check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cert_portal.intake.submission import Origin
from cert_portal.web.machine import report_schema

MOST_ADVISORIES = 100
JSON, PROBLEM = "application/json", "application/problem+json"

_PROBLEMS = {
    "400": "The request cannot be read",
    "401": "The token is not known",
    "403": "The token does not allow this",
    "404": "There is no such thing, or the pair of number and secret is wrong",
    "413": "More than the server takes",
    "415": "The content is of a kind that is not understood",
    "422": "Fields are wrong; each is named by a pointer. Or the Idempotency-Key was used for another request",
    "429": "Too many requests: Retry-After says when to come back",
    "503": "The database is away: try again later",
}
_NAMES = {
    "number": {"type": "string", "pattern": "^R[0-9]{2}-[0-9]{6}-[0-9]$"},
    "secret": {"type": "string"},
    "status_url": {"type": "string", "format": "uri"},
}


def document(title: str, base_url: str) -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": INTRODUCTION},
        "servers": [{"url": base_url}],
        "paths": {
            "/api/v1/reports": {"post": _post_report()},
            "/api/v1/reports/{number}/status": {"get": _report_status()},
            "/api/v1/advisories": {"get": _advisories()},
        },
        "components": {
            "schemas": {
                "Report": report_schema.report(),
                "Receipt": _receipt(),
                "Status": _status(),
                "Problem": _problem(),
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


INTRODUCTION = (
    "Reports may be sent without an account or with a token (`cert-portal token add`, scope `reports:write`). What is "
    "wrong is told as `application/problem+json` (RFC 9457) in the language of Accept-Language. The same "
    "Idempotency-Key gives the same answer and one report for 24 hours."
)


def _refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(good: str, told: str, schema: Mapping[str, Any], *wrong: str) -> dict[str, Any]:
    found: dict[str, Any] = {good: {"description": told, "content": {JSON: {"schema": schema}}}}
    for code in (*wrong, "429", "503"):
        found[code] = {"description": _PROBLEMS[code], "content": {PROBLEM: {"schema": _refer("Problem")}}}
    return found


def _post_report() -> dict[str, Any]:
    upload = {
        "type": "object",
        "properties": {
            "report": _refer("Report"),
            "files": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}},
        },
        "required": ["report"],
    }
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "description": "Any text of your own that is new for each report",
    }
    origin = {
        "name": "origin",
        "in": "query",
        "schema": {"type": "string", "enum": list(Origin)},
        "description": "Only with a token: whose reports these are. Else IODEF and STIX are those of a team abroad",
    }
    answers = _answers(
        "201", "Stored: number, secret and page", _refer("Receipt"), "400", "401", "403", "413", "415", "422"
    )
    answers["201"]["headers"] = {"Location": {"schema": {"type": "string", "format": "uri"}}}
    return {
        "operationId": "sendReport",
        "summary": "Send a report",
        "security": [{}, {"token": []}],
        "parameters": [key, origin],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _refer("Report")}, "multipart/form-data": {"schema": upload}, **DOCUMENTS},
        },
        "responses": answers,
    }


DOCUMENTS: dict[str, Any] = {
    "application/xml": {
        "schema": {"type": "string", "description": "IODEF 2 (RFC 7970), one report for each incident"}
    },
    "application/stix+json": {"schema": {"type": "object", "description": "A STIX 2.1 bundle"}},
}
"""Documents of other teams that are understood too."""


def _report_status() -> dict[str, Any]:
    told = {"in": "path", "name": "number", "required": True, "schema": {"type": "string"}}
    secret = {"in": "query", "name": "secret", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "reportStatus",
        "summary": "How a report stands",
        "parameters": [told, secret],
        "responses": _answers("200", "The reporter's view of the report", _refer("Status"), "404"),
    }


def _advisories() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1}
    parameters = [
        {"name": "least_level", "in": "query", "schema": {**number, "maximum": 4}, "description": "Least risk"},
        {"name": "limit", "in": "query", "schema": {**number, "maximum": MOST_ADVISORIES}, "description": "At most"},
    ]
    advisories = {"type": "object", "properties": {"advisories": {"type": "array", "items": {"type": "object"}}}}
    return {
        "operationId": "advisories",
        "summary": "Published advisories",
        "parameters": parameters,
        "responses": _answers("200", "The advisories, newest first", advisories, "400"),
    }


def _receipt() -> dict[str, Any]:
    one = {"type": "object", "properties": _NAMES, "required": sorted(_NAMES)}
    several = {"type": "array", "items": one, "description": "All of them, where a document made several"}
    return {**one, "properties": {**_NAMES, "reports": several}}


def _status() -> dict[str, Any]:
    moment = {"type": "string", "format": "date-time"}
    addition = {"type": "object", "properties": {"at": moment, "text": {"type": "string"}}}
    return {
        "type": "object",
        "properties": {
            "number": _NAMES["number"],
            "state": {"type": "string"},
            "kind": {"type": "string"},
            "language": {"type": "string"},
            "received_at": moment,
            "first_response_at": {**moment, "type": ["string", "null"]},
            "additions": {"type": "array", "items": addition},
            "files": {"type": "array", "items": {"type": "string"}},
        },
    }


def _problem() -> dict[str, Any]:
    words = {"type": "string"}
    wrong = {"type": "object", "properties": {"pointer": words, "parameter": words, "detail": words}}
    return {
        "type": "object",
        "properties": {
            "type": words,
            "title": words,
            "status": {"type": "integer"},
            "detail": words,
            "errors": {"type": "array", "items": wrong},
        },
        "required": ["title", "status"],
    }


def table() -> str:
    """The page of the manual."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    described = document("", "")
    yield INTRODUCTION
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            yield f"\n## {method.upper()} {path}\n\n{told['summary']}."
            yield from (f"- `{each['name']}` ({each['in']})" for each in told["parameters"])
            if "requestBody" in told:
                yield "\nContent: " + ", ".join(f"`{each}`" for each in told["requestBody"]["content"]) + "."
            yield "\n| Answer | Meaning |\n|---|---|"
            yield from (f"| {code} | {each['description']} |" for code, each in told["responses"].items())
    yield "\n## Fields of a report\n\n| Field | Type | Meaning |\n|---|---|---|"
    yield from _rows(described["components"]["schemas"]["Report"])


def _rows(schema: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, told in schema["properties"].items():
        kind = told["type"] if isinstance(told["type"], str) else told["type"][0]
        codes = [f"`{code}`" for code in told.get("enum", told.get("items", {}).get("enum", ())) if code]
        meaning = told["description"] + (": " + ", ".join(codes) if codes else "")
        must = ", required" if name in schema["required"] else ""
        yield f"| `{before}{name}` | {kind}{must} | {meaning} |"
        inner = told if kind == "object" else told.get("items", {})
        if inner.get("properties"):
            yield from _rows(inner, f"{before}{name}.")
