"""What to do for each kind of incident, whom to tell, and the facts about the centre (RFC 2350)."""

from __future__ import annotations

from flask import abort, g, render_template

from cert_portal.config import current
from cert_portal.guidance import kinds
from cert_portal.guidance.advice import advice_html, who_to_tell
from cert_portal.guidance.kinds import UnknownKind
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.verify import spelled


@public.get("/guides/")
def guides() -> str:
    """All guides."""
    return render_template("public/guides.html", kinds=kinds.ordered())


@public.get("/guides/<kind>")
def guide(kind: str) -> str:
    """One guide: the same advice that a reporter of this kind gets."""
    try:
        found = kinds.by_code(kind)
    except UnknownKind:
        abort(404)
    bodies = who_to_tell(found.tell, g.language)
    return render_template("public/guide.html", kind=found, advice=advice_html(kind, g.language), bodies=bodies)


@public.get("/contact")
def contact() -> str:
    """Who we are, how to reach us and what we do, under the headings of RFC 2350."""
    here = current()
    keys = [(here.report_address, spelled(here.desk_key)), (here.advisory_address, spelled(here.publication_key))]
    return render_template("public/contact.html", keys=[each for each in keys if each[1]])
