"""Letters from a case to its reporters, to one or to many, a letter of its own to each; looked at before they leave."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import later, letters, service, unsent
from cert_portal.cases.later import LaterRefused
from cert_portal.cases.models import Case
from cert_portal.cases.service import LetterRefused
from cert_portal.cases.visible import reports_of
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.intake.models import Report
from cert_portal.web.staff import lines, say
from cert_portal.web.staff.case import done, find, lines_of, page, refused
from cert_portal.web.staff.desk import INVALID, Answer, desk, me
from cert_portal.web.staff.filling import LOOKING, filled, look, moment_of
from cert_portal.web.staff.forms import LetterToForm


@desk.post("/cases/<number>/write", Permission.ANSWER)
def write_about_case(number: str) -> Answer:
    """Look at the letters first, change them, or send them: one to each, so that no reporter learns of another."""
    found, form = find(number), LetterToForm(request.form)
    if request.form.get("do") == "fill":
        return page(found, writing=filled(form, found, reports_of(found, me())))
    do = request.form.get("do", "send")
    form.leaves = do not in LOOKING
    if not form.validate():
        return page(found, INVALID, writing=form)
    reports = [each for each in reports_of(found, me()) if each.number in set(form.to.data)]
    if len(reports) != len(set(form.to.data)):
        return page(found, INVALID, writing=form, wrong=[(_("Choose who gets the letter"), "#to")])
    words = (form.subject.data, form.letter.data)
    if do == "change":
        return page(found, writing=form)
    if newer := lines.since(lines_of(found), request.form.get("seen"), "letters", "outside"):
        return page(found, INVALID, writing=form, meanwhile={"letter": newer})
    try:
        if do == "look":
            drafts = [letters.draft_to_reporter(found, each, *words, with_blanks=True) for each in reports]
            session.rollback()
            return look(find(number), form, drafts)
        if do == "later":
            return _later(found, reports, form)
        for each in reports:
            service.write_to_reporter(found, each, *words, me(), wants_answer=form.wants_answer.data)
        unsent.forget(found, "letter", me())
    except (LetterRefused, LaterRefused) as error:
        return refused(number, error, writing=form)
    return done(number, ngettext("The letter is in the outbox.", "%(num)s letters are in the outbox.", len(reports)))


def _later(case: Case, reports: list[Report], form: LetterToForm) -> Answer:
    """Date the letters; raises what refuses them."""
    at = moment_of(form)
    for each in reports:
        later.plan(case, each, form.subject.data, form.letter.data, at, me(), wants_answer=form.wants_answer.data)
    unsent.forget(case, "letter", me())
    told = {"at": say.moment(at)}
    said = ngettext("The letter will leave at %(at)s.", "%(num)s letters will leave at %(at)s.", len(reports), **told)
    return done(case.number, said)
