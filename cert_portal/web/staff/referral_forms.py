"""Forms of referrals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectMultipleField
from wtforms.validators import Optional

from cert_portal.coordination.models import Referral
from cert_portal.coordination.refer import Content
from cert_portal.core.tlp import TLP
from cert_portal.directory.parties import Contact
from cert_portal.web.forms.days import Day, LocalMoment
from cert_portal.web.forms.fields import Line, Text, offered
from cert_portal.web.forms.words import LANGUAGES
from cert_portal.web.staff import referral_words as words
from cert_portal.web.staff.forms import Area, Pick


class ReferForm(Form):
    """A party, and the values that concern it."""

    organisation = Line(limit=20)
    values = SelectMultipleField(validate_choice=False)


class ReferralForm(Form):
    """What the letter says, and to whom. `values` are positions in what the case names."""

    contact = Pick({})
    purpose = Pick(words.PURPOSES)
    language = Pick(LANGUAGES)
    tlp = Pick({label.value: label.value for label in TLP})
    deadline = Day(validators=[Optional()])
    values = SelectMultipleField(validate_choice=False)
    note = Text(limit=5000)

    def __init__(self, people: Sequence[Contact], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact.choices = offered({"": "", **{str(each.id): _spelled(each) for each in people}})

    @classmethod
    def of(cls, referral: Referral, people: Sequence[Contact], values: list[str]) -> ReferralForm:
        """The form as it stands."""
        told = {name: getattr(referral, name) for name in ("purpose", "language", "tlp", "note")}
        contact = str(referral.contact_id or "")
        return cls(people, contact=contact, deadline=referral.deadline_on, values=values, **told)

    def told(self, offered_values: Sequence[tuple[str, str]]) -> Content:
        """What a valid form says; positions that nobody offered are left out."""
        chosen = [int(each) for each in self.values.data or [] if each.isascii() and each.isdigit() and len(each) < 5]
        return Content(
            contact_id=int(self.contact.data) if self.contact.data else None,
            purpose=self.purpose.data,
            language=self.language.data,
            tlp=self.tlp.data,
            note=self.note.data,
            deadline_on=self.deadline.data,
            observables=[list(offered_values[each]) for each in chosen if each < len(offered_values)],
        )


class ConsentForm(Form):
    """Who agreed, and when (Hong Kong time; empty for now)."""

    who = Line(limit=200)
    when = LocalMoment()


class WhenForm(Form):
    """When a letter leaves: a time that people mean, or one of their own (Hong Kong time)."""

    when = Line(limit=20)
    leaves_at = Line(limit=20)


class SaidForm(Form):
    """What the party said on the telephone."""

    verb = Pick(words.VERBS)
    said = Area(_l("Enter what was said"))


def _spelled(contact: Contact) -> str:
    return " · ".join(each for each in (contact.name, contact.email or contact.telephone) if each)
