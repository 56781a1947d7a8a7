"""The interface for programs, as far as it is there: advisories, and a description of itself (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.publishing import csaf, feeds, shown
from cert_portal.publishing.models import RiskLevel
from cert_portal.publishing.shown import Shown
from cert_portal.web.machine.blueprint import machine

MOST = 100


@machine.get("/api/v1/advisories")
def api_advisories() -> Response | tuple[Response, int]:
    """Published advisories, newest first; `least_level` 1 to 4, `limit` up to 100."""
    told = {}
    for name, usual, most in (("least_level", 1, max(RiskLevel)), ("limit", 30, MOST)):
        given = request.args.get(name, str(usual))
        if not (given.isascii() and given.isdigit() and len(given) < 9 and 1 <= int(given) <= most):
            return _problem(name, f"must be a number from 1 to {most}")
        told[name] = int(given)
    page = shown.page(least_level=told["least_level"], limit=told["limit"])
    return jsonify({"advisories": [_advisory(each) for each in page.rows]})


@machine.get("/api/openapi.json")
def openapi() -> Response:
    """What there is, and nothing that is not."""
    number = {"type": "integer", "minimum": 1}
    parameters = [
        {"name": "least_level", "in": "query", "schema": {**number, "maximum": 4}, "description": "Least risk"},
        {"name": "limit", "in": "query", "schema": {**number, "maximum": MOST}, "description": "At most so many"},
    ]
    answers = {
        "200": {"description": "The advisories, newest first", "content": {"application/json": {}}},
        "400": {"description": "A value is wrong (RFC 9457)", "content": {"application/problem+json": {}}},
    }
    get = {"summary": "Published advisories", "parameters": parameters, "responses": answers}
    return jsonify(
        {
            "openapi": "3.1.0",
            "info": {"title": current().centre_name(Language.EN), "version": "1"},
            "servers": [{"url": current().base_url}],
            "paths": {"/api/v1/advisories": {"get": get}},
        }
    )


def _advisory(each: Shown) -> dict[str, Any]:
    base = current().base_url
    return {
        "id": each.public_id,
        "version": each.version,
        "change": each.change,
        "level": each.content.level,
        "exploited": each.content.exploited,
        "issued": csaf.timestamp(each.first),
        "updated": csaf.timestamp(each.issued),
        "cves": [one.cve for one in each.content.vulnerabilities],
        "title": {language.value: each.content[language].title for language in Language},
        "summary": {language.value: each.content[language].summary for language in Language},
        "csaf": {language.value: f"{base}/.well-known/{feeds.csaf_path(each, language)}" for language in Language},
    }


def _problem(field: str, detail: str) -> tuple[Response, int]:
    told = jsonify({"title": "A value is wrong", "status": 400, "detail": f"{field} {detail}", "field": field})
    told.headers["Content-Type"] = "application/problem+json"
    return told, 400
