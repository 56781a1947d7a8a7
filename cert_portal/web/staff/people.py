"""Accounts of the staff: who is there, with which roles."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from cert_portal.cases import called, service
from cert_portal.core.db import session
from cert_portal.directory import accounts, members
from cert_portal.directory.accounts import AccountRefused
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation
from cert_portal.directory.permissions import Permission, Role, permissions_of
from cert_portal.web.staff import account_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import AddPersonForm, PassphraseForm, PersonForm
from cert_portal.web.staff.meanwhile import asked_again, sent_along, shown, take_over


@desk.get("/people", Permission.READ_SETTINGS)
def people() -> Answer:
    """All accounts."""
    return show("people", people=accounts.everybody(), belongs=members.everybody())


@desk.get("/people/add", Permission.MANAGE_USERS)
def new_person() -> Answer:
    """Ask for a new account."""
    return show("person_add", form=AddPersonForm())


@desk.post("/people/add", Permission.MANAGE_USERS)
def add_person() -> Answer:
    """Make an account; the person sets up the authenticator at the first sign-in."""
    form = AddPersonForm(request.form)
    if not form.validate():
        return show("person_add", INVALID, form=form)
    try:
        user = accounts.add_user(
            form.email.data,
            form.name.data,
            form.passphrase.data,
            form.roles.data,
            actor=me().actor,
            language=form.language.data,
        )
    except AccountRefused as error:
        return show("person_add", INVALID, form=form, wrong=[_why(error)])
    _belong(user, form)
    return _done(user, _("The account is there."))


@desk.get("/people/<int:user_id>", Permission.MANAGE_USERS)
def person(user_id: int) -> Answer:
    """One account."""
    return _page(_found(user_id))


@desk.post("/people/<int:user_id>", Permission.MANAGE_USERS)
def change_person(user_id: int) -> Answer:
    """Name, roles, and whether the account may be used; what a colleague changed since the page was made stays so, or
    is asked about.
    """
    user, form = _found(user_id), PersonForm(request.form)
    session.refresh(user, with_for_update=True)
    now = _as_form(user)
    was = sent_along(request.form, now)
    typed: dict[str, Any] = {"form": form, "was": was}
    if not form.validate():
        return _page(user, INVALID, **typed)
    if both := take_over(form, now, was):
        return _page(user, INVALID, form=form, was=shown(now), **asked_again(both, account_words.FIELDS))
    keeps = form.active.data and Permission.RESTRICT in permissions_of(form.roles.data)
    if not keeps and (count := service.sole_keeper_of(user)):
        told = account_words.REFUSED["sole_keeper"] % {"count": count}
        wrong = [(told, "#active" if not form.active.data else "#roles")]
        return _page(user, INVALID, wrong=wrong, **typed)
    try:
        accounts.change(user, name=form.name.data, roles=form.roles.data, active=form.active.data, actor=me().actor)
    except AccountRefused as error:
        return _page(user, INVALID, wrong=[_why(error)], **typed)
    _belong(user, form)
    left = called.release_all_of(user)
    said = ngettext(
        "Changed. %(num)s open case of this person has no owner now; the desk finds it under Unassigned.",
        "Changed. %(num)s open cases of this person have no owner now; the desk finds them under Unassigned.",
        left,
    )
    return _done(user, said if left else _("The account was changed."))


@desk.post("/people/<int:user_id>/passphrase", Permission.MANAGE_USERS)
def reset_passphrase(user_id: int) -> Answer:
    """A new pass-phrase, told to the person in another way."""
    user, form = _found(user_id), PassphraseForm(request.form)
    try:
        accounts.set_passphrase(user, form.passphrase.data, me().actor)
    except AccountRefused as error:
        return _page(user, INVALID, passphrase=form, wrong=[_why(error)])
    return _done(user, _("The new pass-phrase is in force; all sessions of this person were ended."))


@desk.post("/people/<int:user_id>/authenticator", Permission.MANAGE_USERS)
def reset_authenticator(user_id: int) -> Answer:
    """Forget the authenticator: the person sets up a new one at the next sign-in."""
    user = _found(user_id)
    accounts.reset_authenticator(user, me().actor)
    return _done(user, _("The authenticator was reset; all sessions of this person were ended."))


@desk.post("/people/<int:user_id>/sign-out", Permission.MANAGE_USERS)
def sign_person_out(user_id: int) -> Answer:
    """End all sessions of the person."""
    user = _found(user_id)
    accounts.sign_out_everywhere(user, me().actor)
    return _done(user, _("All sessions of this person were ended."))


def _belong(user: User, form: PersonForm) -> None:
    """For which organisation the person reports: as told with the role, else for none."""
    if Role.MEMBER in user.roles:
        organisation = session.get(Organisation, int(form.organisation.data)) or abort(400)
        members.enrol(user, organisation, form.unit.data, me().actor)
    else:
        members.leave(user, me().actor)


def _known(user: User) -> dict[str, str]:
    member = members.of(user)
    if member is None:
        return {}
    organisation, unit = members.named(member)
    return {"organisation": str(organisation.id), "unit": unit.name if unit else ""}


def _as_form(user: User) -> PersonForm:
    return PersonForm(name=user.name, roles=user.roles, active=user.active, **_known(user))


def _found(user_id: int) -> User:
    return session.get(User, user_id) or abort(404)


def _why(error: AccountRefused) -> tuple[object, str]:
    return account_words.REFUSED[error.reason], account_words.PLACES.get(error.reason, "#passphrase")


def _done(user: User, said: str) -> Response:
    session.commit()
    flash(said, "done")
    return redirect(url_for("staff.person", user_id=user.id))


def _page(user: User, status: int = 200, **facts: Any) -> Answer:
    form = _as_form(user)
    forms: dict[str, Any] = {"form": form, "was": shown(form), "passphrase": PassphraseForm(), **facts}
    return show("person", status, user=user, **forms)
