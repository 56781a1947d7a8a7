"""A template taken into the form of a letter: facts are put in, what was typed stays, blanks are left to the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form

from cert_portal.cases import labels, later, letters, templates, unsent, wording
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.later import LaterRefused
from cert_portal.cases.letters import LetterRefused
from cert_portal.cases.models import Case
from cert_portal.cases.timeline import Entry
from cert_portal.cases.visible import cases_of, reports_of
from cert_portal.config import current
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Draft
from cert_portal.core.tlp import TLP, unlabelled
from cert_portal.directory import accounts
from cert_portal.intake.models import Report, ReportAddition
from cert_portal.web.forms.days import BadMoment, read_local
from cert_portal.web.frame import language
from cert_portal.web.staff import letter_words, lines, say
from cert_portal.web.staff.desk import Answer, me, show
from cert_portal.web.staff.forms import LetterForm, LetterToForm, PlannedForm
from cert_portal.web.staff.referral_forms import WhenForm

LOOKING = ("look", "change")
"""What may be done with a letter that still has blanks."""


def named() -> list[tuple[str, str]]:
    """The templates that are offered: code, and name in the reader's language; in the order of the names."""
    found = [(each.row.code, each.words(language())["name"]) for each in templates.in_use()]
    return sorted(found, key=lambda pair: pair[1].casefold())


def correspondence(case: Case, reports: Sequence[Report]) -> dict[str, Any]:
    """What the page of a case needs to write letters."""
    planned = [_listed(case, row, to) for row, to in later.of_case(case, me())]
    ways = {"planned": planned, "times": times(), "red": labels.red(case, reports), "outside": letters.outside(reports)}
    return {"tlp_labels": list(TLP), "letter_templates": named(), **ways, **writers_of(case, reports)}


def correspondence_of_report(report: Report, cases: Sequence[Case], entries: Sequence[Entry]) -> dict[str, Any]:
    """What the page of a report needs to write letters, with the form as the person left it."""
    about = {each.id: each for each in cases}
    rows = later.of_report(report, cases, me())
    begun = unsent.of_user(report, me())
    left = MultiDict(begun["letter"].fields) if "letter" in begun else None
    return {
        "planned": [_listed(about.get(row.case_id or 0, report), row, to) for row, to in rows],
        "times": times(),
        "red": labels.red(None, [report]),
        "outside": letters.outside([report]),
        "letter_templates": named(),
        "begun": begun,
        "writing": answering(PlannedForm(left, subject=unlabelled(report.title)), entries),
        "people": accounts.names(),
        "seen": lines.last(entries),
        **writers_of(report, cases),
    }


def given_back(about: Case | Report, draft: str, name: str, form: Form) -> dict[str, Any]:
    """What was typed for a letter or note that cannot become one: in the form for a new one, or beside it when another
    is begun there.
    """
    if draft in unsent.of_user(about, me()):
        return {"typed": [request.form.get(draft, "")]}
    return {name: form, "is_given_back": True}


def times() -> dict[str, str]:
    """Times that people mean by "later", in words."""
    return {code: say.moment(at) for code, at in later.suggestions().items()}


def writers_of(about: Case | Report, beside: Sequence[Case | Report] | None = None) -> dict[str, Any]:
    """Who else is writing a letter about a case or its reports, or a report or its cases, and where to ask again."""
    if beside is None:
        beside = reports_of(about, me()) if isinstance(about, Case) else cases_of(about, me())
    place = "staff.writers" if isinstance(about, Case) else "staff.writers_of_report"
    others = unsent.others_writing([about, *beside], me())
    return {"others": others, "writers_at": url_for(place, number=about.number), "of_report": isinstance(about, Report)}


def planned_at(about: Case | Report, row: PlannedLetter) -> dict[str, str]:
    """The addresses of a letter for later on this page: itself, to change it, to cancel it. One from the page of a
    report has its addresses there, wherever it is shown.
    """
    of, number = "", about.number
    if row.case_id is None:
        of, number = "_of_report", session.get_one(Report, row.report_id).number
    told: dict[str, Any] = {"number": number, "planned_id": row.id}
    acts = {"open": "planned_letter", "change": "change_planned", "cancel": "cancel_planned"}
    return {act: url_for(f"staff.{endpoint}{of}", **told) for act, endpoint in acts.items()}


def _listed(about: Case | Report, row: PlannedLetter, to: Report) -> tuple[PlannedLetter, Report, dict[str, str]]:
    """A letter for later, to whom, and its addresses with its subject as it will leave."""
    facts = wording.of_report(about if isinstance(about, Case) else None, to)
    return row, to, {**planned_at(about, row), "subject": wording.fill(row.subject, facts)}


def why_not(error: LaterRefused | LetterRefused) -> list[str]:
    """Why a letter does not leave, or not then."""
    stopped = letter_words.STOPPED.get(error.reason) if isinstance(error, LaterRefused) else None
    return [str(stopped)] if stopped else say.why(error)


def moment_of(form: PlannedForm | WhenForm) -> datetime:
    """When the letter is to leave: the time that was chosen, else what was typed. Raises LaterRefused."""
    if not form.when.data and form.leaves_at.data:
        try:
            told = read_local(form.leaves_at.data)
        except BadMoment as error:
            raise LaterRefused("odd_time") from error
        if told is not None:
            return told
    chosen = later.suggestions().get(form.when.data or "")
    if chosen is None:
        raise LaterRefused("no_time")
    return chosen


def look(about: Case | Report, form: LetterForm, drafts: Sequence[Draft]) -> Answer:
    """The letters as they will leave, with sender, recipient and seal, before they do; blanks stand out."""
    place = "staff.write_about_case" if isinstance(about, Case) else "staff.write_about_report"
    signs = bool(current().desk_key)
    action = url_for(place, number=about.number)
    blanks = _bracketed(wording.blanks(*(words for each in drafts for words in (each.subject, each.text))))
    known: dict[str, Any] = {"form": form, "drafts": drafts, "blanks": blanks, "pieces": wording.pieces}
    return show("letters_look", about=about, action=action, signs=signs, **known)


def filled(form: LetterForm, case: Case | None, reports: Sequence[Report]) -> LetterForm:
    """The form with the words of the chosen template behind what was typed.

    It speaks the language of the first reporter who was ticked; who reads the other one is not ticked any longer. Where
    there is but one reporter to write to all facts are put in, else those that differ when the letters are made: who
    is ticked may change.
    """
    template = templates.offered(request.form.get("template", ""))
    reachable = letters.writable(reports)
    chosen = _ticked(form, reachable)
    if template is None or not chosen:
        flash(_("Choose a template") if template is None else _("Choose who gets the letter"), "done")
        return form
    spoken = Language(chosen[0].language)
    alone = len(reachable) == 1
    facts = wording.of_report(case, chosen[0]) if alone else wording.of_case(case.number if case else "", spoken)
    subject, text = template.filled(spoken, facts)
    title = case.title if case else reports[0].title
    ours = {each.filled(spoken, facts)[0] for each in templates.in_use()} | {"", title, unlabelled(title)}
    if form.subject.data in ours:
        form.subject.data = subject
    form.letter.data = f"{form.letter.data}\n\n{text}".strip() if form.letter.data else text
    if blanks := wording.blanks(form.subject.data or "", text):
        flash(_("Fill in the blanks: %(blanks)s", blanks=_bracketed(blanks)), "note")
    return form


def answering(form: LetterForm, entries: Sequence[Entry]) -> LetterForm:
    """The form with the message of a reporter that the address names (`?answer=`) quoted behind what was typed (RFC
    3676, section 4.5), and its reporter ticked. A letter that was begun to others stays theirs.
    """
    asked = request.args.get("answer", "")
    found = next((each.addition for each in entries if each.key == asked and each.is_answerable), None)
    if found is None:
        return form
    report = session.get_one(Report, found.report_id)
    if others := _begun_to_others(form, report):
        said = _("You have begun a letter to %(reports)s: send it or discard it first.", reports=_(", ").join(others))
        flash(said, "note")
        return form
    quoted, before = _quoted(found, Language(report.language)), "\n".join((form.letter.data or "").splitlines())
    if quoted not in before:
        form.letter.data = f"{before}\n\n{quoted}\n"
    if isinstance(form, LetterToForm):
        form.to.data = [report.number]
    return form


def _quoted(told: ReportAddition, spoken: Language) -> str:
    """A message as a letter in the reporter's language quotes it."""
    with force_locale(spoken.locale):
        head = _("You wrote on %(at)s:", at=f"{told.at.astimezone(current().zone):%Y-%m-%d %H:%M}")
    return "\n".join([head, *(f"> {line}".rstrip() for line in told.text.strip().splitlines())])


def _begun_to_others(form: LetterForm, report: Report) -> list[str]:
    """Who is ticked in the letter that was begun, when this reporter is not the only one."""
    if not isinstance(form, LetterToForm) or not (form.letter.data or "").strip():
        return []
    told = [each for each in form.to.data or [] if each]
    return told if told != [report.number] else []


def _bracketed(blanks: Sequence[str]) -> str:
    return _(", ").join(blanks)


def _ticked(form: LetterForm, reachable: list[Report]) -> list[Report]:
    """Who was ticked and reads the language of the first of them; the others are unticked, and that is said. Nobody is
    ticked unasked but who is the only one; all who read one language need not be ticked for a template to be chosen.
    """
    if not isinstance(form, LetterToForm):
        return reachable
    told = set(form.to.data or [])
    ticked = [each for each in reachable if each.number in told]
    if not ticked and len({each.language for each in reachable}) == 1:
        form.to.data = [each.number for each in reachable] if len(reachable) == 1 else []
        return reachable
    if not ticked:
        return []
    same = [each for each in ticked if each.language == ticked[0].language]
    if len(same) < len(ticked):
        others = _(", ").join(each.number for each in ticked if each not in same)
        flash(_("Not ticked any longer, because they read the other language: %(reports)s", reports=others), "done")
    form.to.data = [each.number for each in same]
    return same
