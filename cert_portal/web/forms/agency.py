"""The form of member organisations (annexes 2 and 3 of 004), one form a page; common questions are the public ones."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, ValidationError

from cert_portal.cases.agency import LOSSES
from cert_portal.cases.agency_after import RELEASE_FACTS
from cert_portal.guidance.systems import OTHER
from cert_portal.web import codes
from cert_portal.web.forms import agency_words, report, words
from cert_portal.web.forms.fields import (
    Amount,
    Choice,
    Line,
    MomentField,
    Text,
    a_telephone,
    an_email,
    offered,
)
from cert_portal.web.forms.report import StepForm

A_YEAR_IN_HOURS = 8760


def asked(message: Any) -> Any:
    """A validator: an answer must be there."""

    def check(form: Form, field: Field) -> None:
        if not field.data:
            raise ValidationError(message)

    return check


class Danger(StepForm):
    """Before any other question: is anybody in danger (004-16)?"""

    danger = Choice({"yes": words.YES_NO["yes"], "no": words.YES_NO["no"]})


class What(report.What):
    """What happened, in own words; the kind alone is not enough for an agency."""

    def validate_description(self, field: Text) -> None:
        """Words must be there."""
        if not field.data:
            raise ValidationError(_("Write a few words about what happened"))


class System(StepForm):
    """Which system, and where the trouble came from (004-02, 004-18)."""

    system = Choice({}, validators=[asked(_l("Choose the system"))])
    system_other = Line()
    origin = Choice(agency_words.ORIGINS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.system.choices = offered(agency_words.systems())

    def validate_system_other(self, field: Line) -> None:
        """Another system needs words."""
        if self.system.data == OTHER and not field.data:
            raise ValidationError(_("Say which other system"))


class When(report.When):
    """When it happened and when it was noticed: the clock runs from that (004-07)."""

    def validate_discovered(self, field: MomentField) -> None:
        """Day and time must be there, and nobody notices what has not happened yet."""
        super().validate_discovered(field)
        if field.data.at is None:
            raise ValidationError(_("Say when you noticed it: the clock runs from then"))
        if not field.data.timed:
            field.wrong_part = "time"
            raise ValidationError(_("Write the time as well: the clock runs from then"))


class Effect(StepForm):
    """What leaked, what was changed, what stopped and for how long: the level follows from it (004-03 to 004-06)."""

    leaked = Choice(codes.LEAKS, validators=[asked(_l("Say what leaked, or choose “Nothing”"))])
    tampered = Choice(codes.TAMPERINGS, validators=[asked(_l("Say what was changed, or choose “Nothing”"))])
    halted = Choice(codes.HALTS, validators=[asked(_l("Say what was disturbed or stopped, or choose “Nothing”"))])
    tolerable = Amount(A_YEAR_IN_HOURS, whole=False)
    expected = Amount(A_YEAR_IN_HOURS, whole=False)
    scope = Text()

    def answers(self) -> dict[str, Any]:
        given = {name: getattr(self, name).data or "" for name in ("leaked", "tampered", "halted")}
        properties = zip(given.values(), ("confidentiality", "integrity", "availability"), strict=True)
        return {
            **given,
            "affects": [each for answer, each in properties if answer not in ("", "none")],
            "tolerable_hours": self.tolerable.number,
            "expected_hours": self.expected.number,
            "scope": self.scope.data,
        }


class Support(StepForm):
    """To inform or to ask for help (004-10), and what was done so far."""

    support = Choice(agency_words.SUPPORT, validators=[asked(_l("Say whether you only inform or ask for help"))])
    support_what = Text()
    action_containment = Text()

    def validate_support_what(self, field: Text) -> None:
        """Who asks for help says for which."""
        if self.support.data == "help" and not field.data:
            raise ValidationError(_("Say what help you need"))


class Loss(StepForm):
    """The six headings of the loss assessment, where there is damage (004-17)."""

    damage = Choice(words.YES_NO)

    def answers(self) -> dict[str, Any]:
        given = super().answers()
        losses = {name: given[name] if self.damage.data == "yes" else "" for name in given if name != "damage"}
        return {"damage": self.damage.data or "", **losses, "business_effect": losses["loss_operations"]}


for _each in LOSSES:
    setattr(Loss, f"loss_{_each}", Text())


class Contact(StepForm):
    """Whom the centre calls back, and when."""

    name = Line()
    email = Line(an_email)
    telephone = Line(a_telephone)
    contact_time = Choice(words.CONTACT_TIMES)

    def validate_email(self, field: Line) -> None:
        """One way of contact."""
        if not field.data and not self.telephone.data:
            raise ValidationError(_("Enter an e-mail address or a telephone number"))


class Late(Form):
    """Why it is late."""

    late_reason = Text(limit=2000)


class Reason(Form):
    """A reason for giving something back."""

    reason = Text(limit=2000)


class Update(Effect):
    """More about a report that was sent: words, the effect as it is now, the losses as they are now."""

    text = Text()
    learnt = MomentField(_l("When you learnt this"))
    late_reason = Text(limit=2000)

    def facts(self) -> dict[str, Any]:
        """The answers of a valid form, by the names of the facts of an agency."""
        given = self.answers()
        losses = {f"loss_{each}": self[f"loss_{each}"].data for each in LOSSES}
        return {**{name: given[name] for name in given if name != "affects"}, **losses}


for _each in LOSSES:
    setattr(Update, f"loss_{_each}", Text())


class Release(Form):
    """The release form (004-15)."""

    def told(self) -> dict[str, str]:
        """What was written, by name."""
        return {name: self[name].data for name in RELEASE_FACTS}


for _each in RELEASE_FACTS:
    setattr(Release, _each, Line() if _each in ("restored_at", "contact") else Text())
