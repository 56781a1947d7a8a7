"""Letters to reporters, one from the page of a report, one to each from a case; looked at before they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases import later, letters, service, unsent
from cert_portal.cases.later import LaterRefused
from cert_portal.cases.service import LetterRefused
from cert_portal.cases.timeline import Entry
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.intake.models import Report
from cert_portal.web.staff import lines, say
from cert_portal.web.staff.desk import INVALID, Answer, desk, me
from cert_portal.web.staff.filling import LOOKING, filled, look, moment_of
from cert_portal.web.staff.forms import LetterToForm, PlannedForm
from cert_portal.web.staff.places import CASE, REPORT, About, Place


@desk.post("/cases/<number>/write", Permission.ANSWER)
def write_about_case(number: str) -> Answer:
    """Look at the letters first, change them, or send them: one to each, so that no reporter learns of another."""
    return _write(CASE, number)


@desk.post("/reports/<number>/write", Permission.ANSWER)
def write_about_report(number: str) -> Answer:
    """The same to the reporter of one report."""
    return _write(REPORT, number)


def _write(place: Place[About], number: str) -> Answer:
    found = place.hold(number)
    form = _spread(place.form(request.form), place.reports(found))
    if request.form.get("do") == "fill":
        return place.page(found, writing=filled(form, place.case(found), place.reports(found)))
    do = request.form.get("do", "send")
    form.leaves = do not in LOOKING
    if not form.validate():
        return place.page(found, INVALID, writing=form)
    reports = _chosen(form, place.reports(found))
    if not reports:
        return place.page(found, INVALID, writing=form, wrong=[(_("Choose who gets the letter"), "#to")])
    if do == "change":
        return place.page(found, writing=form)
    newer = _meanwhile(place, found)
    try:
        if newer and do == "send" and _is_sent(place, found, form, reports, newer):
            said = _("You sent this letter already. Nothing was sent again.")
            return place.page(found, INVALID, wrong=[(said, f"#{newer[-1].key}")])
        if newer:
            return place.page(found, INVALID, writing=form, meanwhile={"letter": newer})
        return _act(place, found, form, reports, do)
    except (LetterRefused, LaterRefused) as error:
        return place.refused(number, error, writing=form)


def _spread(form: PlannedForm, reports: list[Report]) -> PlannedForm:
    """Tick who was chosen with all others of a language."""
    if isinstance(form, LetterToForm) and form.every.data:
        newest = {
            each.reporter_email.casefold(): each.number
            for each in letters.writable(reports)
            if each.language in form.every.data
        }
        form.to.data = list(dict.fromkeys([*(form.to.data or []), *newest.values()]))
    return form


def _chosen(form: PlannedForm, reports: list[Report]) -> list[Report]:
    """Those that were ticked; nothing at all when one of them cannot be written to from here."""
    if not isinstance(form, LetterToForm):
        return reports
    ticked = [each for each in reports if each.number in set(form.to.data)]
    return ticked if len(ticked) == len(set(form.to.data)) else []


def _meanwhile(place: Place[About], found: About) -> list[Entry]:
    """What happened since the page was made, a letter for later with its words."""
    newer = lines.since(place.lines(found), request.form.get("seen"), *lines.WORTH_KNOWING)
    if not any(each.kind in lines.DATED for each in newer):
        return newer
    told = {row.id: f"{row.subject}\n\n{row.text}" for row, _report in place.planned(found)}
    return [replace(each, text=told.get((each.data or {}).get("planned", 0), each.text)) for each in newer]


def _is_sent(
    place: Place[About], found: About, form: PlannedForm, reports: Sequence[Report], newer: Sequence[Entry]
) -> bool:
    """Whether nothing happened since but that the same person sent these very letters: a second press. Raises
    LetterRefused.
    """
    case, words = place.case(found), (form.subject.data, form.letter.data)
    drafts = [letters.draft_to_reporter(case, each, *words) for each in reports]
    asked = {(each.about, each.recipient, each.subject, each.text) for each in drafts}
    sent = [each.letter for each in newer if each.letter and each.who == me().name]
    done = {(each.about, each.recipient, each.subject, each.text) for each in sent}
    return len(sent) == len(newer) and asked <= done


def _act(place: Place[About], found: About, form: PlannedForm, reports: Sequence[Report], do: str) -> Answer:
    """Show the letters, date them or send them. Raises what refuses them."""
    number, case, words = found.number, place.case(found), (form.subject.data, form.letter.data)
    if do == "look":
        drafts = [letters.draft_to_reporter(case, each, *words, with_blanks=True) for each in reports]
        session.rollback()
        return look(place.find(number), form, drafts)
    if do == "later" and form.when.data and form.leaves_at.data:
        raise LaterRefused("two_times")
    at = moment_of(form) if do == "later" else None
    for each in reports:
        if at:
            later.plan(case, each, *words, at, me(), wants_answer=form.wants_answer.data)
        else:
            service.write_to_reporter(case, each, *words, me(), wants_answer=form.wants_answer.data)
    unsent.forget(found, "letter", me())
    if not at:
        said = ngettext("The letter is in the outbox.", "%(num)s letters are in the outbox.", len(reports))
        return place.done(number, said)
    told = {"at": say.moment(at)}
    said = ngettext("The letter will leave at %(at)s.", "%(num)s letters will leave at %(at)s.", len(reports), **told)
    return place.done(number, said)
