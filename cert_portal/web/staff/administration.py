"""What the administrator sets: words of kinds, reasons and tags, shared searches, and all of it as one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import exchange, saved, tags
from cert_portal.cases.exchange import SHELVES, Change
from cert_portal.cases.exchange_file import LONGEST, ExchangeRefused
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import SavedSearch
from cert_portal.cases.saved import SearchRefused
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.guidance import kinds, wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.web.forms.fields import too_long
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff import say, word_table, words
from cert_portal.web.staff.desk import INVALID, Answer, desk, may, me, show
from cert_portal.web.staff.exports import as_file
from cert_portal.web.staff.forms import SharedSearchForm
from cert_portal.web.staff.meanwhile import Typed, asked_again, sent_along, shown, take_over
from cert_portal.web.staff.word_table import Row


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
    """Take the rows that the person changed; what somebody else changed meanwhile is shown and left."""
    kept = _shelf(shelf)
    wordbook.hold(kept)
    table = word_table.rows(kept, request.form)
    if wrong := word_table.wrong(table):
        return _words(kept, INVALID, wrong, table)
    left = word_table.clashes(table)
    changed = [row for row in table if row.then != row.word]
    for row in changed:
        wordbook.put(kept, row.code, row.then, me().actor)
    session.commit()
    flash(ngettext("%(num)s entry was changed.", "%(num)s entries were changed.", len(changed)), "done")
    if left:
        return _words(kept, INVALID, left, word_table.once_more(table, request.form))
    return redirect(url_for("staff.wording", shelf=shelf))


@desk.post("/settings/refusals/add", Permission.MANAGE_SETTINGS)
def add_refusal() -> Answer:
    """A reason of our own, called as no other one is."""
    wordbook.hold(Shelf.REFUSAL)
    word = wordbook.cleaned(Word(request.form.get("name_en", ""), request.form.get("name_zh_hant", "")))
    if not (word.name_en and word.name_zh_hant):
        return _words(Shelf.REFUSAL, INVALID, [(said.REFUSED["name_missing"], "#new-en")])
    if long := wordbook.too_long(word):
        return _words(Shelf.REFUSAL, INVALID, [(too_long(word.name(long), wordbook.LONGEST), f"#new-{long[:2]}")])
    names = {row.code: tuple(row.full(row.word).values()) for row in word_table.rows(Shelf.REFUSAL, {})}
    code = wordbook.own_code(word.name_en, names)
    if code in wordbook.borne_twice({**names, code: (word.name_en, word.name_zh_hant)}):
        return _words(Shelf.REFUSAL, INVALID, [(said.REFUSED["there"], "#new-en")])
    wordbook.put(Shelf.REFUSAL, code, word, me().actor)
    session.commit()
    flash(_("The reason was added."), "done")
    return redirect(url_for("staff.wording", shelf="refusals"))


@desk.post("/settings/tags/rename", Permission.MANAGE_SETTINGS)
def rename_tag() -> Answer:
    """Spell a tag anew on all cases, or merge it into another one."""
    before, after = request.form.get("before", ""), request.form.get("after", "")
    if before not in word_table.codes(Shelf.TAG):
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
    """Another name or place; what a colleague changed since the page was made is asked about."""
    row = saved.hold_shared(search_id) or abort(404)
    form, now = SharedSearchForm(request.form), _as_form(row)
    was = sent_along(request.form, now)
    if both := take_over(form, now, was):
        return _views(INVALID, {search_id: (form, shown(now))}, **asked_again(both, said.FIELDS))
    place, typed = form.position.data or now.position.data, {search_id: (form, was)}
    if not place.isdecimal() or int(place[:9]) > wordbook.MOST_PLACES:
        return _views(INVALID, typed, wrong=[(said.REFUSED["no_place"], f"#place-{search_id}")])
    try:
        saved.manage(row, form.name.data, int(place), me())
    except SearchRefused as error:
        return _views(INVALID, typed, wrong=[(words.REFUSED[error.reason], f"#name-{search_id}")])
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
    return as_file(exchange.export(word_table.all_shipped()), "application/json", "settings.json")


@desk.post("/settings/exchange/look", Permission.MANAGE_SETTINGS)
def look_at_settings() -> Answer:
    """What a file would change; nothing is changed."""
    told = _file()
    try:
        return _look(told, exchange.read(told, me(), word_table.all_shipped()))
    except ExchangeRefused as error:
        return _exchange(INVALID, [(said.not_taken(error), "#told")], told=told)


@desk.post("/settings/exchange/take", Permission.MANAGE_SETTINGS)
def take_settings() -> Answer:
    """Change what was shown; where something else would be changed by now, that is shown first."""
    told = _file()
    try:
        changes = exchange.read(told, me(), word_table.all_shipped())
        if not changes:
            return _look(told, changes)
        if exchange.version(changes) != request.form.get("seen"):
            return _look(told, changes, INVALID, [(said.OTHER_CHANGES, "#changes")])
        left_out, count = exchange.left_out(told), exchange.take(changes, me())
    except ExchangeRefused as error:
        session.rollback()
        return _exchange(INVALID, [(said.not_taken(error), "#told")], told=told)
    session.commit()
    flash(" ".join([said.changed(count), *([_absent(left_out)] if left_out else [])]), "done")
    return redirect(url_for("staff.settings_file"))


def _look(told: str, changes: list[Change], status: int = 200, wrong: Sequence[tuple[Any, str]] = ()) -> Answer:
    facts: dict[str, Any] = {"left_out": exchange.left_out(told), "seen": exchange.version(changes)}
    facts["adopted"] = exchange.adopted(told)
    return _exchange(status, wrong, told=told, changes=changes, **facts)


def _absent(addresses: list[str]) -> str:
    return _("Left out: add them under People: %(addresses)s", addresses=" · ".join(addresses[:50]))


def _file() -> str:
    file = request.files.get("file")
    data = file.read(LONGEST + 1) if file and file.filename else b""
    return data.decode("utf-8-sig", "replace") if data else request.form.get("told", "")


def _exchange(status: int = 200, wrong: Sequence[tuple[Any, str]] = (), **facts: Any) -> Answer:
    known: dict[str, Any] = {"told": "", "changes": None, "left_out": [], "said": said}
    known |= {"field": _field, "named": _named, "absent": _absent}
    return show("exchange", status, wrong=wrong, **(known | facts))


def _named(change: Change) -> str:
    """What a file changes, as the reader's language calls it."""
    if change.section == "templates":
        return str(change.after[f"name-{say.language()}"])
    if change.section == "views":
        return f"{change.what} · {change.after['owner']}"
    return word_table.named(change.section, change.what)


def _field(change: Change, name: str, value: Any) -> str:
    """A field of something that a file would change, in words."""
    return word_table.field(SHELVES.get(change.section), change.what, name, value)


def _shelf(told: str) -> Shelf:
    return SHELVES.get(told) or abort(404)


def _words(
    shelf: Shelf, status: int = 200, wrong: Sequence[tuple[Any, str]] = (), table: Sequence[Row] | None = None
) -> Answer:
    rows = word_table.rows(shelf, {}) if table is None else table
    facts: dict[str, Any] = {"shelf": shelf, "rows": rows, "said": said, "needed": kinds.NEEDED}
    facts["counts"] = tags.counted(me()) if shelf is Shelf.TAG else {}
    name = next(name for name, each in SHELVES.items() if each is shelf)
    return show("wording", status, wrong=wrong, path=name, told=request.form, **facts)


def _as_form(row: SavedSearch) -> SharedSearchForm:
    return SharedSearchForm(data={"name": row.name, "position": str(row.position)})


def _views(status: int = 200, typed: Mapping[int, Typed] | None = None, **facts: Any) -> Answer:
    """The shared searches, with what was typed for one of them."""
    rows = []
    for row in saved.shared():
        form = _as_form(row)
        rows.append((row, *(typed or {}).get(row.id, (form, shown(form)))))
    return show("views", status, rows=rows, reads=may("read_cases"), **facts)
