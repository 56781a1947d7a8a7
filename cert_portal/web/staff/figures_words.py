"""Words of the pages about figures and the annual report."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from cert_portal.web.figures import say
from cert_portal.web.figures.words import Words

WRONG: Words = {
    "unreadable": _l("Choose two days as day, month and year"),
    "backwards": _l("The first day must come before the last"),
    "too_long": _l("Choose ten years at most"),
}
REFUSED: Words = {
    "published": _l("This report was published. It does not change any more."),
    "unknown_year": _l("There is no report of that year."),
    "unknown_chapter": _l("There is no such chapter."),
    "empty": _l("Enter some words."),
    "unconfirmed": _l("Tick that you have read the draft."),
}
PARTS: Words = {"": "", "met": _l("in time"), "missed": _l("late")}


def period(code: str) -> str:
    """What a period is called: 2026, first half, 2nd quarter, May."""
    year, _dash, part = code.partition("-")
    if not part:
        return year
    if part[0] == "H":
        return _("1st half") if part == "H1" else _("2nd half")
    return _("Quarter %(number)s", number=part[1]) if part[0] == "Q" else say.short_month(code)
