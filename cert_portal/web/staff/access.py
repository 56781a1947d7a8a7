"""Need to know: who can see a case and why, and who keeps it to named people."""

from __future__ import annotations

from flask import redirect, request, url_for

from cert_portal.cases import access, service
from cert_portal.cases.access import AccessRefused
from cert_portal.cases.visible import find_case
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.case import attempt, find, hold, person, refused
from cert_portal.web.staff.desk import Answer, desk, me, show
from cert_portal.web.staff.forms import AccessForm, ReasonForm


@desk.get("/cases/<number>/access", Permission.READ_CASES)
def case_access(number: str) -> Answer:
    """Everybody with an account: who can see the case, and why or why not."""
    found = find(number)
    return show("access", case=found, rows=access.explained(found))


@desk.post("/cases/<number>/restrict", Permission.RESTRICT)
def restrict(number: str) -> Answer:
    """Keep the case to named people."""
    return attempt(number, lambda: service.restrict(hold(number), ReasonForm(request.form).why.data, me()))


@desk.post("/cases/<number>/open-up", Permission.RESTRICT)
def open_up(number: str) -> Answer:
    """Open a restricted case to everybody who may read cases."""
    return attempt(number, lambda: service.unrestrict(hold(number), ReasonForm(request.form).why.data, me()))


@desk.post("/cases/<number>/access", Permission.RESTRICT)
def name_person(number: str) -> Answer:
    """Name one more person."""
    found, form = hold(number), AccessForm(request.form)
    return attempt(number, lambda: service.grant(found, person(form.person.data), form.why_named.data, me()))


@desk.post("/cases/<number>/access/remove", Permission.RESTRICT)
def remove_person(number: str) -> Answer:
    """Take a person off the case."""
    found = hold(number)
    try:
        service.revoke(found, person(request.form.get("person", "")), me())
    except AccessRefused as error:
        return refused(number, error)
    session.commit()
    if find_case(number, me()) is None:
        return redirect(url_for("staff.queue"))
    return redirect(url_for("staff.case", number=number))
