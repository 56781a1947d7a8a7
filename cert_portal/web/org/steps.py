"""The way through the form of an organisation as one table: the pages, in order."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cert_portal.web.forms import agency as forms
from cert_portal.web.forms.report import KindQuestions, NothingAsked, StepForm


@dataclass(frozen=True)
class Step:
    """One page."""

    slug: str
    title: LazyString
    form: type[StepForm]

    @property
    def key(self) -> str:
        """Under which the draft keeps what was typed here, valid or not."""
        return f"{self.slug}_form"

    @property
    def place(self) -> int:
        """1 for the first page."""
        return STEPS.index(self) + 1

    @property
    def before(self) -> Step | None:
        """Where the back link leads."""
        return STEPS[self.place - 2] if self.place > 1 else None

    @property
    def after(self) -> Step | None:
        """Where Continue leads; None from the last question."""
        return STEPS[self.place] if self.place < len(STEPS) else None


STEPS = (
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


def find(slug: str) -> Step | None:
    """The page of that address."""
    return next((step for step in STEPS if step.slug == slug), None)
