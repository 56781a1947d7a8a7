"""Just letting you know: one box, and a number at the end."""

from __future__ import annotations

import hashlib
import secrets

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.intake import repeats, status
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from cert_portal.web.forms.report import JustSo
from cert_portal.web.limits import reporting
from cert_portal.web.public import nuisance
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID


@public.get("/report/fyi")
def fyi() -> str:
    """One box."""
    return _page(JustSo())


@public.post("/report/fyi")
@reporting
def send_fyi() -> Response | tuple[str, int]:
    """Take it; a second press finds it sent."""
    form = JustSo(request.form)
    if not form.validate():
        return _page(form), INVALID
    email = form.email.data
    told = Submission(g.language, description=form.description.data, email=email, anonymous=not email)
    mark = request.form.get("once", "")[:64] or secrets.token_hex(16)
    trouble = nuisance.signs(mark)
    try:
        number = _once(told, mark, trouble)
    except repeats.OtherBody:  # the same page, changed and sent again, is another report
        number = receive(told, Channel.WEB, trouble=trouble).number
    session.commit()
    return redirect(url_for("public.status_of", number=number, secret=status.secret_of(number), taken=1))


def _once(told: Submission, mark: str, trouble: list[str]) -> str:
    body = hashlib.sha256(f"{told.description}\0{told.email}".encode()).hexdigest()
    before = repeats.before("fyi", mark, body)
    if before:
        return before[0]
    number = receive(told, Channel.WEB, trouble=trouble).number
    repeats.done("fyi", mark, [number])
    return number


def _page(form: JustSo) -> str:
    once = request.form.get("once", "")[:64] or secrets.token_hex(16)
    return render_template("public/report/fyi.html", form=form, once=once, work=nuisance.work_for(once))
