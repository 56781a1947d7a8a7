"""One click off the list (RFC 8058): GET shows a button, POST removes, without cookie, token or redirect."""

from __future__ import annotations

from flask import g, render_template, request

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.subscriptions import service
from cert_portal.subscriptions.models import SubscriberState
from cert_portal.web.limits import limiter
from cert_portal.web.machine.blueprint import machine


@machine.get("/unsubscribe/<token>")
@limiter.exempt
def ask_unsubscribe(token: str) -> tuple[str, int]:
    """A button; mail programs and scanners that open the link change nothing."""
    found = service.of_token(token)
    if found is None:
        return render_template("public/subscribe/dead.html"), 404
    g.language = Language(found.language)
    done = found.state == SubscriberState.ENDED
    return render_template("public/subscribe/left.html", token=token, done=done), 200


@machine.post("/unsubscribe/<token>")
@limiter.exempt
def unsubscribe(token: str) -> tuple[str, int]:
    """Off the list and the address deleted; a second time changes nothing."""
    found = service.of_token(token)
    if found is None:
        return render_template("public/subscribe/dead.html"), 404
    g.language = Language(found.language)
    service.end(found, "one_click" if request.form.get("List-Unsubscribe") else "page")
    session.commit()
    return render_template("public/subscribe/left.html", token=token, done=True), 200
