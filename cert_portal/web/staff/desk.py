"""The guard of the staff face: a view is registered with the permission that it asks for, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from cert_portal.cases import notices
from cert_portal.core import clock
from cert_portal.directory.models import User
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.intake import exercises
from cert_portal.web.login import SessionEnded
from cert_portal.web.staff import list_words, navigation, paper, say, say_query, words

Answer = str | Response | tuple[str, int]
View = Callable[..., Answer]

INVALID = 422
PREVIEWS = frozenset({"staff.preview_bulk", "staff.preview_reports", "staff.do_reports"})
LOOKING = frozenset({"look", "fill", "change"})
"""Forms that may be sent again where the answer was a page: by the name of the view, and by what the button said."""

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


class Desk:
    """Registers views with their permission, which a test can read from the view."""

    def get(self, rule: str, permission: Permission) -> Callable[[View], View]:
        """A page."""
        return self._register(rule, "GET", permission)

    def post(self, rule: str, permission: Permission) -> Callable[[View], View]:
        """An act."""
        return self._register(rule, "POST", permission)

    def _register(self, rule: str, method: str, permission: Permission) -> Callable[[View], View]:
        def register(view: View) -> View:
            guarded = _guarded(view, permission)
            blueprint.add_url_rule(rule, view.__name__, guarded, methods=[method])
            return guarded

        return register


desk = Desk()


def me() -> User:
    """The person signed in; inside a guarded view there is always one."""
    return cast(User, current_user)


def moment_told(field: str) -> datetime | None:
    """The moment that a form sent along; None without one."""
    try:
        moment = datetime.fromisoformat(request.form.get(field, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def may(permission: str) -> bool:
    """Whether the person signed in may do this."""
    return current_user.is_authenticated and Permission(permission) in permissions_of(me().roles)


def show(template: str, status: int = 200, /, *, wrong: Sequence[tuple[Any, str]] = (), **facts: Any) -> Answer:
    """A page; `wrong` holds sentences for the error summary, each with the place that it points to."""
    of = (facts.get(name) for name in ("case", "report", "about", "into"))
    exercise = any(getattr(each, "drill", False) is True for each in of)
    printing = {"paper_label": lambda: paper.label_of(facts.values(), me()), "printed_at": clock.now()}
    looks = request.endpoint in PREVIEWS or request.form.get("do") in LOOKING
    printing["only_looked"] = request.method == "POST" and status == 200 and looks
    page = render_template(f"staff/{template}.html", wrong=list(wrong), is_exercise=exercise, **printing, **facts)
    return (page, status) if status != 200 else page


def local_path(path: str, otherwise: str) -> str:
    """A path behind this sign-in that a form or address asked for; anything else leads to `otherwise`."""
    return path if path.startswith(("/staff/", "/org/")) and "\\" not in path and path.isprintable() else otherwise


def here() -> str:
    """The address of this page; of one that answered a form, that of the page which the form belongs to."""
    path = request.path
    while request.method == "POST" and path != "/staff/" and not _is_page(path):
        path = path.rpartition("/")[0] if path.count("/") > 2 else "/staff/"
    return path


def _here_in_full() -> str:
    """The same with what was asked there; of a form that a list sent, with the query of that list."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    told = request.form.get("q")
    return f"{here()}?{urlencode({'q': told})}" if told else here()


def _is_page(path: str) -> bool:
    """Whether this is the address of a page about what the form is about, or about nothing by itself."""
    try:
        _endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return values.items() <= (request.view_args or {}).items()


FIRST_PAGES: tuple[tuple[Permission | None, str], ...] = (
    (Permission.READ_REPORTS, "staff.queue"),
    (Permission.READ_ADVISORIES, "staff.advisories"),
    (Permission.READ_FIGURES, "staff.figures"),
    (Permission.READ_SETTINGS, "staff.people"),
    (Permission.REPORT_FOR_ORGANISATION, "org.home"),
    (None, "staff.account"),
)


def first_page(user: User) -> str:
    """Where a person begins: the first page that they may open."""
    allowed = permissions_of(user.roles)
    return url_for(next(page for permission, page in FIRST_PAGES if permission in allowed or permission is None))


@blueprint.context_processor
def frame() -> dict[str, Any]:
    """What every staff page needs: who is there, what they may do, and words."""
    home = first_page(me()) if current_user.is_authenticated else url_for("staff.sign_in")
    return {
        "me": current_user,
        "may": may,
        "words": words,
        "list_words": list_words,
        "say": say,
        "say_query": say_query,
        "here": here(),
        "here_in_full": _here_in_full(),
        "home": home,
        "exercise_runs": exercises.running,
        "unread_notices": lambda: notices.unread(me()),
        "areas": lambda: navigation.areas(may, request.path),
    }


def _guarded(view: View, permission: Permission) -> View:
    @wraps(view)
    def guarded(**values: Any) -> Answer:
        if not current_user.is_authenticated and "HX-Request" in request.headers:
            return "", 401
        if not current_user.is_authenticated and request.method == "POST":
            raise SessionEnded
        if not current_user.is_authenticated:
            return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
        if permission not in permissions_of(me().roles):
            abort(403)
        if me().totp_secret is None and permission is not Permission.ACCOUNT:
            return redirect(url_for("staff.account"))
        return view(**values)

    guarded.permission = permission  # type: ignore[attr-defined]
    return guarded
