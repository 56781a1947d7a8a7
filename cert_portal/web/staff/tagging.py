"""Tags of one case."""

from __future__ import annotations

from flask import request

from cert_portal.cases import tags
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.case import attempt, done, hold
from cert_portal.web.staff.desk import Answer, desk, me


@desk.post("/cases/<number>/tag", Permission.HANDLE)
def tag_case(number: str) -> Answer:
    """Hang a tag on it."""
    return attempt(number, lambda: tags.tag(hold(number), request.form.get("tag", ""), me()))


@desk.post("/cases/<number>/untag", Permission.HANDLE)
def untag_case(number: str) -> Answer:
    """Take a tag off it."""
    tags.untag(hold(number), request.form.get("tag", ""), me())
    return done(number)
