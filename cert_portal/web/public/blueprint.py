"""The blueprint of the public face: the language is the first part of every address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from cert_portal.core.i18n import Language

public = Blueprint("public", __name__, url_prefix="/<any('en', 'zh-hant'):lang>")

PLACES = (
    ("report/", _("Report an incident")),
    ("status", _("Check a report")),
    ("advisories/", _("Advisories")),
    ("guides/", _("Guides")),
    ("subscribe", _("Subscribe")),
    ("verify", _("Verify a message")),
    ("statistics", _("Statistics")),
    ("annual-reports/", _("Annual reports")),
    ("contact", _("Contact")),
)


@public.url_value_preprocessor
def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the language of the address; views never see it."""
    g.language = Language((values or {}).pop("lang"))


@public.url_defaults
def give_language(_endpoint: str, values: dict[str, Any]) -> None:
    """Links stay in the reader's language."""
    values.setdefault("lang", g.get("language", Language.EN).value)


@public.app_context_processor
def frame() -> dict[str, Any]:
    """What the page frame asks for, on every face."""
    return {"places": places, "other_language_url": other_language_url}


def places() -> list[tuple[str, Any, bool]]:
    """Where the header leads: address, words, and whether the reader is there. Only what this portal serves."""
    prefix = f"/{g.get('language', Language.EN).value}/"
    routes = current_app.url_map.bind("")
    return [
        (prefix + path, words, request.path.startswith(prefix + path))
        for path, words in PLACES
        if routes.test(prefix + path, method="GET")
    ]


def other_language_url() -> str | None:
    """This page in the other language, with the same answers; None where an address has no language."""
    if not request.endpoint or not current_app.url_map.is_endpoint_expecting(request.endpoint, "lang"):
        return None
    values = {**request.args.to_dict(), **(request.view_args or {}), "lang": g.language.other.value}
    return url_for(request.endpoint, **values)


@public.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """More was sent at once than the server takes: say so, and lead back to the page."""
    return render_template("public/too_large.html", back=request.path), 413
