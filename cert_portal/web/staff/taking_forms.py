"""The form that an operator fills in for somebody who calls, writes a letter or stands at the counter."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, ValidationError
from wtforms.validators import Optional

from cert_portal.cases.alike import Told
from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.i18n import Language
from cert_portal.guidance.script import Question, script
from cert_portal.intake.by_hand import BY_HAND
from cert_portal.intake.models import CallKind
from cert_portal.intake.submission import SPOKEN, Channel, Origin, Submission
from cert_portal.web.forms import words as public_words
from cert_portal.web.forms.days import Day
from cert_portal.web.forms.fields import Choice, Choices, Line, Text, a_telephone, an_email, offered
from cert_portal.web.staff import taking_words as words
from cert_portal.web.staff.forms import Pick, asked, kinds

DETAIL = 2000


class TakingForm(Form):
    """What was told. Only one thing must be there: something about what happened."""

    channel = Choice(words.CHANNELS, default=Channel.TELEPHONE.value)
    language = Choice(public_words.LANGUAGES, default=Language.ZH_HANT.value)
    telephone = Line(a_telephone, limit=60)
    kind = Pick({})
    description = Text()
    name = Line()
    organisation = Line()
    email = Line(an_email, limit=320)
    contact_time = Line()
    address = Text(limit=DETAIL)
    anonymous = BooleanField()
    consents = Choices(public_words.CONSENTS)
    origin = Choice(words.ORIGINS, default=Origin.LOCAL.value)
    received_on = Day(validators=[Optional()])
    handed_in = Choice(words.HANDED_IN, default="post")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if self.by in SPOKEN:
            self.channel.choices = offered(words.TELEPHONES)
            self.channel.data = self.channel.data or Channel.TELEPHONE.value
        self.kind.choices = offered({"": "", **kinds()})
        self.answers = {each.code: (data or {}).get(f"ask-{each.code}", "")[:DETAIL] for each in script().questions}

    def validate_description(self, field: Text) -> None:
        """Words or a kind."""
        if not field.data and self.kind.data in ("", "not_sure"):
            raise ValidationError(_("Write a few words about what happened, or choose what comes closest"))

    def validate_telephone(self, field: Line) -> None:
        """A caller leaves a way to be reached, or wants to stay unknown; of a letter nothing is asked."""
        silent = not (field.data or self.email.data or self.anonymous.data)
        if silent and self.by in SPOKEN:
            raise ValidationError(_("Enter a number to call back or an e-mail address, or tick “anonymous”"))

    def validate_received_on(self, field: Day) -> None:
        """Not in the future."""
        if field.data and field.data > clock.now().astimezone(current().zone).date():
            raise ValidationError(_("The day that the letter came cannot be in the future"))

    @property
    def by(self) -> Channel:
        """The channel; whatever else was asked for is the telephone."""
        return next((each for each in BY_HAND if each == self.channel.data), Channel.TELEPHONE)

    def told(self) -> Told:
        """What to compare with other reports, valid or not yet."""
        said = [self.answers[each.code] for each in script().questions if not each.choices]
        text = "\n".join([self.description.data or "", *said])
        return Told(self.telephone.data or "", self.organisation.data or "", text[: 4 * DETAIL])

    def submission(self) -> Submission:
        """What a valid form says."""
        return Submission(
            language=Language(self.language.data),
            description=self._text(),
            kind=self.kind.data or "not_sure",
            anonymous=self.anonymous.data,
            name=self.name.data,
            organisation=self.organisation.data,
            email=self.email.data,
            telephone=self.telephone.data,
            contact_time=self.contact_time.data,
            consents=self.consents.data or [],
            answers={each.code: said for each, said in self._said() if each.stored},
        )

    def of_the_caller(self) -> list[str]:
        """What a caller who joins a report told of himself: it must not fall under the table, nor change the report."""
        agreed = [str(public_words.CONSENTS[each]) for each in self.consents.data or ()]
        told = [
            (_("Organisation"), self.organisation.data),
            (_("When to call"), self.contact_time.data),
            (_("May go to"), " · ".join(agreed)),
        ]
        return [f"{label}\n– {said}" for label, said in told if said]

    def received_at(self) -> datetime | None:
        """Noon of the day on which a letter came, or now if that was today; None for a call."""
        day = self.received_on.data if self.by is Channel.LETTER else None
        if day is None:
            return None
        return min(clock.now(), datetime.combine(day, time(12), current().zone).astimezone(UTC))

    def postal(self) -> str:
        """Where an answer to a letter goes; nothing of who wants to stay unknown."""
        return self.address.data or "" if self.by is Channel.LETTER and not self.anonymous.data else ""

    def _said(self) -> list[tuple[Question, str]]:
        """The questions of this kind that were answered; what is no answer of a choice is none."""
        asked = [(each, self.answers[each.code].strip()) for each in script().of(self.kind.data)]
        return [(each, said) for each, said in asked if said and (not each.choices or said in each.choices)]

    def _text(self) -> str:
        """The words, what was asked on the telephone alone, with the questions, and how a letter came."""
        language = Language(self.language.data)
        lines = [self.description.data]
        lines += [f"{each.words[language]}\n– {said}" for each, said in self._said() if not each.stored]
        if self.by is Channel.LETTER:
            lines += [str(words.HANDED_IN[self.handed_in.data])]
            lines += [self.postal()]
        return "\n\n".join(each for each in lines if each)


class CallForm(Form):
    """A call to write down."""

    kind = Pick(words.CALLS, asked(_l("Choose what became of the call")))
    number = Line(a_telephone, limit=60)
    note = Text(limit=DETAIL)

    def what(self) -> CallKind:
        """What became of it."""
        return CallKind(self.kind.data)
