"""What every page shares: language, request id, transaction mode, security headers, addresses of assets."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, has_request_context, request, url_for
from flask_babel import Babel, get_locale
from flask_login import current_user
from markupsafe import Markup
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from cert_portal.config import Settings
from cert_portal.core import db
from cert_portal.core.i18n import Language
from cert_portal.core.text import shortened

SCRIPT_HASH = "'sha256-GUQ5ad8JK5KmEWmROf3LZd9ge94daqNvd8xy9YS1iDw='"
"""Of the one inline script of the page template; a hash, because a nonce clashes with pages made beforehand."""

POLICY = (
    f"default-src 'none'; script-src 'self' {SCRIPT_HASH}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


LANGUAGE_COOKIE = "language"
A_YEAR = 365 * 24 * 3600


class RowNumber(IntegerConverter):
    """A number in an address that a database can hold; with a longer one there is no such page."""

    regex = r"\d{1,18}"


def start(app: Flask, settings: Settings) -> None:
    """Hook the frame to the application."""
    app.url_map.converters["int"] = RowNumber
    Babel(
        app,
        locale_selector=lambda: language().locale,
        timezone_selector=lambda: settings.timezone,
        default_translation_directories=str(Path(__file__).parent / "translations"),
    )
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(lambda _error: db.start_writing())
    app.jinja_env.globals.update(settings=settings, asset=asset, Language=Language)
    app.jinja_env.filters["bracketed"] = bracketed
    app.jinja_env.filters["shortened"] = shortened
    app.context_processor(_words)


def language() -> Language:
    """The language of this request: of its address, of the person signed in (now, or last in this browser), or what the
    browser asks for.
    """
    if not has_request_context():
        return Language.EN
    if "language" not in g:
        g.language = _preferred()
    told: Language = g.language
    return told


def _preferred() -> Language:
    first = request.path.split("/")[1] if request.path.count("/") else ""
    if first in tuple(Language):
        return Language(first)
    chosen = getattr(current_user, "language", None) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in tuple(Language):
        return Language(chosen)
    best = request.accept_languages.best_match(["en", "zh-HK", "zh-TW", "zh-Hant", "zh", "yue"])
    return Language.EN if best in (None, "en") else Language.ZH_HANT


def remember(language: str, response: AnyResponse) -> AnyResponse:
    """Let the browser keep the language of the person signed in, so that signing in again comes in it."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def asset(name: str) -> str:
    """The address of a static file, changing with its content so that browsers may keep it for ever."""
    return url_for("static", filename=name, v=_version(Path(current_app.static_folder or "") / name))


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "0"


def bracketed(told: object) -> Markup:
    """Words in brackets, to stand behind others: full-width and without a blank where the page is Chinese."""
    is_chinese = str(get_locale()) == Language.ZH_HANT.locale
    return Markup("（{}）").format(told) if is_chinese else Markup(" ({})").format(told)


def gap() -> str:
    """What stands between two sentences: nothing where the page is Chinese."""
    return "" if language() is Language.ZH_HANT else " "


def _words() -> dict[str, Any]:
    now = language()
    colon = "：" if now is Language.ZH_HANT else ": "
    return {"language": now, "locale": get_locale(), "colon": colon, "gap": gap()}


def _begin() -> None:
    if request.method in ("GET", "HEAD"):
        db.start_reading()
    else:
        db.start_writing()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
