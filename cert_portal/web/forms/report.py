"""The questions of a report (fields 000-49 to 000-59), one form per page; each says what it answers."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, ValidationError

from cert_portal.guidance import kinds, questions
from cert_portal.web.forms import words
from cert_portal.web.forms.fields import (
    Amount,
    Choice,
    Choices,
    Line,
    MomentField,
    Text,
    a_telephone,
    an_email,
    boxes,
    offered,
)

DEFAULTS: dict[str, Any] = {"reporter_kind": "not_sure", "kind": "not_sure"}

INDICATORS = _l("Logs and indicators")

MOST_ANSWERS = 50
"""No question offers as many; whoever sends more is no person."""


class StepForm(Form):
    """One page. `answers` gives fields of `intake.Submission` by name; times as ISO text."""

    def answers(self) -> dict[str, Any]:
        """The answers of a valid form."""
        return {field.name: field.data or DEFAULTS.get(field.name, field.data or "") for field in self}

    def kept(self, typed: dict[str, list[str]]) -> dict[str, list[str]]:
        """What of the typed values stays with the draft: only what was asked here."""
        asked = {box for field in self for box in boxes(field)}
        return {key: values[:MOST_ANSWERS] for key, values in typed.items() if key in asked}


class NothingAsked(StepForm):
    """A page that only informs."""


class Who(StepForm):
    """Whose report it is."""

    reporter_kind = Choice(words.REPORTER_KINDS)
    for_whom = Line()
    for_whom_relation = Line()
    for_whom_contact = Choice(words.YES_NO)


class What(StepForm):
    """What happened, in own words and by kind (000-49, 000-50)."""

    description = Text()
    kind = Choice({})
    kind_other = Line()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered({each.code: each.name(g.language) for each in kinds.offered()})

    def validate_description(self, field: Text) -> None:
        """Words or a kind: one of the two is enough; "not sure" alone says nothing yet."""
        if not field.data and self.kind.data in (None, "", "not_sure"):
            raise ValidationError(_("Write a few words about what happened, or choose what comes closest"))


class KindQuestions(StepForm):
    """What is asked of one kind of incident (000-50); a page shows those of its kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in questions.load():
            if each.choices:
                self[each.code].choices = offered({code: said[g.language] for code, said in each.choices.items()})

    def answers(self) -> dict[str, Any]:
        return {"answers": {field.name: field.data for field in self if field.data}}


for _each in questions.load():
    setattr(KindQuestions, _each.code, Choice({}) if _each.choices else Line())


class Indicators(StepForm):
    """Logs and indicators as pasted."""

    indicators = Text(limit=200_000)


class JustSo(Form):
    """One box, and an address for who wants a receipt."""

    description = Text()
    email = Line(an_email)

    def validate_description(self, field: Text) -> None:
        """Something must be told."""
        if not field.data:
            raise ValidationError(_("Write a few words about what we should know"))


class When(StepForm):
    """When it happened and when it was noticed (000-55), and how."""

    occurred = MomentField(_l("When it happened"))
    discovered = MomentField(_l("When you noticed it"))
    still_going = Choice(words.YES_NO)
    found_how = Text()

    def validate_discovered(self, field: MomentField) -> None:
        """Nobody notices what has not happened yet."""
        if field.data.is_before(self.occurred.data):
            raise ValidationError(_("The time you noticed it cannot be before the time it happened"))

    def answers(self) -> dict[str, Any]:
        out: dict[str, Any] = {"still_going": self.still_going.data or "", "found_how": self.found_how.data}
        for field in (self.occurred, self.discovered):
            out[f"{field.name}_at"] = field.data.at.isoformat() if field.data.at else None
            out[f"{field.name}_precision"] = field.data.precision
        return out


class Affected(StepForm):
    """Systems, harm and how long it can be borne (000-51 to 000-54, 000-58)."""

    hardware = Choices(words.HARDWARE)
    hardware_other = Line()
    software = Choices(words.SOFTWARE)
    software_other = Line()
    affects = Choices(words.AFFECTS)
    business_effect = Text()
    people_affected = Amount(most=2_000_000_000, whole=True)
    severity_told = Choice(words.SEVERITY)
    tolerable = Amount(most=10_000, whole=False)
    tolerable_unit = Choice(words.UNITS)

    def answers(self) -> dict[str, Any]:
        people, bearable = self.people_affected.number, self.tolerable.number
        hours = 24 if self.tolerable_unit.data == "days" else 1
        return {
            "hardware": _with_own(self.hardware.data, self.hardware_other.data),
            "software": _with_own(self.software.data, self.software_other.data),
            "affects": self.affects.data or [],
            "business_effect": self.business_effect.data,
            "people_affected": None if people is None else int(people),
            "severity_told": int(self.severity_told.data) if self.severity_told.data else None,
            "tolerable_hours": None if bearable is None else bearable * hours,
        }


class PersonalData(StepForm):
    """Whether facts about people are involved (000-57)."""

    personal_data = Choice(words.YES_NO)
    personal_data_what = Text()
    pcpd_told = Choice(words.YES_NO)

    def answers(self) -> dict[str, Any]:
        yes = self.personal_data.data == "yes"
        return {
            "personal_data": self.personal_data.data or "",
            "personal_data_what": self.personal_data_what.data if yes else "",
            "pcpd_told": (self.pcpd_told.data or "") if yes else "",
        }


class Actions(StepForm):
    """What was found and done, by phase of the life cycle (000-56, 000-59), and who else knows."""

    action_detection = Text()
    action_containment = Text()
    action_preparation = Text()
    action_post = Text()
    others_told = Text()
    found_why = Text()
    weaknesses = Text()


class Contact(StepForm):
    """How to reach the reporter safely, and what may be passed on to whom; each consent stands alone."""

    reach = Choice(words.REACH)
    name = Line()
    organisation = Line()
    email = Line(an_email)
    telephone = Line(a_telephone)
    language = Choice(words.LANGUAGES)
    contact_time = Choice(words.CONTACT_TIMES)
    consents = Choices(words.CONSENTS)

    @property
    def anonymous(self) -> bool:
        """Asked to stay anonymous."""
        return bool(self.reach.data == "anonymous")

    def validate(self, extra_validators: Any = None) -> bool:
        """One way of contact, or the wish for none. Contact details beside that wish are not looked at."""
        if self.anonymous:
            stays = {"reach": "anonymous", "consents": self.consents.data, "language": self.language.data}
            self.process(formdata=None, data=stays)
        return bool(super().validate(extra_validators))

    def validate_reach(self, field: Choice) -> None:
        """An e-mail address or a telephone number alone is enough."""
        if not (self.anonymous or self.email.data or self.telephone.data):
            raise ValidationError(_("Enter an e-mail address or a telephone number, or choose to stay anonymous"))

    def answers(self) -> dict[str, Any]:
        out = {name: getattr(self, name).data or "" for name in ("name", "organisation", "email", "telephone")}
        out |= {"anonymous": self.anonymous, "consents": self.consents.data or []}
        return out | {"language": self.language.data or g.language.value, "contact_time": self.contact_time.data or ""}

    def kept(self, typed: dict[str, list[str]]) -> dict[str, list[str]]:
        """Who wants to stay anonymous leaves no name behind, not even in the draft."""
        harmless = ("reach", "consents", "language")
        kept = super().kept(typed)
        return {key: kept[key] for key in harmless if key in kept} if self.anonymous else kept


def _with_own(chosen: list[str] | None, own: str) -> list[str]:
    return [*(chosen or []), *([own] if own else [])]
