"""A referral that leaves later: dated, dated anew, called off."""

from __future__ import annotations

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from cert_portal.cases.later import LaterRefused
from cert_portal.coordination import later
from cert_portal.coordination.service import ReferralRefused
from cert_portal.core.db import session
from cert_portal.directory.permissions import Permission
from cert_portal.web.staff import letter_words, say
from cert_portal.web.staff.desk import Answer, desk, me
from cert_portal.web.staff.filling import moment_of
from cert_portal.web.staff.referral_forms import WhenForm
from cert_portal.web.staff.referrals import done, find, refused


@desk.post("/referrals/<number>/later", Permission.REFER)
def plan_referral(number: str) -> Answer:
    """Let it leave at a later time, or at another than before."""
    form = WhenForm(request.form)
    try:
        row = later.plan(find(number), moment_of(form), me())
    except (LaterRefused, ReferralRefused) as error:
        return refused(number, error, planning=form)
    told = {"at": say.moment(row.leaves_at)}
    return done(
        number, ngettext("The letter will leave at %(at)s.", "%(num)s letters will leave at %(at)s.", 1, **told)
    )


@desk.post("/referrals/<number>/later/cancel", Permission.REFER)
def cancel_referral(number: str) -> Answer:
    """Let it not leave by itself; the draft stays."""
    try:
        later.cancel(find(number), me())
    except LaterRefused as error:  # it left, or somebody called it off, between our two looks
        session.rollback()
        flash(str(letter_words.REFUSED[error.reason]), "note")
        return done(number, "")
    return done(number, _("The letter will not leave by itself."))
