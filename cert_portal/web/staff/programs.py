"""Tokens of programs that use the interface: who answers for each, given here and taken back here."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form

from cert_portal.core.db import session
from cert_portal.directory import accounts, tokens
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission
from cert_portal.directory.tokens import IN_FORCE, Scope
from cert_portal.web.forms.fields import Choices, offered
from cert_portal.web.staff import words
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.forms import Pick, asked


class TokenForm(Form):
    """A new token: for which account, and what it allows."""

    account = Pick({}, asked(_l("Choose the account that answers for the program")))
    scopes = Choices(
        {each.value: words.SCOPES[each] for each in IN_FORCE}, validators=[asked(_l("Choose at least one thing"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {str(user.id): f"{user.name} · {user.email}" for user in accounts.everybody() if user.active}
        self.account.choices = offered({"": "", **named})


@desk.get("/people/tokens", Permission.READ_SETTINGS)
def list_tokens() -> Answer:
    """All tokens, the newest first; none can be shown again."""
    return _page(TokenForm())


@desk.post("/people/tokens", Permission.MANAGE_USERS)
def add_token() -> Answer:
    """Give a token. It stands on this one answer and nowhere else."""
    form = TokenForm(request.form)
    if not form.validate():
        return _page(form, INVALID)
    user = session.get_one(User, int(form.account.data))
    row, told = tokens.add(user, [Scope(each) for each in form.scopes.data], me().actor)
    session.commit()
    return _page(TokenForm(), new=row, told=told)


@desk.post("/people/tokens/<int:token_id>/revoke", Permission.MANAGE_USERS)
def revoke_token(token_id: int) -> Answer:
    """Take a token back, for good."""
    done = tokens.revoke(token_id, me().actor)
    session.commit()
    flash(_("The token was taken back.") if done else _("No token in use has this number."), "done" if done else "note")
    return redirect(url_for("staff.list_tokens"))


def _page(form: TokenForm, status: int = 200, **facts: Any) -> Answer:
    return show("tokens", status, form=form, tokens=tokens.everything()[::-1], **facts)
