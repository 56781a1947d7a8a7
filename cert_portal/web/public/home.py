"""The front page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from flask import render_template
from sqlalchemy.exc import SQLAlchemyError

from cert_portal.core.db import session
from cert_portal.publishing import shown
from cert_portal.publishing.shown import Shown
from cert_portal.web.forms import words
from cert_portal.web.public.advisories import vocabulary_of_advisories
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.summary import when

log = structlog.get_logger(__name__)


@public.context_processor
def vocabulary() -> dict[str, Any]:
    """What the public pages say with."""
    return {"words": words, "when": when}


@public.get("/")
def home() -> str:
    """Whom we serve, what we do, and the two doors: report and status."""
    return render_template("public/home.html", latest=_latest(), **vocabulary_of_advisories())


def _latest() -> Sequence[Shown]:
    try:
        return shown.page(limit=3).rows
    except SQLAlchemyError as error:  # the doors stand open without it
        log.warning("database_away", error=type(error).__name__)
        session.rollback()
        return []
