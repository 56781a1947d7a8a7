"""Referrals: whom a case concerns, the letter before it leaves, what came back, and the list with all clocks."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cert_portal.cases.later import LaterRefused, suggestions
from cert_portal.cases.models import Case
from cert_portal.cases.visible import reports_of
from cert_portal.coordination import letters, link, lists, refer, service, timeline
from cert_portal.coordination.bound import label_of
from cert_portal.coordination.consent import asked_by
from cert_portal.coordination.lists import View
from cert_portal.coordination.models import Referral
from cert_portal.coordination.proposals import observables_of, proposals
from cert_portal.coordination.service import ReferralRefused
from cert_portal.coordination.visible import find_referral
from cert_portal.coordination.workflow import SENDABLE, UNSENT, State, Verb
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.text import whole
from cert_portal.directory import accounts, contacts, organisations
from cert_portal.directory.parties import Contact, Organisation
from cert_portal.directory.permissions import Permission
from cert_portal.intake.consents import last_withdrawn
from cert_portal.web.staff import directory_words, letter_words, say
from cert_portal.web.staff import referral_words as words
from cert_portal.web.staff.case import find as find_case_of
from cert_portal.web.staff.case import hold
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.download import download
from cert_portal.web.staff.referral_forms import ConsentForm, ReferForm, ReferralForm, SaidForm, WhenForm


@desk.get("/referrals", Permission.READ_CASES)
def referrals() -> Answer:
    """All referrals that are open, with their clocks; or another list."""
    told = request.args.get("view", View.OPEN)
    view = View(told) if told in set(View) else abort(404)
    page = lists.page(view, me(), request.args.get("after", ""))
    return show("referrals", view=view, page=page, counts=lists.counts(me()), book=words, parties=directory_words)


@desk.get("/cases/<number>/refer", Permission.REFER)
def refer_case(number: str) -> Answer:
    """Whom the case concerns, and why."""
    return _choose(find_case_of(number))


@desk.post("/cases/<number>/refer", Permission.REFER)
def prepare_referral(number: str) -> Answer:
    """Prepare a referral to one of them, or to another party of the directory; nothing leaves yet."""
    case, form = hold(number), ReferForm(request.form)
    party = session.get(Organisation, whole(form.organisation.data))
    if party is None:
        return _choose(case, INVALID, wrong=[(words.REFUSED["unknown_party"], "#organisation")])
    found = next((each for each in proposals(case, me()).parties if each.organisation.id == party.id), None)
    chosen: dict[str, Any] = {"observables": found.observables, "reasons": found.reasons} if found else {}
    try:
        made = service.prepare(case, party, me(), **chosen)
    except ReferralRefused as error:
        session.rollback()
        return _choose(find_case_of(number), INVALID, wrong=[_why(error)])
    session.commit()
    return redirect(url_for("staff.referral", number=made.number))


@desk.get("/referrals/<number>", Permission.READ_CASES)
def referral(number: str) -> Answer:
    """One referral: the letter as it will leave or left, how it is sealed, and what came back."""
    return _page(find(number))


@desk.post("/referrals/<number>/change", Permission.REFER)
def change_referral(number: str) -> Answer:
    """What it says, and to whom; the letter is shown again."""
    found = find(number)
    form = ReferralForm(_people(found), request.form)
    if not form.validate():
        return _page(found, INVALID, form=form)
    if request.form.get("seen", _mark(found)) != _mark(found):
        return _page(found, INVALID, form=form, wrong=[(letter_words.REFUSED["changed"], "#letter")])
    try:
        service.change(found, form.told(_offered(found)), me())
    except ReferralRefused as error:
        return refused(number, error, form=form)
    return done(number, _("The letter was changed. Look at it below."))


@desk.post("/referrals/<number>/consent", Permission.REFER)
def consent(number: str) -> Answer:
    """Who agreed that the case is passed on, and when."""
    found, form = find(number), ConsentForm(request.form)
    if not form.validate():
        return _page(found, INVALID, agreeing=form)
    try:
        service.record_consent(found, form.who.data, form.when.at, me())
    except ReferralRefused as error:
        return refused(number, error, agreeing=form)
    return done(number, _("The consent was recorded."))


@desk.post("/referrals/<number>/send", Permission.REFER)
def send_referral(number: str) -> Answer:
    """Send the letter as it is shown, or hold it when it cannot be sealed as it must be."""
    try:
        state = service.send(find(number), me())
    except ReferralRefused as error:
        return refused(number, error)
    if state is State.HELD:
        return done(number, _("Nothing left: the letter must be encrypted and cannot be. See why below."))
    return done(number, _("The letter is in the outbox."))


@desk.post("/referrals/<number>/said", Permission.REFER)
def said(number: str) -> Answer:
    """What the party said on the telephone."""
    found, form = find(number), SaidForm(request.form)
    if not form.validate() or not form.verb.data:
        return _page(found, INVALID, saying=form)
    try:
        service.by_telephone(found, Verb(form.verb.data), form.said.data, me())
    except ReferralRefused as error:
        return refused(number, error, saying=form)
    return done(number, _("What they said was noted."))


@desk.post("/referrals/<number>/revoke", Permission.REFER)
def revoke_link(number: str) -> Answer:
    """Close the page of the party."""
    service.revoke_link(find(number), me())
    return done(number, _("The link is worthless now. The next letter carries a new one."))


@desk.post("/referrals/<number>/drop", Permission.REFER)
def drop_referral(number: str) -> Answer:
    """Throw a draft away."""
    found = find(number)
    case = lists.case_of(found, me())
    try:
        service.drop(found, me())
    except ReferralRefused as error:
        return refused(number, error)
    session.commit()
    flash(_("The draft was thrown away."), "done")
    return redirect(url_for("staff.case", number=case.number))


@desk.get("/referrals/<number>/files/<int:file_id>", Permission.READ_CASES)
def referral_file(number: str, file_id: int) -> Response:
    """A file of a party as it came: only ever as a download."""
    wanted = next((file for file in find(number).files if file.id == file_id), None) or abort(404)
    return download(wanted.blob_key, wanted.filename)


def _mark(found: Referral) -> str:
    """Tells one wording of a draft from the next."""
    return found.updated_at.isoformat()


def find(number: str) -> Referral:
    """The referral of an address, as far as the person may see it."""
    return find_referral(number, me()) or abort(404)


def _people(found: Referral) -> list[Contact]:
    party = session.get_one(Organisation, found.organisation_id)
    return [each for each in contacts.of(party) if each.active and each.email]


def _offered(found: Referral) -> list[tuple[str, str]]:
    """What the letter may name: what the reports of the case name, and what the referral named before."""
    named = [(kind, value) for kind, value in found.observables]
    return list(dict.fromkeys([*named, *observables_of(lists.case_of(found, me()), me())]))


def _why(error: ReferralRefused | LaterRefused) -> tuple[Any, str]:
    if isinstance(error, LaterRefused):
        return letter_words.REFUSED[error.reason], "#later-when"
    return words.REFUSED[error.reason], words.PLACES.get(error.reason, "#main-content")


def done(number: str, told: str) -> Response:
    """Commit, say so if there is anything to say, and show the referral again."""
    session.commit()
    if told:
        flash(told, "done")
    return redirect(url_for("staff.referral", number=number))


def refused(number: str, error: ReferralRefused | LaterRefused, **forms: Any) -> Answer:
    """Show the referral again with what hinders, and the forms as they were filled."""
    session.rollback()
    return _page(find(number), INVALID, wrong=[_why(error)], **forms)


def _choose(case: Case, status: int = 200, **facts: Any) -> Answer:
    found = proposals(case, me())
    others = [
        each for each in organisations.of_kinds() if each.id not in {one.organisation.id for one in found.parties}
    ]
    told: dict[str, Any] = {
        "case": case,
        "found": found,
        "others": others,
        "asked_by": asked_by,
        "book": directory_words,
        "withdrawn": last_withdrawn(reports_of(case, me())),
    }
    return show("refer", status, **told, **facts)


def _page(found: Referral, status: int = 200, **facts: Any) -> Answer:
    offered = _offered(found)
    values = [str(position) for position, pair in enumerate(offered) if list(pair) in found.observables]
    sent = session.get(Letter, found.letter_id) if found.letter_id else None
    told = {
        "referral": found,
        "case": lists.case_of(found, me()),
        "party": session.get_one(Organisation, found.organisation_id),
        "contact": refer.contact_of(found),
        "letter": letters.written(found) if found.state in SENDABLE else sent,
        "sent": sent,
        "sealing": refer.sealing(found),
        "label": label_of(found),
        "seen": _mark(found),
        "planned": refer.planned_of(found),
        "times": {code: say.moment(at) for code, at in suggestions().items()},
        "consent": service.consent_of(found),
        "hindrances": service.hindrances(found),
        "clock": lists.reading(found),
        "entries": timeline.entries([found]),
        "people": {user.actor: user.name for user in accounts.everybody()},
        "offered": offered,
        "reasons": [[directory_words.sentence(step) for step in chain] for chain in found.reasons],
        "link": link.standing(found).value,
        "sendable": found.state in SENDABLE,
        "droppable": found.state in UNSENT and found.sent_at is None,
        "reached": found.sent_at is not None,
        "book": words,
        "parties": directory_words,
    }
    forms = {
        "form": ReferralForm.of(found, _people(found), values),
        "agreeing": ConsentForm(),
        "planning": WhenForm(),
        "saying": SaidForm(),
    }
    return show("referral", status, **{**told, **forms, **facts})
