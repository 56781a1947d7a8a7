"""Number or secret lost: a letter to the address of the report, or a call back."""

from __future__ import annotations

from flask import g, render_template, request
from werkzeug.wrappers import Response

from cert_portal.core.db import session
from cert_portal.intake import lost as letters
from cert_portal.web.forms.status import Lost
from cert_portal.web.limits import asking_for_mail
from cert_portal.web.public.blueprint import public
from cert_portal.web.public.report import INVALID


@public.get("/status/lost")
def lost() -> str:
    """Ask for the address."""
    return _page(Lost(), asked=False)


@public.post("/status/lost")
@asking_for_mail
def send_lost() -> Response | str | tuple[str, int]:
    """The same answer, in the same time, whether we know the address or not."""
    form = Lost(request.form)
    if not form.validate():
        return _page(form, asked=False), INVALID
    letters.ask(form.email.data, g.language)
    session.commit()
    return _page(form, asked=True)


def _page(form: Lost, *, asked: bool) -> str:
    return render_template("public/status_lost.html", form=form, asked=asked)
