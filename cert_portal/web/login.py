"""Who is signed in. The cookie holds the account and its session epoch: raising the epoch signs out everywhere."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import lazy_gettext as _
from flask_login import LoginManager

from cert_portal.directory import accounts


class SessionEnded(Exception):
    """Somebody who is not signed in, any longer, sent a form: what was sent is held behind the sign-in."""


class Cookies(SecureCookieSessionInterface):
    """What a page asks for by itself (drafts kept, rows refreshed) neither prolongs the session nor writes the cookie
    anew: its answer may come after that of a button, and would undo what that one told the browser.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether the answer carries the cookie."""
        by_itself = request.headers.get("X-Requested-By") == "page" or "HX-Request" in request.headers
        return session.modified or (not by_itself and super().should_set_cookie(app, session))


manager = LoginManager()
manager.login_view = "staff.sign_in"
manager.login_message = _("Sign in to see this page.")
manager.session_protection = None
manager.user_loader(accounts.of_session)


def start(app: Flask) -> None:
    """Hook sign-in to the application."""
    app.session_interface = Cookies()
    manager.init_app(app)
