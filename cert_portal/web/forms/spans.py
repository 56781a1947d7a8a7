"""How long something takes or took, in words that every face uses."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _


def span(time: timedelta) -> str:
    """The largest unit of which there are at least two, rounded down: nobody is promised more time than there is."""
    minutes = int(time.total_seconds()) // 60
    if minutes < 120:
        return _("%(count)s min", count=minutes)
    if minutes < 2880:
        return _("%(count)s hours", count=minutes // 60)
    return _("%(count)s days", count=minutes // 1440)
