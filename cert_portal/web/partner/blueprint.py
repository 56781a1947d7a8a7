"""The blueprint of the partner face. The address is the key; the language is asked for, else the browser's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from cert_portal.core.i18n import Language

partner = Blueprint("partner", __name__, url_prefix="/p")


@partner.url_value_preprocessor
def take_language(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """The reader's choice, if one was made on this page; it goes along with every form."""
    told = request.args.get("lang", "")
    if told in set(Language):
        g.language = Language(told)


@partner.url_defaults
def give_language(_endpoint: str, values: dict[str, Any]) -> None:
    """Links and forms keep the language that was chosen."""
    if "language" in g:
        values.setdefault("lang", g.language.value)


@partner.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """More was sent at once than the server takes: say so, and lead back to the page."""
    return render_template("partner/too_large.html", back=request.path.rpartition("/")[0]), 413
