"""The directory: who answers for an address and why; organisations, contacts, keys."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory import accounts, contacts, keys, organisations
from cert_portal.directory.contacts import is_stale
from cert_portal.directory.look_up import who_answers
from cert_portal.directory.parties import Contact, Organisation
from cert_portal.directory.permissions import Permission
from cert_portal.directory.refusal import DirectoryRefused
from cert_portal.web.staff import directory_words as words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.directory_forms import ContactForm, KeyForm, OrganisationForm
from cert_portal.web.staff.meanwhile import asked_again, sent_along, shown, take_over


@desk.get("/directory/", Permission.READ_DIRECTORY)
def directory() -> Answer:
    """Organisations by name, and the box that asks who answers for an address."""
    told = {name: request.args.get(name, "")[:200] for name in ("find", "kind", "reach", "after")}
    page = organisations.listed(told["find"], told["kind"], told["reach"], told["after"])
    return show("directory", page=page, told=told, book=words)


@desk.get("/directory/look-up", Permission.READ_DIRECTORY)
def look_up() -> Answer:
    """Who answers for this, and why."""
    asked = request.args.get("for", "")[:2000].strip()
    if not asked:
        return redirect(url_for("staff.directory"))
    answer = who_answers(asked)
    return show("look_up", asked=asked, answer=answer, chain=words.chain(answer.steps), book=words)


@desk.get("/directory/add", Permission.MANAGE_DIRECTORY)
def new_organisation() -> Answer:
    """Ask for a new organisation."""
    return show("organisation_edit", form=OrganisationForm(active=True), organisation=None)


@desk.post("/directory/add", Permission.MANAGE_DIRECTORY)
def add_organisation() -> Answer:
    """Put an organisation into the directory."""
    form = OrganisationForm(request.form)
    if not form.validate():
        return show("organisation_edit", INVALID, form=form, organisation=None)
    try:
        made = organisations.add(form.told(fictional=False), me().actor)
    except DirectoryRefused as error:
        session.rollback()
        return show("organisation_edit", INVALID, form=form, organisation=None, wrong=[_why(error)])
    return _done(made.id, _("The organisation is in the directory."))


@desk.get("/directory/organisations/<int:organisation_id>", Permission.READ_DIRECTORY)
def organisation(organisation_id: int) -> Answer:
    """One organisation: contacts, keys, networks, what was changed."""
    return _page(_organisation(organisation_id))


@desk.get("/directory/organisations/<int:organisation_id>/edit", Permission.MANAGE_DIRECTORY)
def organisation_form(organisation_id: int) -> Answer:
    """The organisation as a form."""
    row = _organisation(organisation_id)
    form = OrganisationForm.of(row, organisations.holdings(row))
    return show("organisation_edit", form=form, organisation=row, was=shown(form))


@desk.post("/directory/organisations/<int:organisation_id>/edit", Permission.MANAGE_DIRECTORY)
def change_organisation(organisation_id: int) -> Answer:
    """Put other facts in place."""
    row, form = _organisation(organisation_id), OrganisationForm(request.form)
    session.refresh(row, with_for_update=True)
    now = OrganisationForm.of(row, organisations.holdings(row))
    facts: dict[str, Any] = {"form": form, "was": sent_along(request.form, now)}
    if not form.validate():
        return show("organisation_edit", INVALID, organisation=row, **facts)
    if both := take_over(form, now, facts["was"]):
        return show(
            "organisation_edit", INVALID, organisation=row, form=form, was=shown(now), **asked_again(both, words.FIELDS)
        )
    try:
        organisations.change(row, form.told(row.fictional), me().actor)
    except DirectoryRefused as error:
        session.rollback()
        row = _organisation(organisation_id)
        return show("organisation_edit", INVALID, organisation=row, wrong=[_why(error)], **facts)
    return _done(organisation_id, _("The organisation was changed."))


@desk.get("/directory/organisations/<int:organisation_id>/contacts/add", Permission.MANAGE_DIRECTORY)
def new_contact(organisation_id: int) -> Answer:
    """Ask for a new contact."""
    return _contact_page(_organisation(organisation_id), ContactForm.fresh())


@desk.post("/directory/organisations/<int:organisation_id>/contacts/add", Permission.MANAGE_DIRECTORY)
def add_contact(organisation_id: int) -> Answer:
    """Add a contact."""
    row, form = _organisation(organisation_id), ContactForm(request.form)
    if not form.validate():
        return _contact_page(row, form, INVALID)
    try:
        contacts.add(row, form.told(), me().actor)
    except DirectoryRefused as error:
        return _contact_refused(organisation_id, form, error)
    return _done(organisation_id, _("The contact was added."))


@desk.get("/directory/contacts/<int:contact_id>/edit", Permission.MANAGE_DIRECTORY)
def contact_form(contact_id: int) -> Answer:
    """A contact as a form."""
    contact = _contact(contact_id)
    form = ContactForm.of(contact)
    return _contact_page(_organisation(contact.organisation_id), form, contact=contact, was=shown(form))


@desk.post("/directory/contacts/<int:contact_id>/edit", Permission.MANAGE_DIRECTORY)
def change_contact(contact_id: int) -> Answer:
    """Put other facts of a contact in place."""
    contact, form = _contact(contact_id), ContactForm(request.form)
    session.refresh(contact, with_for_update=True)
    owner, now = contact.organisation_id, ContactForm.of(contact)
    was = sent_along(request.form, now)
    if not form.validate():
        return _contact_page(_organisation(owner), form, INVALID, contact=contact, was=was)
    if both := take_over(form, now, was):
        facts = {"contact": contact, "was": shown(now), **asked_again(both, words.FIELDS)}
        return _contact_page(_organisation(owner), form, INVALID, **facts)
    try:
        contacts.change(contact, form.told(), me().actor)
    except DirectoryRefused as error:
        return _contact_refused(owner, form, error, contact_id, was=was)
    return _done(owner, _("The contact was changed."))


@desk.post("/directory/contacts/<int:contact_id>/verified", Permission.MANAGE_DIRECTORY)
def verify_contact(contact_id: int) -> Answer:
    """Somebody asked, and the contact is right."""
    contact = _contact(contact_id)
    contacts.verify(contact, me().actor)
    return _done(contact.organisation_id, _("The contact is marked as verified today."))


@desk.post("/directory/organisations/<int:organisation_id>/keys", Permission.MANAGE_DIRECTORY)
def add_key(organisation_id: int) -> Answer:
    """Import a pasted key: into the desk key ring first, then what it says into the database."""
    row, form, actor = _organisation(organisation_id), KeyForm(request.form), me().actor
    if not form.validate():
        return _page(row, INVALID, form=form)
    session.rollback()
    try:
        for facts in keys.read(form.key.data):
            keys.keep(_organisation(organisation_id), facts, actor)
    except DirectoryRefused as error:
        session.rollback()
        return _page(_organisation(organisation_id), INVALID, form=form, wrong=[_why(error)])
    return _done(organisation_id, _("The key was imported. Name its fingerprint at the contact that uses it."))


def _organisation(organisation_id: int) -> Organisation:
    return session.get(Organisation, organisation_id) or abort(404)


def _contact(contact_id: int) -> Contact:
    return session.get(Contact, contact_id) or abort(404)


def _why(error: DirectoryRefused) -> tuple[str, str]:
    return words.why(error.reason, error.told), words.PLACES.get(error.reason, "#main-content")


def _done(organisation_id: int, said: str) -> Response:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.organisation", organisation_id=organisation_id))


def _page(row: Organisation, status: int = 200, **facts: Any) -> Answer:
    people = contacts.of(row)
    ours = keys.of(row)
    told = {
        "organisation": row,
        "held": organisations.holdings(row),
        "contacts": people,
        "stale": {each.id for each in people if is_stale(each)},
        "keys": [(each, keys.trouble(each.fingerprint)) for each in ours],
        "key_trouble": {each.id: keys.trouble(each.key_fingerprint) for each in people},
        "history": of_subjects([row.subject])[-30:],
        "names": accounts.names(),
        "form": KeyForm(),
        "book": words,
    }
    return show("organisation", status, **{**told, **facts})


def _contact_page(row: Organisation, form: ContactForm, status: int = 200, **facts: Any) -> Answer:
    return show("contact_edit", status, **{"organisation": row, "contact": None, "form": form, **facts})


def _contact_refused(
    organisation_id: int, form: ContactForm, error: DirectoryRefused, contact_id: int | None = None, **facts: Any
) -> Answer:
    session.rollback()
    facts |= {"contact": _contact(contact_id) if contact_id else None, "wrong": [_why(error)]}
    return _contact_page(_organisation(organisation_id), form, INVALID, **facts)
