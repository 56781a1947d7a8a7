"""Templates of letters: all of them, one with its versions and a preview, changes, and the file to carry them."""

from __future__ import annotations

import io
import json
from typing import Any

from flask import abort, flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cert_portal.cases import templates, wording
from cert_portal.cases.templates import PARTS, Template, TemplateRefused
from cert_portal.cases.wording import PREPARED
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.text import whole
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import letter_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show


@desk.get("/settings/templates", Permission.READ_SETTINGS)
def letter_templates() -> Answer:
    """All templates, those that are offered first."""
    return _list()


@desk.get("/settings/templates.json", Permission.READ_SETTINGS)
def templates_file() -> Response:
    """All templates as a file."""
    data = json.dumps(templates.as_file(), ensure_ascii=False, indent=1).encode()
    return send_file(io.BytesIO(data), "application/json", True, "letter-templates.json")


@desk.get("/settings/templates/new", Permission.MANAGE_SETTINGS)
def new_template() -> Answer:
    """An empty form."""
    return show("letter_template", template=None, told=_empty(), typed="", **_around())


@desk.post("/settings/templates/new", Permission.MANAGE_SETTINGS)
def add_template() -> Answer:
    """A new template, or a look at it first."""
    code, typed = request.form.get("short_name", "").strip(), _typed()
    try:
        if request.form.get("do") == "look":
            return show("letter_template", template=None, typed=code, **_looked(templates.check(typed, code)))
        row = templates.add(code, typed, me())
    except TemplateRefused as error:
        session.rollback()
        return show("letter_template", INVALID, template=None, typed=code, wrong=_why(error), **_shown(typed))
    return _done(row.id, _("The template is offered from now on."))


@desk.post("/settings/templates/import", Permission.MANAGE_SETTINGS)
def import_templates() -> Answer:
    """Take in a file of templates."""
    sent = request.files.get("file")
    try:
        added, changed = templates.read_file(sent.read() if sent else b"", me())
    except TemplateRefused as error:
        session.rollback()
        said = str(letter_words.TEMPLATE_REFUSED[error.reason]) % {"told": error.told}
        return _list(INVALID, wrong=[(said, "#file")])
    session.commit()
    flash(_("Templates added: %(added)s, changed: %(changed)s", added=added, changed=changed), "done")
    return redirect(url_for("staff.letter_templates"))


@desk.get("/settings/templates/<int:template_id>", Permission.READ_SETTINGS)
def letter_template(template_id: int) -> Answer:
    """One template: how it looks, what it says, and what it said before."""
    return _page(_find(template_id))


@desk.post("/settings/templates/<int:template_id>", Permission.MANAGE_SETTINGS)
def change_template(template_id: int) -> Answer:
    """Another wording, or a look at it first, or the wording of an earlier version."""
    found, typed = _find(template_id), _typed()
    seen, earlier = (whole(request.form.get(name, ""), 9) for name in ("seen", "earlier"))
    if earlier:
        past = {each.version: each.words for each in templates.versions(found.row)}
        typed = past.get(earlier) or abort(400)
    try:
        if request.form.get("do") == "look":
            return _page(found, seen=seen, **_looked(templates.check(typed, found.row.code), found.row.code))
        is_new = templates.change(found.row, typed, me(), seen=seen)
    except TemplateRefused as error:
        session.rollback()
        return _page(_find(template_id), INVALID, seen=seen, wrong=_why(error), **_shown(typed, found.row.code))
    return _done(template_id, _("The new wording is in use.") if is_new else _("Nothing was changed."))


@desk.post("/settings/templates/<int:template_id>/state", Permission.MANAGE_SETTINGS)
def offer_template(template_id: int) -> Answer:
    """Offer it no longer, or again."""
    row = _find(template_id).row
    if request.form.get("do") == "restore":
        templates.restore(row, me())
        return _done(template_id, _("The template is offered from now on."))
    templates.retire(row, me())
    return _done(template_id, _("The template is not offered any longer."))


def _find(template_id: int) -> Template:
    return templates.find(template_id) or abort(404)


def _typed() -> dict[str, dict[str, str]]:
    return {lang.value: {part: request.form.get(f"{part}-{lang}", "") for part in PARTS} for lang in Language}


def _empty() -> dict[str, dict[str, str]]:
    return {lang.value: dict.fromkeys(PARTS, "") for lang in Language}


def _why(error: TemplateRefused) -> list[tuple[str, str]]:
    place = f"#{error.told}" if error.reason in ("missing", "too_long") else f"#{error.place or 'text-en'}"
    place = "#short_name" if error.reason in ("bad_code", "code_taken") else place
    return [(str(letter_words.TEMPLATE_REFUSED[error.reason]) % {"told": error.told}, place)]


def _around(code: str = "") -> dict[str, Any]:
    own = {name: letter_words.PREPARED_FACTS[name] for name in PREPARED.get(code, ())}
    return {"facts": {**letter_words.FACTS, **own}, "looks": {}, "sides": list(Language), "prepared": code in PREPARED}


def _shown(words: templates.Words, code: str = "") -> dict[str, Any]:
    return {**_around(code), "told": words}


def _looked(words: templates.Words, code: str = "") -> dict[str, Any]:
    """The words, and the letter that they make for a case that never was, in pieces: blanks stand out."""
    made = {lang.value: templates.preview(words, lang) for lang in Language}
    looks = {lang: (wording.pieces(subject), wording.pieces(text)) for lang, (subject, text) in made.items()}
    return {**_shown(words, code), "looks": looks}


def _page(found: Template, status: int = 200, *, seen: int = 0, **facts: Any) -> Answer:
    known: dict[str, Any] = {"template": found.row, "seen": seen or found.row.version, "people": accounts.names()}
    facts = facts or _looked(found.version.words, found.row.code)
    return show("letter_template", status, **known, versions=templates.versions(found.row), **facts)


def _list(status: int = 200, **facts: Any) -> Answer:
    known: dict[str, Any] = {"templates": templates.everything(), "people": accounts.names(), "prepared": PREPARED}
    return show("letter_templates", status, **known, **facts)


def _done(template_id: int, said: str) -> Response:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.letter_template", template_id=template_id))
