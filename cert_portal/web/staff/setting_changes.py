"""What was set last, by whom, and what it was before."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from cert_portal.cases import exchange, setting_changes
from cert_portal.cases.setting_changes import SettingChange
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.guidance.wordbook import Shelf
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff import word_table
from cert_portal.web.staff.desk import Answer, desk, may, show


@desk.get("/settings/changes", Permission.READ_SETTINGS)
def last_settings() -> Answer:
    """The newest changes of settings, words and templates."""
    told: dict[str, Any] = {"text": _text, "field": _field, "named": _named}
    return show("setting_changes", rows=setting_changes.last(), names=accounts.names(), said=said, **told)


def _text(change: SettingChange, told: str) -> str:
    """What was set before or after, in words."""
    if change.event.kind.startswith("template.") and told:
        return _("version %(number)s", number=told)
    if change.event.kind == exchange.IMPORTED.name and told:
        return said.changed(int(told))
    return told or "–"


def _named(change: SettingChange) -> str:
    """What was set, as the reader's language calls it."""
    return word_table.named(change.event.subject.removeprefix("setting:"), change.what) if change.what else ""


def _field(change: SettingChange, name: str, told: Any) -> str:
    if name == "query" and not (may("read_cases") or may("manage_settings")):
        return _("(only for those who may read cases)")
    shelf, _colon, code = change.event.subject.partition(":")
    is_word = shelf == "setting" and code in set(Shelf)
    return word_table.field(Shelf(code) if is_word else None, change.what, name, told)
