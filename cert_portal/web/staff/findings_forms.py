"""Forms by which an analyst decides about findings of machines."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, SelectMultipleField

from cert_portal.core.text import whole
from cert_portal.monitoring.findings import REASONS, Wanted
from cert_portal.monitoring.models import FindingState
from cert_portal.web.forms.fields import Line, offered
from cert_portal.web.staff import words
from cert_portal.web.staff.forms import Pick, asked, kinds


def number(told: Any) -> int:
    """A key that stands in an address or a form; 0 for anything else."""
    return whole(str(told or ""))


class Chosen(Form):
    """The findings that were ticked, in which list, and whether all of that list are meant."""

    finding = SelectMultipleField(validate_choice=False)
    feed = HiddenField(default="")
    organisation = HiddenField(default="")
    whole = BooleanField()

    @property
    def ids(self) -> list[int]:
        """What was ticked."""
        return [number(each) for each in self.finding.data or []]

    @property
    def listed(self) -> Wanted:
        """The list that they were ticked in: what is open of a feed or an organisation."""
        return Wanted(FindingState.OPEN, (self.feed.data or "")[:60], number(self.organisation.data))


class OpenForm(Chosen):
    """A case from findings."""

    title = Line(asked(_l("Enter a title")))
    kind = Pick({}, asked(_l("Choose a kind of incident")))
    restricted = BooleanField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered(kinds())


class AttachForm(Chosen):
    """A case that is there: one of those proposed, or a number."""

    proposed = HiddenField(default="")
    case = Line(limit=40)

    @property
    def told(self) -> str:
        """The number that was typed, else the one that was proposed."""
        return self.case.data or self.proposed.data or ""


class SetAsideForm(Chosen):
    """Why nothing is done."""

    reason = Pick({code: words.SET_ASIDE[code] for code in REASONS}, asked(_l("Choose a reason")))
