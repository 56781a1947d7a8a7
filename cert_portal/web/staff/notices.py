"""Notices to the person: the list behind the bell, and what the person wants to be told of."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.cases import notices as telling
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import team_words
from cert_portal.web.staff.desk import Answer, desk, me, show


@desk.get("/notices", Permission.READ_CASES)
def notices() -> Answer:
    """All that the person was told, the newest first."""
    rows = telling.listed(me())
    by = {key: accounts.names().get(actor, actor) for key, actor in telling.senders(rows).items()}
    return show("notices", rows=rows, by=by, kinds=team_words.NOTICES, drills=telling.drills(rows, me()))


@desk.post("/notices/<int:notice_id>/open", Permission.READ_CASES)
def open_notice(notice_id: int) -> Answer:
    """Mark it as read, and go where it leads."""
    row = telling.read(notice_id, me()) or abort(404)
    kind, subject = row.kind, row.subject
    session.commit()
    if kind == telling.Kind.HANDOVER:
        return redirect(url_for("staff.handover_note", handover_id=int(subject.partition(":")[2])))
    if subject.startswith("R"):
        return redirect(url_for("staff.report", number=subject))
    if not subject.startswith("C"):
        return redirect(url_for("staff.notices"))
    return redirect(url_for("staff.case", number=subject))


@desk.post("/notices/read", Permission.READ_CASES)
def read_notices() -> Answer:
    """Mark all as read."""
    telling.read_all(me())
    session.commit()
    return redirect(url_for("staff.notices"))


@desk.post("/account/notices", Permission.READ_CASES)
def choose_notices() -> Answer:
    """Tell the person of these from now on, in these ways."""
    telling.choose(request.form.getlist("in_portal"), request.form.getlist("by_mail"), me())
    session.commit()
    flash(_("You will be told so from now on."), "done")
    return redirect(url_for("staff.account"))
