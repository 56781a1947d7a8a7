"""The visitor's one piece of state: the token of the report in progress, in a signed cookie."""

from __future__ import annotations

from flask import g
from flask import session as cookie

from cert_portal.intake import drafts
from cert_portal.intake.models import ReportDraft

KEY = "draft"


def draft() -> ReportDraft | None:
    """The report that this browser is writing or has just sent."""
    token = cookie.get(KEY)
    return drafts.open_draft(token) if token else None


def draft_to_fill() -> ReportDraft:
    """The report in progress; a new one if there is none, so that what was typed is never lost."""
    found = draft()
    return found if found and not found.report_number else fresh_draft()


def fresh_draft() -> ReportDraft:
    """Begin a report and remember it."""
    made = drafts.start(g.language)
    remember(drafts.token_of(made))
    return made


def remember(token: str) -> None:
    """Make this browser's report the one of that token."""
    cookie[KEY] = token
