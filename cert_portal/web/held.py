"""What somebody sent after the session had ended or the page had grown old: it stays in the page, nothing is lost.

Only the person whose page it was may go on with it: the mark of every form bears the account (`mark`).

A page of another site could send words in the name of the person: only what a page of ours sent is held. Browsers say
so in Sec-Fetch-Site (W3C Fetch Metadata, section 2.4).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from flask import Response, current_app, make_response, render_template, request
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from cert_portal.directory.models import User
from cert_portal.web.staff.desk import frame, local_path, me
from cert_portal.web.staff.forms import SignInForm

Pairs = list[tuple[str, str]]
SECRETS = frozenset({"passphrase", "old", "new", "code"})
"""Fields of which no page may hold the answers."""


WORDS = frozenset(
    {
        *("letter", "note", "reason", "why", "text", "words", "lines", "call", "tag", "told", "solution", "more"),
        *("description", "late_reason", "override_reason", "covers", "expected", "others", "zh_hant", "en"),
    }
)
"""Boxes that people fill in. What the desk filled in before is not given back: it may be what is hidden."""


@dataclass(frozen=True)
class Held:
    """A form that was sent: where to, whether files were with it, whose page it was (None when nobody knows) and what
    stood in it.
    """

    to: str
    had_files: bool
    by: int | None
    pairs: Pairs

    def is_for(self, user: User) -> bool:
        """Whether this person may go on with it."""
        return self.by in (None, user.id)


def mark(user: User) -> str:
    """What the forms of a new session are known by, in place of what Flask-WTF makes up: it tells whose they are."""
    return f"{secrets.token_hex(20)}.{user.id}"


def sent() -> Pairs:
    """The names and values of the form that was sent; none when it is not ours to hold."""
    is_ours = request.blueprint in ("staff", "org") and request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not is_ours or SECRETS & set(request.form):
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def words() -> list[str]:
    """What somebody wrote into the form that was sent, of the boxes that are empty before; nothing when it is not ours
    to hold.
    """
    return list(dict.fromkeys(value for name, value in sent() if name in WORDS and value.strip()))


def refused(pairs: Pairs) -> Response:
    """The page that holds what was sent, behind the sign-in when nobody is signed in any more."""
    to = request.full_path if request.query_string else request.path
    had_files = any(file.filename for file in request.files.values())
    held = Held(to, had_files, _whose(request.form.get("csrf_token", "")), pairs)
    if current_user.is_authenticated and held.is_for(me()):
        return make_response(_page(held, is_back=False), 400)
    form = SignInForm(held=json.dumps([held.to, held.had_files, held.by, held.pairs]))
    return make_response(render_template("staff/sign_in.html", **frame(), form=form, wrong=[]), 401)


def read(told: str | None) -> Held | None:
    """What the sign-in page held; None when it held nothing that can be read."""
    try:
        to, had_files, by, pairs = json.loads(told or "")
        found = [(str(name), str(value)) for name, value in pairs]
        path = local_path(str(to), "")
    except (ValueError, TypeError):
        return None
    return Held(path, bool(had_files), by if isinstance(by, int) else None, found) if path else None


def given_back(held: Held) -> str:
    """The page that offers to send it."""
    return _page(held, is_back=True)


def _whose(token: str) -> int | None:
    """The account that the mark of a form bears, be its session over."""
    try:
        told = URLSafeTimedSerializer(str(current_app.secret_key), salt="wtf-csrf-token").loads(token)
    except BadSignature:
        return None
    account = str(told).partition(".")[2]
    return int(account) if account.isdigit() else None


def _page(held: Held, *, is_back: bool) -> str:
    said = [value for _name, value in held.pairs if _is_words(value)]
    facts = {"typed": held.pairs, "said": said, "to": held.to, "had_files": held.had_files}
    return render_template("held.html", **frame(), **facts, is_back=is_back)


def _is_words(value: str) -> bool:
    """Whether somebody wrote it; codes and numbers of the form need not be shown."""
    return len(value) > 20 or not value.isascii() or " " in value.strip()
