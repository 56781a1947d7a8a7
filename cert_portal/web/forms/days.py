"""Days and moments in one box, as staff types them; years in which nobody alive means anything are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, DateTimeLocalField, Form, TimeField
from wtforms.validators import Optional, StopValidation

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.text import narrow


class BadMoment(ValueError):
    """What was typed is no day and time, or in no year that can be meant; the message says what to do."""


def out_of_range() -> str:
    """What to do about such a year."""
    return _("Enter a day between the years %(first)s and %(last)s", first=clock.FIRST_YEAR, last=clock.LAST_YEAR)


def unreadable() -> str:
    """What to do about what is no moment."""
    return _("Enter the day and the time like 2026-05-04 09:00")


def left_out() -> str:
    """What to do about a time that the clocks jump over."""
    return _("There is no such time on that day: the clocks are put forward. Enter a time before or after that")


def read_local(told: str) -> datetime | None:
    """`2026-05-04T09:00` or with a blank, in the portal's time zone; None for nothing. Raises BadMoment."""
    plain = narrow(told)
    if not plain:
        return None
    try:
        at = datetime.fromisoformat(plain)
    except ValueError as error:
        raise BadMoment(unreadable()) from error
    if not clock.is_plausible(at):
        raise BadMoment(out_of_range())
    local = at.replace(tzinfo=current().zone)
    if not clock.exists(local):
        raise BadMoment(left_out())
    return local.astimezone(UTC)


class Day(DateField):
    """A day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([narrow(each) for each in valuelist])
        except ValueError as error:
            raise ValueError(_("Enter the day like 2026-05-04")) from error

    def pre_validate(self, form: Form) -> None:
        _check(self.data)


class TimeOfDay(TimeField):
    """Hours and minutes."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([narrow(each) for each in valuelist])


class LocalMoment(DateTimeLocalField):
    """Day and time here, to the minute; may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validators=[Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([narrow(each) for each in valuelist])
        except ValueError as error:
            raise ValueError(unreadable()) from error

    def pre_validate(self, form: Form) -> None:
        _check(self.data)
        if self.data is not None and not clock.exists(self.data.replace(tzinfo=current().zone)):
            raise StopValidation(left_out())

    @property
    def typed(self) -> str:
        """What stands in the box."""
        return str(self._value())

    @property
    def at(self) -> datetime | None:
        """The time as an aware one, of a valid form."""
        told: datetime | None = self.data
        return told.replace(tzinfo=current().zone).astimezone(UTC) if told else None


def _check(told: date | None) -> None:
    if told is not None and not clock.is_plausible(told):
        raise StopValidation(out_of_range())
