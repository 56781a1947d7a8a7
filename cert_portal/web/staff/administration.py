"""What the administrator sets: words of kinds, reasons and tags, shared searches, and all of it as one file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import exchange, saved, tags, triage
from cert_portal.cases.exchange import SHELVES, Change, ExchangeRefused
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.saved import SearchRefused
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.permissions import Permission
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff import say, words
from cert_portal.web.staff.desk import INVALID, Answer, desk, may, me, show
from cert_portal.web.staff.exports import as_file

MOST_FILE = exchange.LONGEST


@desk.get("/settings", Permission.READ_SETTINGS)
def administration() -> Answer:
    """Where everything is set."""
    return show("administration", pages=said.PAGES)


@desk.get("/settings/words/<shelf>", Permission.READ_SETTINGS)
def wording(shelf: str) -> Answer:
    """How the codes of a list are called, in which order, and which are still offered."""
    return _words(_shelf(shelf))


@desk.post("/settings/words/<shelf>", Permission.MANAGE_SETTINGS)
def change_wording(shelf: str) -> Answer:
    """Take the whole table."""
    kept = _shelf(shelf)
    told = {code: _told(kept, code) for code in _codes(kept)}
    if kept is Shelf.REFUSAL and all(word.retired for word in told.values()):
        return _words(kept, INVALID, [(said.REFUSED["last_reason"], "#words")])
    if kept is Shelf.REFUSAL and any(_is_nameless(code, word) for code, word in told.items()):
        return _words(kept, INVALID, [(said.REFUSED["name_missing"], "#words")])
    changed = [code for code, word in told.items() if _differs(kept, code, word)]
    for code in changed:
        wordbook.put(kept, code, told[code], me().actor)
    session.commit()
    flash(ngettext("%(num)s entry was changed.", "%(num)s entries were changed.", len(changed)), "done")
    return redirect(url_for("staff.wording", shelf=shelf))


@desk.post("/settings/refusals/add", Permission.MANAGE_SETTINGS)
def add_refusal() -> Answer:
    """A reason of our own."""
    word = wordbook.cleaned(Word(request.form.get("name_en", ""), request.form.get("name_zh_hant", "")))
    code = f"own_{re.sub('[^a-z0-9]+', '_', word.name_en.lower()).strip('_')}"[:36]
    if not (word.name_en and word.name_zh_hant):
        return _words(Shelf.REFUSAL, INVALID, [(said.REFUSED["name_missing"], "#new-en")])
    if code in triage.refusals(retired=True):
        return _words(Shelf.REFUSAL, INVALID, [(said.REFUSED["there"], "#new-en")])
    wordbook.put(Shelf.REFUSAL, code, word, me().actor)
    session.commit()
    flash(_("The reason was added."), "done")
    return redirect(url_for("staff.wording", shelf="refusals"))


@desk.post("/settings/tags/rename", Permission.MANAGE_SETTINGS)
def rename_tag() -> Answer:
    """Spell a tag anew on all cases, or merge it into another one."""
    before, after = request.form.get("before", ""), request.form.get("after", "")
    if before not in _codes(Shelf.TAG):
        return _words(Shelf.TAG, INVALID, [(said.REFUSED["no_tag"], "#before")])
    try:
        name = tags.rename(before, after, me())
    except HandlingRefused as error:
        return _words(Shelf.TAG, INVALID, [(words.REFUSED[error.reason], "#after")])
    session.commit()
    flash(_("“%(before)s” is “%(after)s” from now on.", before=before, after=name), "done")
    return redirect(url_for("staff.wording", shelf="tags"))


@desk.get("/settings/views", Permission.READ_SETTINGS)
def shared_views() -> Answer:
    """The searches that the team shares."""
    return _views()


@desk.post("/settings/views/<int:search_id>", Permission.MANAGE_SETTINGS)
def manage_view(search_id: int) -> Answer:
    """Another name or place."""
    row = saved.find_shared(search_id) or abort(404)
    place = request.form.get("position", "")
    try:
        saved.manage(row, request.form.get("name", ""), int(place) if place.isdecimal() else row.position, me())
    except SearchRefused as error:
        return _views(INVALID, [(words.REFUSED[error.reason], f"#name-{search_id}")])
    session.commit()
    flash(_("The search was changed."), "done")
    return redirect(url_for("staff.shared_views"))


@desk.post("/settings/views/<int:search_id>/remove", Permission.MANAGE_SETTINGS)
def remove_view(search_id: int) -> Answer:
    """Take it away from the team."""
    saved.remove_shared(saved.find_shared(search_id) or abort(404), me())
    session.commit()
    flash(_("The search was removed."), "done")
    return redirect(url_for("staff.shared_views"))


@desk.get("/settings/exchange", Permission.MANAGE_SETTINGS)
def settings_file() -> Answer:
    """All of it as a file, and a file to look at."""
    return _exchange()


@desk.post("/settings/exchange.json", Permission.MANAGE_SETTINGS)
def export_settings() -> Answer:
    """The file."""
    return as_file(exchange.export(), "application/json", "settings.json")


@desk.post("/settings/exchange/look", Permission.MANAGE_SETTINGS)
def look_at_settings() -> Answer:
    """What a file would change; nothing is changed."""
    told = _file()
    try:
        return _exchange(told=told, changes=exchange.read(told, me()))
    except ExchangeRefused as error:
        return _exchange(INVALID, [(said.not_taken(error.place), "#told")], told=told)


@desk.post("/settings/exchange/take", Permission.MANAGE_SETTINGS)
def take_settings() -> Answer:
    """Change it."""
    told = _file()
    try:
        count = exchange.take(told, me())
    except ExchangeRefused as error:
        session.rollback()
        return _exchange(INVALID, [(said.not_taken(error.place), "#told")], told=told)
    session.commit()
    flash(ngettext("%(num)s thing was changed.", "%(num)s things were changed.", count), "done")
    return redirect(url_for("staff.settings_file"))


def _file() -> str:
    file = request.files.get("file")
    data = file.read(MOST_FILE + 1) if file and file.filename else b""
    return data.decode("utf-8-sig", "replace") if data else request.form.get("told", "")


def _exchange(status: int = 200, wrong: Sequence[tuple[Any, str]] = (), **facts: Any) -> Answer:
    known = {"told": "", "changes": None, "said": said, "field": _field, "named": _named}
    return show("exchange", status, wrong=wrong, **(known | facts))


def _named(change: Change) -> str:
    """What a file changes, as the reader's language calls it."""
    match change.section:
        case "kinds":
            return say.kind(change.what)
        case "refusals":
            return say.refusal(change.what)
        case "clocks":
            return str(words.CLOCKS[change.what])
        case "holidays":
            return say.day(date.fromisoformat(change.what))
        case "templates":
            return str(change.after[f"name-{say.language()}"])
    return change.what


def _field(change: Change, name: str, value: Any) -> str:
    """A field of something that a file would change, in words; an empty name of a shipped word is that word."""
    if value in ("", None) and name in exchange.HOLIDAY and change.section in SHELVES:
        shipped = _shipped(SHELVES[change.section], change.what)[name != "name_en"]
        return _("%(word)s (as shipped)", word=shipped) if shipped else said.nothing(name)
    return said.value(name, value)


def _shelf(told: str) -> Shelf:
    return SHELVES.get(told) or abort(404)


def _codes(shelf: Shelf) -> list[str]:
    if shelf is Shelf.KIND:
        return [kind.code for kind in kinds.ordered()]
    if shelf is Shelf.REFUSAL:
        return triage.refusals(retired=True)
    return sorted({*tags.counted(me()), *wordbook.entries(Shelf.TAG)})


def _told(shelf: Shelf, code: str) -> Word:
    """What the table says about a code; a name like the shipped one is no name of its own."""
    form, place = request.form, request.form.get(f"place-{code}", "").strip()
    shipped = _shipped(shelf, code)
    names = [form.get(f"{language}-{code}", "") for language in Language]
    own = ["" if name.strip() == word else name for name, word in zip(names, shipped, strict=True)]
    place_told = int(place[:4]) if place.isdecimal() else None
    needed = shelf is Shelf.KIND and code in kinds.NEEDED
    return wordbook.cleaned(Word(own[0], own[1], place_told, f"retired-{code}" in form and not needed))


def _differs(shelf: Shelf, code: str, word: Word) -> bool:
    return word != wordbook.of(shelf, code)


def _is_nameless(code: str, word: Word) -> bool:
    """Whether one of our own reasons would lose a name."""
    return code not in triage.REFUSALS and not (word.name_en and word.name_zh_hant)


def _shipped(shelf: Shelf, code: str) -> tuple[str, str]:
    """The words of a code in both languages when nobody chose others."""
    if shelf is Shelf.KIND:
        names = kinds.by_code(code).names
        return names[Language.EN], names[Language.ZH_HANT]
    return said.shipped(words.REFUSALS.get(code)) if shelf is Shelf.REFUSAL else ("", "")


def _words(shelf: Shelf, status: int = 200, wrong: Sequence[tuple[Any, str]] = ()) -> Answer:
    rows = [(code, wordbook.of(shelf, code), _shipped(shelf, code)) for code in _codes(shelf)]
    facts: dict[str, Any] = {"shelf": shelf, "rows": rows, "said": said, "needed": kinds.NEEDED}
    facts["counts"] = tags.counted(me()) if shelf is Shelf.TAG else {}
    name = next(name for name, each in SHELVES.items() if each is shelf)
    return show("wording", status, wrong=wrong, path=name, told=request.form, **facts)


def _views(status: int = 200, wrong: Sequence[tuple[Any, str]] = ()) -> Answer:
    return show("views", status, wrong=wrong, rows=saved.shared(), reads=may("read_cases"))
