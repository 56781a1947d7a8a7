"""The last changes of settings, from the record."""

from __future__ import annotations

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


def told() -> list[tuple[str, str, str, str]]:
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
            f"Root <{root.email}>\nanalyst admin",
            f"Ruth <{root.email}>\nanalyst admin",
        ),
        ("user.changed", root.actor, "admin", "analyst admin"),
        ("exercise.address_added", "@players.example", "", ""),
        ("desk.search_managed", "", "Waves", "Surges (3)"),
        ("desk.search_saved", "", "", "Waves"),
        ("template.changed", "ask", "1", "2"),
        ("template.added", "ask", "", "1"),
    ]
    assert ("setting.changed", "phishing", " / ", "Bait / 釣魚") in told()
    assert told()[-1] == ("user.added", root.actor, "", "admin")


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
    assert found[0] == ("setting.changed", "2031-03-28", "", "A")
