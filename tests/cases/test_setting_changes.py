"""The last changes of settings, from the record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.event import listen, remove

from cert_portal.cases import exchange, saved, setting_changes, templates
from cert_portal.cases.queue import Sort
from cert_portal.core.db import session
from cert_portal.core.mail import exercise
from cert_portal.directory import accounts, calendar
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from tests.cases.desk import person
from tests.cases.test_templates import WORDS

pytestmark = pytest.mark.usefixtures("context")


def told() -> list[tuple[str, str, Any, Any]]:
    """What a page shows of each."""
    return [(each.event.kind, each.what, each.before, each.after) for each in setting_changes.last()]


def test_each_change_tells_what_was_before_and_after(context: object) -> None:
    root = person("Root", "admin")
    wordbook.put(Shelf.KIND, "phishing", Word("Bait", "釣魚"), root.actor)
    template = templates.add("ask", WORDS, root)
    templates.change(template, {**WORDS, "en": {**WORDS["en"], "text": "Dear {reporter}"}}, root, seen=1)
    row = saved.save("Waves", "tag:wave", Sort.NEWEST, root, shared=True)
    saved.manage(row, "Surges", 3, root)
    saved.save("Mine", "tag:wave", Sort.NEWEST, root, shared=False)
    exercise.add("@players.example", "", root.actor)
    accounts.change(root, name="Root", roles=["admin", "analyst"], active=True, actor=root.actor)
    accounts.change(root, name="Ruth", roles=["admin", "analyst"], active=True, actor=root.actor)
    accounts.set_language(root, "zh-hant")
    exchange.take(exchange.read(exchange.export().replace("@players.example", "@others.example"), root), root)
    assert told()[:9] == [
        ("desk.settings_imported", "", "", "1"),
        ("exercise.address_added", "@others.example", "", ""),
        (
            "user.changed",
            root.actor,
            {"name": f"Root <{root.email}>", "roles": ["analyst", "admin"], "active": True},
            {"name": f"Ruth <{root.email}>", "roles": ["analyst", "admin"], "active": True},
        ),
        (
            "user.changed",
            root.actor,
            {"roles": ["admin"], "active": True},
            {"roles": ["analyst", "admin"], "active": True},
        ),
        ("exercise.address_added", "@players.example", "", ""),
        ("desk.search_managed", "Waves", {"name": "Waves", "position": 0}, {"name": "Surges", "position": 3}),
        ("desk.search_saved", "Waves", {}, {"query": "tag:wave", "sort": "newest", "position": 0, "view": ""}),
        ("template.changed", "ask", "1", "2"),
        ("template.added", "ask", "", "1"),
    ]
    word = next(each for each in setting_changes.last() if each.what == "phishing")
    assert (word.fields(word.before), word.fields(word.after)) == (
        {"name_en": "", "name_zh_hant": ""},
        {"name_en": "Bait", "name_zh_hant": "釣魚"},
    )
    assert told()[-1] == ("user.added", root.actor, {}, {"roles": ["admin"], "active": True})


def test_a_change_holds_all_that_was_changed(context: object) -> None:
    root, leo = person("Root", "admin"), person("Leo")
    calendar.import_holidays("2031-01-01; The first; 一月一日", root.actor)
    calendar.import_holidays("2031-01-01; The first; 元旦", root.actor)
    accounts.change(leo, name="Leo", roles=["analyst"], active=False, actor=root.actor)
    exercise.put("@players.example", "All", root.actor)
    exercise.put("@players.example", "Some", root.actor)
    calendar.remove_holiday(date(2031, 1, 1), root.actor)
    gone, note, added, closed, renamed, new, *_more = setting_changes.last()
    assert (gone.fields(gone.before), gone.after) == ({"name_en": "The first", "name_zh_hant": "元旦"}, "")
    assert (note.event.kind, note.what, note.before, note.after) == (
        *("exercise.note_changed", "@players.example", "All", "Some"),
    )
    assert (added.what, added.after, added.fields(added.after)) == ("@players.example", "All", {})
    assert (closed.fields(closed.before), closed.fields(closed.after)) == ({"active": True}, {"active": False})
    assert (renamed.fields(renamed.before), renamed.fields(renamed.after)) == (
        *({"name_zh_hant": "一月一日"}, {"name_zh_hant": "元旦"}),
    )
    assert (new.before, new.fields(new.after)) == ({}, {"name_en": "The first", "name_zh_hant": "一月一日"})


def test_it_is_one_statement_and_bounded(context: object, monkeypatch: pytest.MonkeyPatch) -> None:
    root: User = person("Root", "admin")
    calendar.import_holidays("\n".join(f"2031-03-{day:02}; A; 甲" for day in range(1, 29)), root.actor)
    monkeypatch.setattr(setting_changes, "SHOWN", 5)
    session.flush()
    asked: list[str] = []
    listen(session.get_bind(), "before_cursor_execute", note := lambda *more: asked.append(more[2]))
    found = told()
    remove(session.get_bind(), "before_cursor_execute", note)
    assert (len(found), len(asked)) == (5, 1)
    assert found[0] == ("setting.changed", "2031-03-28", {}, {"name_en": "A", "name_zh_hant": "甲"})
