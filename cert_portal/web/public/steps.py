"""The way through the report as one table: the pages, in order."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from cert_portal.web.forms import report as forms


@dataclass(frozen=True)
class Step:
    """One page. `reserves`: once it is answered the report has a number."""

    slug: str
    title: LazyString
    form: type[forms.StepForm]
    reserves: bool = False

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


def find(slug: str) -> Step | None:
    """The page of that address."""
    return next((step for step in STEPS if step.slug == slug), None)
