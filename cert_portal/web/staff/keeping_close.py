"""Before a restricted case takes in a report that others work on: the cases that lose it are named first."""

from __future__ import annotations

from flask import request

from cert_portal.cases import kept_close
from cert_portal.cases.models import Case
from cert_portal.intake.models import Report
from cert_portal.web.staff.desk import Answer, show

SURE = "sure"
"""In this field the form tells which cases its page named."""


def warned(case: Case, report: Report) -> Answer | None:
    """The page that asks; None when nobody loses anything, or the person was told of just these cases."""
    losing = kept_close.losing(case, [report])
    mark = " ".join(each.number for each in losing)
    if request.form.get(SURE, "") == mark:
        return None
    told = {name: value for name, value in request.form.items() if name not in (SURE, "csrf_token")}
    return show("keep_close", case=case, report=report, losing=losing, told={**told, SURE: mark})
