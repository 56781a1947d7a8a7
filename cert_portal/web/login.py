"""Who is signed in. The cookie holds the account and its session epoch: raising the epoch signs out everywhere."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_login import LoginManager

from cert_portal.directory import accounts

manager = LoginManager()
manager.login_view = "staff.sign_in"
manager.login_message = _("Sign in to see this page.")
manager.session_protection = None
manager.user_loader(accounts.of_session)


def start(app: Flask) -> None:
    """Hook sign-in to the application."""
    manager.init_app(app)
