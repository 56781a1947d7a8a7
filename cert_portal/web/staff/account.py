"""One's own account: language, authenticator, pass-phrase, sessions."""

from __future__ import annotations

from typing import Any

import segno
from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import login_user

from cert_portal.cases import bulk_after, notices
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.directory.accounts import AccountRefused
from cert_portal.directory.permissions import Permission
from cert_portal.web import frame
from cert_portal.web.staff import account_words, team_words
from cert_portal.web.staff.desk import INVALID, Answer, desk, local_path, me, show
from cert_portal.web.staff.forms import CodeForm, OwnPassphraseForm


@desk.get("/account", Permission.ACCOUNT)
def account() -> Answer:
    """What the portal knows about the person, and what they may change."""
    return _page()


@desk.post("/account/language", Permission.ACCOUNT)
def set_language() -> Answer:
    """The language of the staff pages; leads back to where the switch was, with the form that was only looked at."""
    wanted, again = request.values.get("language", ""), request.args.get("again", "")
    if wanted not in tuple(Language):
        abort(400)
    accounts.set_language(me(), wanted)
    session.commit()
    place = local_path(again or request.form.get("next", ""), url_for("staff.account"))
    return frame.remember(wanted, redirect(place, 307 if again else 302))


@desk.post("/account/authenticator", Permission.ACCOUNT)
def confirm_authenticator() -> Answer:
    """Keep the authenticator once it gave a right code."""
    form = CodeForm(request.form)
    if me().totp_secret is not None:
        return redirect(url_for("staff.account"))
    try:
        accounts.confirm_authenticator(me(), form.code.data)
    except AccountRefused as error:
        return _page(INVALID, code=form, wrong=[(account_words.REFUSED[error.reason], "#code")])
    session.commit()
    flash(_("The authenticator is set up. You will be asked for a code at each sign-in."), "done")
    return redirect(url_for("staff.account"))


@desk.post("/account/passphrase", Permission.ACCOUNT)
def change_passphrase() -> Answer:
    """A new pass-phrase ends all other sessions; this one goes on."""
    form = OwnPassphraseForm(request.form)
    try:
        accounts.change_own_passphrase(me(), form.old.data, form.new.data)
    except AccountRefused as error:
        place = "#old" if error.reason == "wrong_passphrase" else "#new"
        return _page(INVALID, passphrase=form, wrong=[(account_words.REFUSED[error.reason], place)])
    session.commit()
    login_user(accounts.of_session(me().get_id()))
    flash(_("The new pass-phrase is in force. All other sessions were ended."), "done")
    return redirect(url_for("staff.account"))


def _page(status: int = 200, **facts: Any) -> Answer:
    secret = accounts.proposed_secret(me()) if me().totp_secret is None else ""
    qr = segno.make(accounts.secret_address(me(), secret)).svg_data_uri(scale=5, border=2) if secret else ""
    forms: dict[str, Any] = {"code": CodeForm(), "passphrase": OwnPassphraseForm(), **facts}
    told: dict[str, Any] = {"kinds": team_words.NOTICES, "chosen": notices.chosen(me())}
    told |= {"recent": bulk_after.recent(me()), "names": accounts.names()}
    return show(
        "account", status, **told, secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)), qr=qr, **forms
    )
