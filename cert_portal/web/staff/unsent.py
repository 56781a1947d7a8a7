"""Drafts of letters and notes on a case or report, and who else is writing one."""

from __future__ import annotations

from flask import abort, request
from flask_babel import gettext as _

from cert_portal.cases import unsent
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.web.forms.fields import typed_values
from cert_portal.web.staff.case import find
from cert_portal.web.staff.desk import Answer, desk, me, show
from cert_portal.web.staff.filling import writers_of
from cert_portal.web.staff.places import CASE, REPORT, About, Place
from cert_portal.web.staff.report import find as find_report

OF_THE_PAGE = frozenset({"do", "seen"})


@desk.post("/cases/<number>/unsent/<draft>", Permission.ANSWER)
def keep_unsent(number: str, draft: str) -> Answer:
    """Keep what was written so far; a page that keeps it by itself wants no other page for an answer."""
    return _keep(CASE, number, draft)


@desk.post("/reports/<number>/unsent/<draft>", Permission.ANSWER)
def keep_unsent_of_report(number: str, draft: str) -> Answer:
    """The same on a report."""
    return _keep(REPORT, number, draft)


@desk.post("/cases/<number>/unsent/<draft>/discard", Permission.ANSWER)
def discard_unsent(number: str, draft: str) -> Answer:
    """Throw a draft away."""
    return _discard(CASE, number, draft)


@desk.post("/reports/<number>/unsent/<draft>/discard", Permission.ANSWER)
def discard_unsent_of_report(number: str, draft: str) -> Answer:
    """The same on a report."""
    return _discard(REPORT, number, draft)


@desk.get("/cases/<number>/writers", Permission.READ_CASES)
def writers(number: str) -> Answer:
    """Who else is writing about this case now: a piece of the page that asks again by itself."""
    return show("writers", **writers_of(find(number)))


@desk.get("/reports/<number>/writers", Permission.READ_REPORTS)
def writers_of_report(number: str) -> Answer:
    """The same on a report."""
    return show("writers", **writers_of(find_report(number)))


def _keep(place: Place[About], number: str, draft: str) -> Answer:
    found = _found(place, number, draft)
    fields = {name: values for name, values in typed_values(request.form).items() if name not in OF_THE_PAGE}
    try:
        unsent.keep(found, draft, fields, me())
    except unsent.TooLong:
        return place.refused(number, None, wrong=[(_("This is too long to be kept as a draft."), "#main-content")])
    if request.headers.get("X-Requested-By") == "page":
        session.commit()
        return "", 204
    return place.done(number, _("The draft is kept."))


def _discard(place: Place[About], number: str, draft: str) -> Answer:
    unsent.forget(_found(place, number, draft), draft, me())
    return place.done(number, _("The draft is gone."))


def _found(place: Place[About], number: str, form: str) -> About:
    found = place.find(number)
    if form not in place.drafts:
        abort(404)
    return found
