"""Handovers at the change of shifts."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.cases import handover, mentions, roster
from cert_portal.cases.handover import HandoverRefused
from cert_portal.cases.team import Handover
from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import say, team_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.team import find_person
from cert_portal.web.staff.team_forms import HandoverForm


@desk.get("/team/handovers", Permission.READ_CASES)
def handovers() -> Answer:
    """The last handovers, and the next one to write."""
    return _page()


@desk.post("/team/handovers", Permission.HANDLE)
def hand_over() -> Answer:
    """Write one."""
    form = HandoverForm(request.form)
    if not form.validate():
        return _page(INVALID, form=form)
    to = find_person(form.to.data) if form.to.data else None
    try:
        row = handover.write(form.words.data, to, me())
    except HandoverRefused as error:
        return _page(INVALID, form=form, wrong=[(say.why(error)[0], "#words")])
    session.commit()
    flash(_("The shift is handed over."), "done")
    return redirect(url_for("staff.handover_note", handover_id=row.id))


@desk.get("/team/handovers/<int:handover_id>", Permission.READ_CASES)
def handover_note(handover_id: int) -> Answer:
    """One of them, with the cases that it lists as they stand now."""
    return _note(_found(handover_id))


@desk.post("/team/handovers/<int:handover_id>/confirm", Permission.READ_CASES)
def confirm_handover(handover_id: int) -> Answer:
    """Say that one has read it."""
    row = _found(handover_id)
    try:
        handover.confirm(row, me())
    except HandoverRefused as error:
        return _note(row, INVALID, wrong=[(say.why(error)[0], "#main-content")])
    session.commit()
    return redirect(url_for("staff.handover_note", handover_id=handover_id))


def _found(handover_id: int) -> Handover:
    return session.get(Handover, handover_id) or abort(404)


def _note(row: Handover, status: int = 200, **facts: Any) -> Answer:
    told: dict[str, Any] = {"said": handover.said([row]).get(row.id, ""), "parts": handover.listed(row, me())}
    return show("handover", status, row=row, may_confirm=handover.may_confirm(row, me()), **told, **_names(), **facts)


def _page(status: int = 200, **facts: Any) -> Answer:
    rows = handover.recent()
    known = {
        "rows": rows,
        "said": handover.said(rows),
        "parts": handover.left_behind(me()),
        "people": [user for user in mentions.colleagues() if user.id != me().id],
        "away": roster.away(),
        "next_duty": roster.next_on_duty(besides=me()),
        "form": HandoverForm(),
    }
    return show("handovers", status, **{**known, **_names(), **facts})


def _names() -> dict[str, Any]:
    return {"names": {user.id: user.name for user in accounts.everybody()}, "left_behind": team_words.LEFT_BEHIND}
