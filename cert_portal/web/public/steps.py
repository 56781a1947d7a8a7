"""The way through the report as one table: the pages, in order."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from cert_portal.web.forms import report as forms
from cert_portal.web.forms.way import Step, way

STEPS = way(
    Step("emergency", _("Is anything urgent?"), forms.NothingAsked),
    Step("who", _("Who is affected"), forms.Who),
    Step("what", _("What happened"), forms.What, reserves=True),
    Step("advice", _("What to do now"), forms.KindQuestions),
    Step("when", _("When"), forms.When),
    Step("affected", _("What is affected"), forms.Affected),
    Step("personal-data", _("Personal data"), forms.PersonalData),
    Step("evidence", _("Evidence"), forms.NothingAsked),
    Step("actions", _("What you have done"), forms.Actions),
    Step("contact", _("How to reach you"), forms.Contact),
)
