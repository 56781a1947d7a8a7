"""The one place where everything meets."""

from __future__ import annotations

import gc
from datetime import timedelta
from pathlib import Path

from flask import Flask, redirect, url_for
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from cert_portal import config
from cert_portal.config import Settings
from cert_portal.core import logs, queue
from cert_portal.core.db import db, prepare
from cert_portal.web import errors, frame, limits, login
from cert_portal.web.machine import machine, reports, sms, unsubscribe
from cert_portal.web.org import org
from cert_portal.web.partner import partner
from cert_portal.web.public import public
from cert_portal.web.staff import blueprint as staff

csrf = CSRFProtect()
migrate = Migrate()


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application of one deployment. Raises SettingsError with the name of a wrong setting."""
    settings = settings or config.load()
    config.use(settings)
    logs.start()
    app = Flask(
        "cert_portal", root_path=str(Path(__file__).parent), static_folder="web/static", static_url_path="/static"
    )
    _configure(app, settings)
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("cert_portal", "web/templates"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parents[1] / "migrations"))
    csrf.init_app(app)
    csrf.exempt(unsubscribe.unsubscribe)  # RFC 8058: the mail program has no token of ours
    csrf.exempt(reports.api_report)  # a program has no token of ours and no cookie that counts
    csrf.exempt(sms.take_text)  # the gateway signs what it sends
    limits.start(app, settings)
    login.start(app)
    frame.start(app, settings)
    errors.start(app)
    queue.listen()
    with app.app_context():
        prepare(db.engine)
    for face in (public, partner, org, staff, machine):
        app.register_blueprint(face)
    app.add_url_rule("/", "root", _root)
    gc.freeze()  # the program itself never becomes garbage: to look at all of it took 0.1 s in the middle of a request
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SESSION_COOKIE_NAME="__Host-portal" if secure else "portal",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 5_000_000,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _root() -> Response:
    return redirect(url_for("public.home", lang=frame.language()))
