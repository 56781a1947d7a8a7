"""Form fields with errors that say what to do; none of them asks the browser to validate."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, Form, RadioField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from cert_portal import config
from cert_portal.core import clock
from cert_portal.core.text import is_blank, without_turns
from cert_portal.web.forms.moments import Moment, MomentError, read_moment
from cert_portal.web.forms.words import Words

SHORT, LONG = 200, 20_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_TELEPHONE = re.compile(r"(?=(?:\D*\d){6,20}\D*$)[\d\s()+./#*-]+(?:ext\.?\s*\d+|x\d+)?", re.IGNORECASE)


def strip(value: str | None) -> str:
    """What was typed, without the blanks around it; nothing where it holds only what cannot be seen."""
    return "" if is_blank(value or "") else (value or "").strip()


def storable(form: Form, field: Field) -> None:
    """Refuse characters that no text has and no database keeps."""
    if any(character < " " and character not in "\t\r\n" for character in field.data):
        raise StopValidation(_("This contains a character that cannot be read: delete it and type the text again"))


def at_most(limit: int) -> Any:
    """A validator: no more than `limit` characters; says how many there are."""

    def check(form: Form, field: Field) -> None:
        if len(field.data) > limit:
            raise ValidationError(too_long(field.data, limit))

    return check


def too_long(told: str, limit: int) -> str:
    """What to do about a text of more characters than that."""
    return _("Use %(limit)s characters or fewer; there are %(count)s now", limit=limit, count=len(told))


def an_email(form: Form, field: Field) -> None:
    """Looks like an e-mail address; whether it works shows when we write."""
    if field.data and not _EMAIL.fullmatch(field.data):
        raise ValidationError(_("Enter an e-mail address like name@example.com"))


def a_telephone(form: Form, field: Field) -> None:
    """Looks like a telephone number of any country."""
    if field.data and not _TELEPHONE.fullmatch(field.data):
        raise ValidationError(_("Enter a telephone number like 2345 6789 or +852 2345 6789"))


def line(value: str | None) -> str:
    """The same of one line, without signs that turn the direction of what follows."""
    return strip(without_turns(value or ""))


class Line(StringField):
    """One line of text; may be empty."""

    def __init__(self, *validators: Any, limit: int = SHORT, **kwargs: Any) -> None:
        super().__init__(filters=[line], validators=[storable, at_most(limit), *validators], **kwargs)


class Text(TextAreaField):
    """Several lines of text; may be empty."""

    def __init__(self, limit: int = LONG, **kwargs: Any) -> None:
        super().__init__(filters=[strip], validators=[storable, at_most(limit)], **kwargs)


def offered(words: Mapping[str, Any]) -> list[SelectChoice]:
    """Codes and their words as WTForms wants them."""
    return [SelectChoice(value=code, label=label) for code, label in words.items()]


class Choice(RadioField):
    """One answer or none."""

    def __init__(self, words: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(choices=offered(words), **kwargs)

    def pre_validate(self, form: Form) -> None:
        if self.data and self.data not in {each.value for each in self.choices}:
            raise ValidationError(_("Choose one of the answers in the list"))


class Choices(SelectMultipleField):
    """Any number of answers."""

    def __init__(self, words: Words, **kwargs: Any) -> None:
        super().__init__(choices=offered(words), **kwargs)

    def pre_validate(self, form: Form) -> None:
        if set(self.data or ()) - {each.value for each in self.choices}:
            raise ValidationError(_("Choose from the answers in the list"))


class Amount(Line):
    """A number from `least` to `most`, or nothing; `number` is what was read."""

    def __init__(self, most: float, whole: bool, least: int = 0, **kwargs: Any) -> None:
        super().__init__(limit=40, **kwargs)
        self.least, self.most, self.whole = least, most, whole
        self.number: float | None = None

    def post_validate(self, form: Form, validation_stopped: bool) -> None:
        if not self.data or self.errors:
            return
        try:
            self.number = float(self.data.replace(",", "").replace("，", ""))
        except ValueError:
            self.number = math.nan
        whole = not self.whole or self.number.is_integer()
        if not (self.least <= self.number <= self.most and whole):
            self.number = None
            most = f"{self.most:,.0f}"
            raise ValidationError(
                _("Enter a number between %(least)s and %(most)s, for example 25", least=self.least, most=most)
            )


MOMENT_PARTS = ("day", "month", "year", "time", "precision")


class MomentField(Field):
    """Day, month, year, time and how sure (boxes `<name>-day` and so on); `data` is a Moment once it is valid."""

    parts: dict[str, str]
    wrong_part = "day"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.parts = {name: (formdata or {}).get(f"{self.name}-{name}", "") for name in MOMENT_PARTS}
        self.data = Moment()

    def pre_validate(self, form: Form) -> None:
        try:
            self.data = read_moment(self.parts, config.current().zone, clock.now())
        except MomentError as error:
            self.wrong_part = error.part
            named = _("%(question)s: %(problem)s", question=self.label.text, problem=str(error))
            raise StopValidation(named) from error


def boxes(field: Field) -> list[str]:
    """The names under which a browser sends the field."""
    return [f"{field.name}-{part}" for part in MOMENT_PARTS] if isinstance(field, MomentField) else [field.name]


def typed_values(form_data: Any) -> dict[str, list[str]]:
    """What was typed, ready to be kept: without the token and the buttons, without NUL, which PostgreSQL refuses."""
    return {
        key: [value.replace("\0", "") for value in values]
        for key, values in form_data.lists()
        if key not in ("csrf_token", "then")
    }
