"""Forms of the team pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import DataRequired

from cert_portal.cases.roster import MOST_DAYS
from cert_portal.web.forms.days import Day, TimeOfDay
from cert_portal.web.forms.fields import Amount, Line, Text
from cert_portal.web.staff.forms import asked


class ShiftForm(Form):
    """Who is on duty when, and on how many days."""

    person = Line(asked(_l("Choose a person")), limit=20)
    day = Day(validators=[DataRequired(_l("Choose a day"))])
    begins = TimeOfDay(validators=[DataRequired(_l("Enter a time like 09:00"))])
    ends = TimeOfDay(validators=[DataRequired(_l("Enter a time like 09:00"))])
    days = Amount(MOST_DAYS, whole=True, least=1)


class AbsenceForm(Form):
    """Who is away from when to when."""

    away_person = Line(limit=20)
    first = Day(validators=[DataRequired(_l("Choose a day"))])
    last = Day(validators=[DataRequired(_l("Choose a day"))])


class HandoverForm(Form):
    """What the next shift should know, and who that is."""

    words = Text()
    to = Line(limit=20)
