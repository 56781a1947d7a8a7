"""Is this mail or text from us? Pasted or uploaded, checked against the publication key, never stored."""

from __future__ import annotations

from flask import render_template, request
from wtforms import Form

from cert_portal.config import current
from cert_portal.core.db import session
from cert_portal.publishing import verify as checking
from cert_portal.web.forms.fields import Text
from cert_portal.web.limits import guessing
from cert_portal.web.public.blueprint import public


class VerifyForm(Form):
    """The text in question."""

    text = Text(limit=checking.MOST)


@public.get("/verify")
def verify() -> str:
    """How to check, and a box to paste into."""
    return _page(VerifyForm())


@public.post("/verify")
@guessing
def check_message() -> tuple[str, int]:
    """Say whether the centre signed it."""
    form = VerifyForm(request.form)
    uploaded = request.files.get("file")
    given = uploaded.read(checking.MOST + 1) if uploaded and uploaded.filename else b""
    given = given or (form.text.data or "").encode()
    session.rollback()
    if not given:
        return _page(form, nothing=True), 422
    return _page(form, found=checking.check(given), asked=True), 200


def _page(form: VerifyForm, **facts: object) -> str:
    return render_template("public/verify.html", form=form, fingerprint=spelled(current().publication_key), **facts)


def spelled(fingerprint: str) -> str:
    """A fingerprint in groups of four, as people compare it."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))
