"""One report: what came, what it shares with others, and what becomes of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Form

from cert_portal.cases import agency_after, events, labels, letters, service, suggestions, timeline, triage, unsent
from cert_portal.cases.clocks import FIRST_RESPONSE, ruler
from cert_portal.cases.models import Case
from cert_portal.cases.outside import is_unread
from cert_portal.cases.related import observables_of, shared_with
from cert_portal.cases.service import LetterRefused, TriageRefused
from cert_portal.cases.team import Unsent
from cert_portal.cases.timeline import Entry
from cert_portal.cases.triage import UNDECIDED
from cert_portal.cases.visible import cases_of, find_case, find_report, hold_case, hold_report
from cert_portal.config import current
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.i18n import Language, language_of
from cert_portal.core.mail import spool
from cert_portal.core.mail.exercise import TEXT_MARK
from cert_portal.core.pdf import to_pdf
from cert_portal.directory import accounts, keys, systems
from cert_portal.directory.parties import Organisation, Unit
from cert_portal.directory.permissions import Permission
from cert_portal.guidance import questions
from cert_portal.intake import groups, paper, signatures, transcript
from cert_portal.intake.editing import all_of
from cert_portal.intake.models import Report
from cert_portal.web.forms import agency_told, agency_words
from cert_portal.web.forms import words as asked_words
from cert_portal.web.frame import language
from cert_portal.web.staff import lines, say, triage_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.download import download
from cert_portal.web.staff.filling import correspondence_of_report
from cert_portal.web.staff.forms import AttachForm, CallForm, OpenForm, PaperForm, ReferForm, RefuseForm
from cert_portal.web.staff.keeping_close import warned
from cert_portal.web.staff.taking_words import ORIGINS
from cert_portal.web.staff.triage_forms import EditForm

AnyForm = TypeVar("AnyForm", bound=Form)
_DECIDED = (events.ATTACHED, events.REFUSED, events.REFERRED, events.RETURNED, events.TAKEN_OUT)
DECISIONS = tuple(each.name for each in _DECIDED)
"""What others decide about a report."""
DAY = {Language.EN: "d MMMM y", Language.ZH_HANT: "y年M月d日"}
"""The day of a letter on paper, in the language of who gets it, whatever the desk reads."""


@desk.get("/reports/<number>", Permission.READ_REPORTS)
def report(number: str) -> Answer:
    """All that is known about a report."""
    return show_report(find(number))


@desk.post("/reports/<number>/open", Permission.TRIAGE)
def open_case(number: str) -> Answer:
    """One case from this report and those that were ticked."""
    found, form = find(number), OpenForm(request.form)
    if not form.validate():
        return show_report(found, INVALID, opening=form)
    ticked = [each for number in form.others.data if (each := find_report(number, me()))]
    if len(ticked) < len(form.others.data):
        wrong = [
            (
                _("A report that you ticked can no longer be opened with this one: look at what is ticked."),
                "#main-content",
            )
        ]
        return show_report(found, INVALID, opening=form, wrong=wrong)
    reports = list(dict.fromkeys([found, *ticked, *(_alike(found) if form.all_alike.data else ())]))
    try:
        case = service.open_case(
            reports, me(), title=form.title.data, kind=form.kind.data, restricted=form.restricted.data
        )
        suggestions.carry_level(case, reports, me())
    except TriageRefused as error:
        return refused(number, error, opening=form, typed=_typed())
    session.commit()
    return redirect(url_for("staff.case", number=case.number))


@desk.post("/reports/<number>/attach", Permission.TRIAGE)
def attach(number: str) -> Answer:
    """Join the report to a case that is there."""
    form = AttachForm(request.form)
    case = _case_to_join(form.chosen)
    found = hold(number)
    if case is None:
        return show_report(found, INVALID, attaching=form, wrong=[(_("There is no such case"), "#case")])
    if newer := _meanwhile(found, *DECISIONS):
        return show_report(found, INVALID, attaching=form, meanwhile={"attach": newer})
    if page := warned(case, found):
        return page
    try:
        service.attach(case, [found], me())
    except TriageRefused as error:
        return refused(number, error)
    session.commit()
    return redirect(url_for("staff.case", number=case.number))


@desk.post("/reports/<number>/refuse", Permission.TRIAGE)
def refuse(number: str) -> Answer:
    """Close the report without a case, with a word to the reporter or without."""
    found, form = find(number), RefuseForm(request.form)
    if not form.validate():
        return show_report(found, INVALID, refusing=form)
    chosen = [found, *(_alike(found) if form.all_alike.data else ())]
    triage.hold(chosen)
    if found.state in UNDECIDED and form.letter.data and (newer := _meanwhile(found, *lines.WORTH_KNOWING)):
        return show_report(found, INVALID, refusing=form, meanwhile={"refuse": newer})
    try:
        for each in chosen:
            service.refuse(each, form.reason.data, me())
            if each is found or each.reporter_email:
                _perhaps_write(each, form.letter.data, form.subject.data)
    except TriageRefused as error:
        return refused(number, error, refusing=form, typed=_typed())
    except LetterRefused as error:
        return refused(number, error, refusing=form)
    unsent.forget(found, "not-for-us", me())
    return done(found.number, _("The report was refused."))


@desk.get("/reports/<number>/refer", Permission.TRIAGE)
def refer_elsewhere(number: str) -> Answer:
    """The prepared letter that sends the reporter to the right body, before it is sent."""
    found, body = find(number), request.args.get("body", "")
    form = ReferForm(body=body)
    if not form.validate():
        return show_report(found, INVALID, referring=form)
    subject, text = letters.elsewhere(found, body)
    form, begun = begun_or(ReferForm, found, "elsewhere", body=body, letter=text, subject=subject)
    return _elsewhere(found, form, begun=begun)


@desk.post("/reports/<number>/refer", Permission.TRIAGE)
def refer(number: str) -> Answer:
    """Tell the reporter that another body is the right one."""
    found, form = hold(number), ReferForm(request.form)
    if not form.validate():
        return (
            _elsewhere(found, form, INVALID)
            if form.body.data and form.subject.data
            else show_report(found, INVALID, referring=form)
        )
    if found.state in UNDECIDED and form.letter.data and (newer := _meanwhile(found, *lines.WORTH_KNOWING)):
        return _elsewhere(found, form, INVALID, newer=newer)
    try:
        service.refer_elsewhere(found, form.body.data, me())
        _perhaps_write(found, form.letter.data, form.subject.data)
    except LetterRefused as error:
        session.rollback()
        return _elsewhere(find(number), form, INVALID, [(each, "#letter") for each in say.why(error)])
    except TriageRefused as error:
        return refused(number, error, typed=_typed())
    unsent.forget(found, "elsewhere", me())
    return done(found.number, _("The report was referred."))


@desk.post("/reports/<number>/return", Permission.TRIAGE)
def return_to_queue(number: str) -> Answer:
    """Undo a refusal or a referral, or let the report out of quarantine."""
    found = find(number)
    try:
        service.return_to_queue(found, me())
    except TriageRefused as error:
        return refused(number, error)
    return done(found.number, _("The report waits for triage."))


@desk.post("/reports/<number>/call", Permission.ANSWER)
def log_call(number: str) -> Answer:
    """Note a telephone call with the reporter."""
    found, form = find(number), CallForm(request.form)
    if not form.validate():
        return show_report(found, INVALID, calling=form)
    service.log_call(found, form.call.data, me())
    return done(found.number, _("The call was noted."))


@desk.post("/reports/<number>/post", Permission.ANSWER)
def write_on_paper(number: str) -> Answer:
    """A letter that leaves by post."""
    found, form = find(number), PaperForm(request.form)
    if not form.validate():
        return show_report(found, INVALID, papering=form)
    try:
        letters.write_on_paper(found, form.words.data, me(), address=form.address.data or "")
    except LetterRefused as error:
        return show_report(found, INVALID, papering=form, wrong=[(each, "#answer") for each in say.why(error)])
    return done(found.number, _("The letter was recorded. Print it and post it."))


@desk.get("/reports/<number>/post.pdf", Permission.READ_REPORTS)
def paper_letter(number: str) -> Answer:
    """The newest letter on paper, to print, as long as it may leave."""
    found = find(number)
    written = letters.last_on_paper(found) or abort(404)
    try:
        letters.check_paper(found)
    except LetterRefused as error:
        return show_report(found, INVALID, wrong=[(each, "#answer") for each in say.why(error)])
    spoken = Language(found.language)
    with force_locale(spoken.locale):
        day = format_date(written.at.astimezone(current().zone), DAY[spoken])
        facts = {"written": written, "spoken": spoken, "day": day, "label": labels.of_letter(None, found)}
        page = render_template("staff/paper_letter.html", report=found, marks=TEXT_MARK.splitlines(), **facts)
    return send_file(io.BytesIO(to_pdf(page)), "application/pdf", True, f"{found.number}.pdf")


@desk.post("/reports/<number>/noted", Permission.ANSWER)
def take_note(number: str) -> Answer:
    """What was added was read and asks for nothing."""
    found = find(number)
    service.take_note(found, me())
    return done(found.number, _("The new information is marked as read."))


@desk.get("/reports/<number>/files/<int:file_id>", Permission.READ_REPORTS)
def report_file(number: str, file_id: int) -> Response:
    """A file as it came: only ever as a download, in a zip whose pass-word is "infected"."""
    wanted = next((file for file in find(number).files if file.id == file_id), None) or abort(404)
    return download(wanted.blob_key, wanted.filename)


@desk.get("/reports/<number>/original", Permission.READ_REPORTS)
def report_original(number: str) -> Response:
    """The message as it was received, byte for byte."""
    found = find(number)
    try:
        data = spool.read(found.receipt or "")[1]
    except (FileNotFoundError, ValueError, BlobDamaged):
        abort(404)
    return send_file(io.BytesIO(data), "application/octet-stream", True, f"{found.number}.eml")


def find(number: str) -> Report:
    """The report of an address, as far as the person may see it."""
    return find_report(number, me()) or abort(404)


def hold(number: str) -> Report:
    """The report of an address, to be decided about or answered: nobody else does until this is done."""
    return hold_report(number, me()) or abort(404)


def _case_to_join(told: str) -> Case | None:
    """The case of a typed number, held; that which took it in when it was merged."""
    found = find_case(told, me())
    return hold_case(found.number, me()) if found else None


def _meanwhile(found: Report, *changes: str) -> list[Entry]:
    """What somebody did since the page was made, of these groups or kinds of event."""
    return lines.since(timeline.of_report(found, me()), request.form.get("seen"), *changes)


def _alike(found: Report) -> list[Report]:
    """The others of a surge that this person may decide about."""
    return [each for each in groups.members(found) if find_report(each.number, me()) is not None]


def _perhaps_write(found: Report, text: str, subject: str = "") -> None:
    if text:
        service.write_to_reporter(None, found, subject or found.title, text, me())


def begun_or(kind: type[AnyForm], found: Report, draft: str, **prepared: str) -> tuple[AnyForm, dict[str, Unsent]]:
    """The letter of a decision as this person left it, with its draft, else as it is prepared. The words for one body
    are none for another.
    """
    kept = unsent.of_user(found, me()).get(draft)
    if kept is None or kept.fields.get("body", [""]) != [prepared.get("body", "")]:
        return kind(**prepared), {}
    return kind(MultiDict(kept.fields)), {draft: kept}


def _elsewhere(
    found: Report,
    form: ReferForm,
    status: int = 200,
    wrong: Sequence[tuple[Any, str]] = (),
    newer: Sequence[Entry] = (),
    begun: dict[str, Unsent] | None = None,
) -> Answer:
    """The letter that refers elsewhere; `newer` is what others wrote or did since it was begun."""
    facts: dict[str, Any] = {"language_of_report": Language(found.language), "people": accounts.names()}
    facts |= {"begun": begun or {}, "outside": letters.outside([found])}
    facts |= {"seen": lines.last(timeline.of_report(found, me())), "meanwhile": {"letter": newer} if newer else {}}
    return show("elsewhere", status, report=found, form=form, wrong=wrong, **facts)


def done(number: str, said: str) -> Answer:
    """Commit, and show the report again."""
    session.commit()
    if said:
        flash(said, "done")
    return redirect(url_for("staff.report", number=number))


def refused(number: str, error: Exception | None, **forms: Any) -> Answer:
    """Show the report again with what hinders; without an error `wrong` says it."""
    session.rollback()
    why = {"wrong": [(each, "#main-content") for each in say.why(error)]} if error else {}
    return show_report(find(number), INVALID, **why, **forms)


def _typed() -> list[str]:
    """The words of a form that may be gone, because somebody decided about the report meanwhile."""
    return [each for name in ("title", "subject", "letter") if (each := request.form.get(name, "")).strip()]


def show_report(found: Report, status: int = 200, **facts: Any) -> Answer:
    """The page of a report."""
    clock, message, group = ruler(FIRST_RESPONSE), signatures.of(found.receipt), groups.members(found)
    shared, undecided = shared_with(found, me()), found.state in UNDECIDED
    cases, entries = cases_of(found, me()), timeline.of_report(found, me())
    return show(
        "report",
        status,
        **{
            **_forms(found),
            "report": found,
            "clock": clock.answer_to(found) if clock else None,
            "cases": cases,
            "unread": is_unread(found),
            "shared": [each for each in shared if each.report not in group],
            "suggested": suggestions.of_report(found, shared, language()) if undecided else [],
            "triage_words": triage_words,
            "origins": ORIGINS,
            "group": len(group),
            "observables": observables_of(found),
            "message": message,
            "signer": keys.owner(message.signer) if message else None,
            "asked": questions.answered(found.details.get("answers") or {}, language()),
            "fax_pages": transcript.pages(found),
            "form_of": paper.another(found),
            "on_paper": letters.last_on_paper(found),
            "entries": entries,
            **correspondence_of_report(found, cases, entries),
            "agency_told": agency_told,
            "agency_book": agency_words,
            **_organisation(found),
            "undecided": undecided,
            "language_of_report": Language(found.language),
            "language_of_text": language_of(found.text),
            "asked_words": asked_words,
            **facts,
        },
    )


def _forms(found: Report) -> dict[str, Any]:
    return {
        "editing": EditForm(data=all_of(found), prefix="edit-"),
        "was": all_of(found),
        "opening": OpenForm(title=found.title, kind=found.kind),
        "attaching": AttachForm(),
        "refusing": RefuseForm(),
        "referring": ReferForm(),
        "calling": CallForm(),
        "papering": PaperForm(address=found.details.get("address", "")),
        "is_outside_play": letters.is_outside_play(found),
    }


def _organisation(found: Report) -> dict[str, Any]:
    """What a member organisation told with the report, and which one it is."""
    row = agency_after.of_reports([found]).get(found.id)
    if row is None:
        return {"agency": None}
    unit = session.get(Unit, row.unit_id) if row.unit_id else None
    return {
        "agency": row,
        "agency_of": session.get_one(Organisation, row.organisation_id),
        "agency_unit": unit,
        "agency_system": systems.of(row.organisation_id, row.facts.get("system") or ""),
    }
