"""Finding a report and adding to it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import Form, ValidationError

from cert_portal.web.forms.fields import Line, Text, an_email


class FindReport(Form):
    """The pair that opens a report's status."""

    number = Line(limit=40)
    secret = Line(limit=100)

    def validate_number(self, field: Line) -> None:
        """Asked for."""
        if not field.data:
            raise ValidationError(_("Enter the number of your report"))

    def validate_secret(self, field: Line) -> None:
        """Asked for."""
        if not field.data:
            raise ValidationError(_("Enter the secret code of your report"))


class Lost(Form):
    """Where the number and the secret are to be sent."""

    email = Line(an_email, limit=320)

    def validate_email(self, field: Line) -> None:
        """Asked for."""
        if not field.data:
            raise ValidationError(_("Enter the e-mail address that you gave in the report"))


class AddToReport(Form):
    """More words, or files, or both."""

    text = Text()

    def __init__(self, *args: Any, has_files: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_files = has_files

    def validate_text(self, field: Text) -> None:
        """Something must be there to add."""
        if not field.data and not self.has_files:
            raise ValidationError(_("Write what you want to add, or choose a file"))
