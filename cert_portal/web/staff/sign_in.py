"""Signing in and out: the only staff pages without a permission."""

from __future__ import annotations

from flask import current_app, make_response, redirect, request, url_for
from flask import session as cookie
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.directory import accounts
from cert_portal.directory import sign_in as doors
from cert_portal.directory.models import User
from cert_portal.web import frame, held
from cert_portal.web.limits import signing_in, source
from cert_portal.web.staff.desk import INVALID, Answer, blueprint, first_page, local_path, me, show
from cert_portal.web.staff.forms import SignInForm

WRONG = {
    doors.Refusal.WRONG: _l("Address, pass-phrase and code do not belong together. Check all three."),
    doors.Refusal.USED: _l("A code is good once. Wait until the next one is shown, half a minute at most."),
    doors.Refusal.TOO_MANY: _l("There were too many tries from here. Wait 15 minutes, then try again."),
}


OF_ANOTHER = _l("This page keeps what somebody else sent. Only that person can go on here; sign in on a new page.")


@blueprint.get("/sign-in")
def sign_in() -> Answer:
    """Ask who it is."""
    return show("sign_in", form=SignInForm(next=request.args.get("next", "")))


@blueprint.post("/sign-in")
@signing_in
def do_sign_in() -> Answer:
    """Pass-phrase and code in one step; every wrong answer looks the same."""
    form = SignInForm(request.form)
    if not form.validate():
        return show("sign_in", INVALID, form=form)
    told = request.cookies.get(_device_cookie(), "")
    done = doors.sign_in(form.email.data, form.passphrase.data, form.code.data, source(), told)
    kept = held.read(form.held.data)
    if kept and not isinstance(done, doors.Refusal) and not kept.is_for(done.user):
        session.rollback()
        return show("sign_in", INVALID, form=form, wrong=[(OF_ANOTHER, "#email")])
    session.commit()
    if isinstance(done, doors.Refusal):
        place = "#code" if done is doors.Refusal.USED else "#email"
        return show("sign_in", INVALID, form=form, wrong=[(WRONG[done], place)])
    return _enter(done, form.next.data, kept)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this session."""
    logout_user()
    cookie.clear()
    return redirect(url_for("staff.sign_in"))


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """End every session of the person."""
    if current_user.is_authenticated:
        accounts.sign_out_everywhere(me(), me().actor)
        session.commit()
    return sign_out()


def _enter(done: doors.SignedIn, wanted: str, kept: held.Held | None) -> Response:
    cookie.clear()
    cookie.permanent = True
    cookie["csrf_token"] = held.mark(done.user)
    login_user(done.user)
    response: Response = make_response(held.given_back(kept)) if kept else redirect(_after(wanted, done.user))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        _device_cookie(), done.device_token, max_age=frame.A_YEAR, secure=secure, httponly=True, samesite="Lax"
    )
    return frame.remember(done.user.language, response)


def _after(wanted: str, user: User) -> str:
    """Where the person wanted to go; the bare address of the face means their own first page."""
    first = first_page(user)
    return first if wanted in (url_for("staff.queue"), url_for("org.home")) else local_path(wanted, first)


def _device_cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"
