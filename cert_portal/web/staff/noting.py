"""Notes for colleagues on a case, and lines that put earlier ones right. Nothing that is written here leaves."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import mentions, noted, service, unsent, values
from cert_portal.cases.mentions import MentionRefused
from cert_portal.cases.service import HandlingRefused
from cert_portal.directory.permissions import Permission
from cert_portal.intake import observables
from cert_portal.web.staff.case import done, hold, lines_of, page, refused
from cert_portal.web.staff.desk import INVALID, Answer, desk, me
from cert_portal.web.staff.forms import NoteForm


@desk.post("/cases/<number>/note", Permission.HANDLE)
def note(number: str) -> Answer:
    """A note for colleagues, or a line that puts an earlier one right."""
    found, form = hold(number), NoteForm(request.form)
    if not form.validate():
        return page(found, INVALID, noting=form)
    line = form.line.data
    if line and line not in {each.key for each in lines_of(found)}:
        return page(found, INVALID, noting=form, wrong=[(_("There is no such line"), "#timeline")])
    try:
        text = mentions.put_before(form.note.data, form.mention.data) if form.mention.data else form.note.data
        told = service.note(found, text, me(), at=form.happened.at, line=line)
        unsent.forget(found, "note", me())
    except (MentionRefused, HandlingRefused) as error:
        return refused(number, error, noting=form)
    others = _(", ").join(each.name for each in told if each.id != me().id)
    said = _("Will be told: %(names)s", names=others) if others else _("Kept.")
    if missed := mentions.unknown(text):
        names = _(", ").join(missed)
        flash(_("Nobody is told of %(names)s: no colleague with access to cases is called that.", names=names), "note")
    if observables.find(text) and (count := len(noted.of_case(found, me(), values.of_case(found, me())))):
        offered = ngettext(
            "%(num)s value of notes waits for a review under Observables.",
            "%(num)s values of notes wait for a review under Observables.",
            count,
        )
        flash(offered, "note")
    return done(number, said)
