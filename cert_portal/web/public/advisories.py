"""Advisories for everybody: the list, and one page each that never goes away."""

from __future__ import annotations

from typing import Any

from flask import abort, g, render_template, request
from flask_babel import lazy_gettext as _

from cert_portal.core.i18n import Language
from cert_portal.core.prose import to_html
from cert_portal.core.text import whole
from cert_portal.core.tlp import TLP
from cert_portal.publishing import feeds, shown
from cert_portal.publishing.content import Content
from cert_portal.publishing.models import RiskLevel
from cert_portal.publishing.shown import Shown
from cert_portal.publishing.text import CHANGES, LEVELS, day, moment
from cert_portal.web.limits import limiter
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.record import made_once

PARTS = (
    ("going_on", _("What is going on")),
    ("affected", _("Who is affected")),
    ("workaround", _("If you cannot update")),
    ("signs", _("How to notice an attack")),
)


@public.get("/advisories/")
@limiter.exempt
@made_once
def advisories() -> str:
    """Published advisories, newest first, all or from some risk on."""
    least = min(whole(request.args.get("risk", "")), max(RiskLevel))
    page = shown.page(after=request.args.get("before", ""), least_level=least or 1)
    return render_template(
        "public/advisories.html", page=page, least=least, levels=list(RiskLevel), **vocabulary_of_advisories()
    )


@public.get("/advisories/<public_id>")
@limiter.exempt
@made_once
def advisory(public_id: str) -> str:
    """One advisory: what to do comes first."""
    found = shown.one(public_id) or abort(404)
    return render_template("public/advisory.html", **page_facts(found), **vocabulary_of_advisories())


def page_facts(found: Shown, language: Language | None = None) -> dict[str, Any]:
    """What the page of an advisory is made of."""
    language = language or g.language
    words = found.content[language]
    return {
        "shown": found,
        "content": found.content,
        "told": words,
        "to_do": to_html(words.to_do),
        "parts": [(name, title, to_html(getattr(words, name))) for name, title in PARTS if getattr(words, name)],
        "history": [(each, each.changed.get(language.value, "")) for each in shown.revisions(found.public_id)],
        "signed_text": f"/{feeds.text_path(found.public_id, language)}",
        "csaf": f"/.well-known/{feeds.csaf_path(found, language)}",
        "tlp": TLP.CLEAR,
    }


def vocabulary_of_advisories() -> dict[str, Any]:
    """Names of levels and changes, and how dates are said, in the reader's language."""
    language: Language = g.language
    return {
        "level_words": LEVELS[language],
        "change_words": CHANGES[language],
        "said_day": lambda at: day(at, language),
        "said_moment": lambda at: moment(at, language),
        "empty": Content(),
    }
