"""How far a case may travel: the label of the case, and of every letter about it."""

from __future__ import annotations

from flask import request

from cert_portal.cases import labels
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import lines
from cert_portal.web.staff.case import attempt, hold, lines_of, page
from cert_portal.web.staff.desk import INVALID, Answer, desk, me
from cert_portal.web.staff.forms import ReasonForm


@desk.post("/cases/<number>/tlp", Permission.HANDLE)
def label_case(number: str) -> Answer:
    """Say how far the case may travel."""
    found = hold(number)
    label, why = request.form.get("tlp", ""), ReasonForm(request.form).why.data
    if newer := lines.since(lines_of(found), request.form.get("seen"), labels.TLP_SET.name):
        return page(found, INVALID, meanwhile={"label": newer})
    return attempt(number, lambda: labels.set_label(found, label, why, me()))
