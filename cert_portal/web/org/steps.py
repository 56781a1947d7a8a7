"""The way through the form of an organisation as one table: the pages, in order."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from cert_portal.web.forms import agency as forms
from cert_portal.web.forms.report import KindQuestions, NothingAsked
from cert_portal.web.forms.way import Step, way

STEPS = way(
    Step("danger", _("Is anybody in danger?"), forms.Danger),
    Step("when", _("When"), forms.When),
    Step("what", _("What happened"), forms.What),
    Step("system", _("Which system"), forms.System),
    Step("effect", _("Effect and level"), forms.Effect),
    Step("support", _("Inform or ask for help"), forms.Support),
    Step("details", _("What to do now"), KindQuestions),
    Step("loss", _("Loss assessment"), forms.Loss),
    Step("evidence", _("Evidence"), NothingAsked),
    Step("contact", _("Whom we call back"), forms.Contact),
)
ASKS = {
    "description": "what",
    "system": "system",
    "discovered_at": "when",
    "leaked": "effect",
    "tampered": "effect",
    "halted": "effect",
    "support": "support",
    "email": "contact",
}
"""Which page asks for an answer that the form cannot do without."""
