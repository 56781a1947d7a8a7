"""How far a case may travel: the label of the case, and of every letter about it."""

from __future__ import annotations

from flask import request

from cert_portal.cases import labels
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff.case import attempt, hold
from cert_portal.web.staff.desk import Answer, desk, me
from cert_portal.web.staff.forms import ReasonForm


@desk.post("/cases/<number>/tlp", Permission.HANDLE)
def label_case(number: str) -> Answer:
    """Say how far the case may travel."""
    found = hold(number)
    label, why = request.form.get("tlp", ""), ReasonForm(request.form).why.data
    return attempt(number, lambda: labels.set_label(found, label, why, me()))
