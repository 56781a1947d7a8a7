"""What somebody sent after the session had ended or the page had grown old: it stays in the page, nothing is lost.

A page of another site could send words in the name of the person: only what a page of ours sent is held. Browsers say
so in Sec-Fetch-Site (W3C Fetch Metadata, section 2.4).
"""

from __future__ import annotations

import json

from flask import Response, make_response, render_template, request
from flask_login import current_user

from cert_portal.web.staff.desk import frame, local_path
from cert_portal.web.staff.forms import SignInForm

Pairs = list[tuple[str, str]]
SECRETS = frozenset({"passphrase", "old", "new", "code"})
"""Fields of which no page may hold the answers."""


def sent() -> Pairs:
    """The names and values of the form that was sent; none when it is not ours to hold."""
    is_ours = request.blueprint in ("staff", "org") and request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not is_ours or SECRETS & set(request.form):
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def refused(pairs: Pairs) -> Response:
    """The page that holds what was sent, behind the sign-in when nobody is signed in any more."""
    to = request.full_path if request.query_string else request.path
    had_files = any(file.filename for file in request.files.values())
    if current_user.is_authenticated:
        return make_response(_page(pairs, to, had_files=had_files, is_back=False), 400)
    form = SignInForm(held=json.dumps([to, had_files, pairs]))
    return make_response(render_template("staff/sign_in.html", **frame(), form=form, wrong=[]), 401)


def given_back(told: str) -> str:
    """The page that offers to send what the sign-in page held; empty when it held nothing that can be read."""
    try:
        to, had_files, pairs = json.loads(told)
        read = [(str(name), str(value)) for name, value in pairs]
        path = local_path(str(to), "")
    except (ValueError, TypeError):
        return ""
    return _page(read, path, had_files=bool(had_files), is_back=True) if path else ""


def _page(pairs: Pairs, to: str, *, had_files: bool, is_back: bool) -> str:
    facts = {"typed": pairs, "said": [value for _name, value in pairs if _is_words(value)], "to": to}
    return render_template("held.html", **frame(), **facts, had_files=had_files, is_back=is_back)


def _is_words(value: str) -> bool:
    """Whether somebody wrote it; codes and numbers of the form need not be shown."""
    return len(value) > 20 or not value.isascii() or " " in value.strip()
