"""Forms beside the original of a report."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form

from cert_portal.core.tlp import TLP
from cert_portal.intake.editing import LONGEST
from cert_portal.web.forms.fields import Line, a_telephone, an_email, offered
from cert_portal.web.forms.words import LANGUAGES
from cert_portal.web.staff.forms import Pick, asked, kinds
from cert_portal.web.staff.taking_words import ORIGINS


class EditForm(Form):
    """The fields of a report that a person may set right."""

    title = Line(limit=LONGEST["title"])
    kind = Pick({}, asked(_l("Choose a kind of incident")))
    origin = Pick(ORIGINS)
    language = Pick(LANGUAGES)
    name = Line(limit=LONGEST["name"])
    organisation = Line(limit=LONGEST["organisation"])
    email = Line(an_email, limit=LONGEST["email"])
    telephone = Line(a_telephone, limit=LONGEST["telephone"])
    concerned = Line(limit=LONGEST["concerned"])
    restriction = Pick({"": _l("(none)"), **{each.value: each.value for each in TLP}})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = offered(kinds())
