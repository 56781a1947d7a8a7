"""Drafts of letters and notes on a case, and who else is writing one."""

from __future__ import annotations

from flask import abort, request
from flask_babel import gettext as _

from cert_portal.cases import unsent
from cert_portal.cases.models import Case
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.web.forms.fields import typed_values
from cert_portal.web.staff.case import done, find, refused
from cert_portal.web.staff.desk import Answer, desk, me, show

OF_THE_PAGE = frozenset({"do", "seen"})


@desk.post("/cases/<number>/unsent/<draft>", Permission.HANDLE)
def keep_unsent(number: str, draft: str) -> Answer:
    """Keep what was written so far; a page that keeps it by itself wants no other page for an answer."""
    found = _found(number, draft)
    fields = {name: values for name, values in typed_values(request.form).items() if name not in OF_THE_PAGE}
    try:
        unsent.keep(found, draft, fields, me())
    except unsent.TooLong:
        return refused(number, None, wrong=[(_("This is too long to be kept as a draft."), "#main-content")])
    if request.headers.get("X-Requested-By") == "page":
        session.commit()
        return "", 204
    return done(number, _("The draft is kept."))


@desk.post("/cases/<number>/unsent/<draft>/discard", Permission.HANDLE)
def discard_unsent(number: str, draft: str) -> Answer:
    """Throw a draft away."""
    unsent.forget(_found(number, draft), draft, me())
    return done(number, _("The draft is gone."))


@desk.get("/cases/<number>/writers", Permission.READ_CASES)
def writers(number: str) -> Answer:
    """Who else is writing about this case now: a piece of the page that asks again by itself."""
    return show("writers", case=(found := find(number)), others=unsent.others_writing(found, me()))


def _found(number: str, form: str) -> Case:
    found = find(number)
    if form not in unsent.FORMS:
        abort(404)
    return found
