"""The front page."""

from __future__ import annotations

from typing import Any

from flask import render_template

from cert_portal.web.forms import words
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.summary import when


@public.context_processor
def vocabulary() -> dict[str, Any]:
    """What the public pages say with."""
    return {"words": words, "when": when}


@public.get("/")
def home() -> str:
    """Whom we serve, what we do, and the two doors: report and status."""
    return render_template("public/home.html")
