"""What was set last, by whom, and what it was before."""

from __future__ import annotations

from cert_portal.cases import setting_changes
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import administration_words as said
from cert_portal.web.staff.desk import Answer, desk, show


@desk.get("/settings/changes", Permission.READ_SETTINGS)
def last_settings() -> Answer:
    """The newest changes of settings, words and templates."""
    return show("setting_changes", rows=setting_changes.last(), names=accounts.names(), said=said)
