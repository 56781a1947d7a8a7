"""Errors in the reader's language: what happened, that nothing was lost, and where to go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from cert_portal.core.db import session
from cert_portal.web import held
from cert_portal.web.limits import seconds_to_wait
from cert_portal.web.login import SessionEnded
from cert_portal.web.problems import problem

CONTROL = frozenset(range(32))


def start(app: Flask) -> None:
    """Hook the error pages to the application."""
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(CSRFError, csrf)
    app.register_error_handler(SessionEnded, ended)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(500, page)


def page(error: HTTPException) -> Response:
    """Any error that HTTP has a number for; its page asks the database who reads it."""
    try:
        return _page(error)
    except OperationalError as away:
        return database_away(away)


def _page(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()  # type: ignore[return-value]  # werkzeug's own response, Flask passes it on
    titles = {
        400: _("We could not read that"),
        403: _("You may not see this page"),
        404: _("Page not found"),
        405: _("That does not work here"),
        413: _("That was too much at once"),
        429: _("Too many tries"),
        503: _("Sorry, we cannot do that right now"),
    }
    title = titles.get(code, _("Something went wrong") if code >= 500 else _("We could not read that"))
    if code == 413:
        request.form, request.files = (
            ImmutableMultiDict(),
            ImmutableMultiDict(),
        )  # each look raises it again
    answer = _answer(title, code, said=held.words())
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def csrf(_error: CSRFError) -> Response:
    """A form without our mark: an old page, whose words are given back, or a page of somebody else."""
    if pairs := held.sent():
        return held.refused(pairs)
    return _answer(_("This page was open for too long. Go back, reload it and send it again."), 400)


def ended(_error: SessionEnded) -> Response:
    """A form whose session was ended from somewhere else: sign in, then send it."""
    pairs = held.sent()
    return held.refused(pairs) if pairs else cast(Response, redirect(url_for("staff.sign_in")))


def database_away(_error: OperationalError) -> Response:
    """The database does not answer: say so, keep nothing half done, and give back what a visitor typed."""
    session.remove()
    g._login_user = AnonymousUserMixin()  # where Flask-Login keeps the reader: nobody may be asked for again now
    return _answer(_("Sorry, we cannot do that right now"), 503, _typed())


def _typed() -> list[tuple[str, str]]:
    """What the page holds that was sent: a visitor, or an organisation on its clock, sends it again with one button.

    Staff forms hold pass-phrases.
    """
    if request.blueprint not in ("public", "org"):
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _answer(title: str, code: int, typed: list[tuple[str, str]] | None = None, said: Sequence[str] = ()) -> Response:
    """The page; it gives back what was `typed` to be sent again, or only to be read what was `said`."""
    if request.path.startswith("/api/"):
        return _to_program(title, code)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return make_response({"title": title, "status": code}, code, {"Content-Type": "application/problem+json"})
    chosen = any(file.filename for file in request.files.values()) if typed else False
    page = render_template("error.html", title=title, code=code, typed=typed, said=said, chosen=chosen)
    response = make_response(page, code)
    if code in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def _to_program(title: str, code: int) -> Response:
    wait = seconds_to_wait() if code == 429 else 60
    return problem(code, title, headers={"Retry-After": str(wait)} if code in (429, 503) else None)
