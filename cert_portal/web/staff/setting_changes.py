"""What was set last, by whom, and what it was before."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from cert_portal.cases import setting_changes
from cert_portal.cases.setting_changes import SettingChange
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.guidance.wordbook import Shelf
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff import word_table
from cert_portal.web.staff.desk import Answer, desk, show


@desk.get("/settings/changes", Permission.READ_SETTINGS)
def last_settings() -> Answer:
    """The newest changes of settings, words and templates."""
    return show(
        "setting_changes", rows=setting_changes.last(), names=accounts.names(), said=said, text=_text, field=_field
    )


def _text(change: SettingChange, told: str) -> str:
    """What was set before or after, in words."""
    if change.event.kind.startswith("template.") and told:
        return _("version %(number)s", number=told)
    return told or "–"


def _field(change: SettingChange, name: str, told: Any) -> str:
    shelf, _colon, code = change.event.subject.partition(":")
    is_word = shelf == "setting" and code in set(Shelf)
    return word_table.field(Shelf(code) if is_word else None, change.what, name, told)
