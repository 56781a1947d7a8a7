"""Times and clocks as the pages of member organisations say them."""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_datetime
from flask_babel import gettext as _

from cert_portal.cases.agency_clock import Assessment
from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.web import frame
from cert_portal.web.forms.spans import span


def when(at: datetime) -> str:
    """A time as everybody here reads it: 21 Nov 2026 22:51 (HKT)."""
    name = at.astimezone(current().zone).tzname()
    if frame.language() is Language.ZH_HANT:
        return f"{format_datetime(at, 'y年M月d日 HH:mm')}（{name}）"
    return f"{format_datetime(at, 'd MMM y HH:mm')} ({name})"


def told_when(told: str) -> str:
    """The same for a time that was kept in ISO 8601."""
    return when(datetime.fromisoformat(told))


def clock(found: Assessment) -> str:
    """How the clock stands, in a sentence; nothing when none runs."""
    if found.reading is None:
        return ""
    due = when(found.reading.due)
    time = span(abs(found.reading.left))
    if found.is_late:
        return _("The report was due at %(due)s, %(span)s ago. It is taken all the same.", due=due, span=time)
    return _("The report is due at %(due)s: %(span)s left.", due=due, span=time)
