"""Watched sources and what came from them: an editor turns an item into a draft, or sets it aside."""

from __future__ import annotations

from dataclasses import replace

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.core.db import session
from cert_portal.core.i18n import Language, language_of
from cert_portal.directory.permissions import Permission
from cert_portal.monitoring import service
from cert_portal.monitoring.models import Item, Source
from cert_portal.monitoring.service import SourceRefused
from cert_portal.publishing import service as publishing
from cert_portal.publishing.content import Content, Words
from cert_portal.web.staff import advisory_words as words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show


@desk.get("/watch", Permission.WRITE_ADVISORIES)
def watch() -> Answer:
    """Items that nobody has dealt with, newest first, and the sources."""
    return _page()


@desk.post("/watch/sources", Permission.WRITE_ADVISORIES)
def add_source() -> Answer:
    """Watch one more feed."""
    try:
        service.add(request.form.get("name", ""), request.form.get("address", ""), me())
    except SourceRefused as error:
        session.rollback()
        place = "#name" if error.reason == "no_name" else "#address"
        return _page(INVALID, wrong=[(words.SOURCES[error.reason], place)])
    session.commit()
    flash(_("The source is being read."), "done")
    return redirect(url_for("staff.watch"))


@desk.post("/watch/sources/<int:source_id>", Permission.WRITE_ADVISORIES)
def switch_source(source_id: int) -> Answer:
    """Stop watching it, or go on."""
    source = session.get(Source, source_id) or abort(404)
    service.switch(source, request.form.get("active") == "y", me())
    session.commit()
    return redirect(url_for("staff.watch"))


@desk.post("/watch/items/<int:item_id>", Permission.WRITE_ADVISORIES)
def deal_with_item(item_id: int) -> Answer:
    """Make it a draft, or set it aside."""
    try:
        if request.form.get("do") == "draft":
            return _draft(item_id)
        service.dismiss(item_id, me())
    except SourceRefused as error:
        session.rollback()
        return _page(INVALID, wrong=[(words.SOURCES[error.reason], "#main-content")])
    session.commit()
    return redirect(url_for("staff.watch"))


def _draft(item_id: int) -> Answer:
    item = service.take(item_id)
    version = publishing.draft(me(), _content(item), source=item.link or item.title)
    service.taken(item, version.advisory.public_id, me())
    session.commit()
    return redirect(url_for("staff.edit_advisory", version_id=version.id))


def _content(item: Item) -> Content:
    """The item's words stand in the language that they are in; the editor writes the other."""
    language = language_of(f"{item.title} {item.summary}")
    told = {each.value: Words() for each in Language}
    told[language.value] = Words(title=item.title[:200], going_on=item.summary)
    return replace(Content(), words=told, references=(item.link,) if item.link else ())


def _page(status: int = 200, **facts: object) -> Answer:
    page = service.items(request.args.get("before", ""))
    typed = {"name": request.form.get("name", ""), "address": request.form.get("address", "")}
    known = {"page": page, "sources": service.sources(), "typed": typed, "adv": words}
    return show("watch", status, **{**known, **facts})  # type: ignore[arg-type]  # facts may hold `wrong`
