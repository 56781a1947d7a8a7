"""The first page: the reports that this person may see, and the way to begin one."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from cert_portal.cases import agency
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts, members
from cert_portal.web import frame
from cert_portal.web.org.gate import Answer, Caller, act, page, show
from cert_portal.web.org.steps import STEPS


@page("/")
def home(caller: Caller) -> Answer:
    """What waits for this person stands first."""
    rows = agency.listed(caller.user, caller.member)
    return show(
        "home",
        caller,
        rows=[(row, report, agency.draft_of(row)) for row, report in rows],
        waiting=agency.with_waiting(row for row, _report in rows),
        names={user.id: user.name for user in accounts.everybody()},
        units=members.units(caller.member.organisation_id),
        coordinators=members.coordinators(caller.member.organisation_id),
    )


@act("/reports")
def begin(caller: Caller) -> Answer:
    """Begin a report."""
    row = agency.begin(caller.user, caller.member)
    session.commit()
    return redirect(url_for("org.question", agency_id=row.id, step=STEPS[0].slug))


@act("/language")
def set_language(caller: Caller) -> Answer:
    """The language of the person's pages; leads back to where the switch was."""
    wanted = request.form.get("language", "")
    if wanted not in tuple(Language):
        abort(400)
    accounts.set_language(caller.user, wanted)
    session.commit()
    return frame.remember(wanted, back(request.form.get("next", "")))


def back(path: str) -> Response:
    """To a path of this face; anything else leads to its first page."""
    safe = path.startswith("/org/") and "\\" not in path and path.isprintable()
    return redirect(path if safe else url_for("org.home"))
