"""The guard of this face: a view is registered behind the one permission, and is given who asks and for whom.

Sign-in is that of the staff pages; an account without an authenticator or without an organisation gets no further.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cert_portal.cases import agency, agency_clock
from cert_portal.cases.models import AgencyReport
from cert_portal.directory import members
from cert_portal.directory.models import User
from cert_portal.directory.parties import Member, Organisation, Unit
from cert_portal.directory.permissions import Permission, permissions_of
from cert_portal.web import codes, frame
from cert_portal.web.forms import agency_say, agency_told, agency_words, words
from cert_portal.web.login import SessionEnded

Answer = str | Response | tuple[str, int]
INVALID = 422
ASKED = Permission.REPORT_FOR_ORGANISATION

org = Blueprint("org", __name__, url_prefix="/org")


@dataclass(frozen=True)
class Caller:
    """Who asks, and for whom this person reports."""

    user: User
    member: Member

    def find(self, row_id: int) -> AgencyReport:
        """The report of that address, if this person may see it; else the page is not found."""
        return agency.find(row_id, self.user, self.member) or abort(404)

    def changing(self, row_id: int) -> AgencyReport | None:
        """The same, if this person may still change its answers; else None."""
        row = self.find(row_id)
        return row if agency.may_change(row, self.user) else None

    @property
    def names(self) -> tuple[Organisation, Unit | None]:
        """Organisation and unit."""
        return members.named(self.member)


View = Callable[..., Answer]


def page(rule: str) -> Callable[[View], View]:
    """A page; the view is called with the caller first."""
    return _register(rule, "GET")


def act(rule: str) -> Callable[[View], View]:
    """An act."""
    return _register(rule, "POST")


def show(template: str, caller: Caller, status: int = 200, /, **facts: Any) -> Answer:
    """A page for a caller."""
    organisation, unit = caller.names
    body = render_template(f"org/{template}.html", caller=caller, organisation=organisation, unit=unit, **facts)
    return (body, status) if status != 200 else body


@org.before_request
def speak() -> None:
    """Settle the language of the person before any form is made."""
    frame.language()


@org.context_processor
def known() -> dict[str, Any]:
    """What every page needs."""
    return {
        "person": current_user,
        "words": words,
        "book": agency_words,
        "codes": codes,
        "say": agency_say,
        "told": agency_told,
        "minutes": agency_clock.allowed(),
        "here": request.full_path.rstrip("?"),
    }


def _register(rule: str, method: str) -> Callable[[View], View]:
    def register(view: View) -> View:
        guarded = _guarded(view)
        org.add_url_rule(rule, view.__name__, guarded, methods=[method])
        return guarded

    return register


def _guarded(view: View) -> View:
    @wraps(view)
    def guarded(**values: Any) -> Answer:
        if not current_user.is_authenticated and request.method == "POST":
            raise SessionEnded
        if not current_user.is_authenticated:
            return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
        user = cast(User, current_user)
        if ASKED not in permissions_of(user.roles):
            abort(403)
        if user.totp_secret is None:
            return redirect(url_for("staff.account"))
        member = members.of(user)
        if member is None:
            home = request.method == "GET" and request.endpoint == "org.home"
            return render_template("org/nowhere.html") if home else redirect(url_for("org.home"))
        return view(Caller(user, member), **values)

    guarded.permission = ASKED  # type: ignore[attr-defined]
    return guarded
