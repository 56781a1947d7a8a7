"""A reporter lost number or secret: called back on the number of the report, they get both again."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.spoken import read_out
from cert_portal.directory.permissions import Permission
from cert_portal.guidance.script import script
from cert_portal.intake.status import read_secret
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.report import find, show_report


@desk.post("/reports/<number>/secret", Permission.ANSWER)
def tell_secret(number: str) -> Answer:
    """The secret, shown once to be read out; who asked for it stands in the record."""
    found = find(number)
    if not found.reporter_telephone:
        return show_report(found, INVALID, wrong=[(_("The report holds no telephone number to call back"), "#answer")])
    if request.form.get("called_back") != "y":
        return show_report(
            found, INVALID, unproven=True, wrong=[(_("Call back and ask the question first"), "#called_back")]
        )
    secret = read_secret(found, me())
    session.commit()
    spoken = {each: read_out(found.number, each) for each in Language}
    told = Language(found.language)
    return show(
        "secret_read", report=found, secret=secret, script=script(), told=told, languages=Language, spoken=spoken
    )
