"""The interface for programs, as far as it is there: advisories, and a description of everything (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _

from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.core.text import whole
from cert_portal.publishing import csaf, feeds, shown
from cert_portal.publishing.models import RiskLevel
from cert_portal.publishing.shown import Shown
from cert_portal.web.limits import limiter
from cert_portal.web.machine import openapi
from cert_portal.web.machine.blueprint import machine
from cert_portal.web.problems import problem

MOST = openapi.MOST_ADVISORIES


@machine.get("/api/v1/advisories")
def api_advisories() -> Response:
    """Published advisories, newest first; `least_level` 1 to 4, `limit` up to 100."""
    told, wrong = {}, []
    for name, usual, most in (("least_level", 1, max(RiskLevel)), ("limit", 30, MOST)):
        given = whole(request.args.get(name, str(usual)))
        if 1 <= given <= most:
            told[name] = given
        else:
            detail = _("must be a number from %(least)s to %(most)s", least=1, most=int(most))
            wrong.append({"parameter": name, "detail": detail})
    if wrong:
        return problem(400, _("A value is wrong"), errors=wrong)
    page = shown.page(least_level=told["least_level"], limit=told["limit"])
    return jsonify({"advisories": [_advisory(each) for each in page.rows]})


@machine.get("/api/openapi.json")
@limiter.exempt
def openapi_json() -> Response:
    """What there is, and nothing that is not."""
    here = current()
    return jsonify(openapi.document(here.centre_name(Language.EN), here.base_url))


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
