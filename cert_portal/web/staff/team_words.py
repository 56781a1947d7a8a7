"""Words of the team: notices, roster, handovers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.cases.notices import Kind

Words = Mapping[Any, Any]

NOTICES: Words = {
    Kind.GIVEN: _l("You were given a case"),
    Kind.ANSWERED: _l("Somebody has answered on your case"),
    Kind.OVERDUE: _l("Your case is overdue"),
    Kind.MENTIONED: _l("You were mentioned on a case"),
    Kind.UNOWNED: _l("A major case has no owner"),
    Kind.HANDOVER: _l("A handover waits for you"),
    Kind.LETTER: _l("A letter did not leave or did not arrive"),
}
LEFT_BEHIND: Words = {
    "major": _l("Open major cases"),
    "overdue": _l("Overdue"),
    "waiting": _l("Waiting until today"),
}
REFUSED: Words = {
    "bad_days": _l("An absence lasts a year at most."),
    "no_length": _l("The shift ends when it begins. Give another end; an earlier one is on the next day."),
    "over": _l("This shift is over already. Choose today or a later day."),
    "overlaps": _l("This person has a shift in that time already. Remove it first, or choose other times."),
    "days_over": _l("These days are over already. Choose today or a later day as the last one."),
    "is_away": _l("This absence is noted already."),
    "order": _l("The last day is before the first."),
    "not_yours": _l("Only the duty supervisor sets the days of others."),
    "not_for_you": _l("This handover is for somebody else, or you wrote it yourself."),
    "many_called": _l("%(name)s: several people are called that. Write the part of the e-mail address before the @."),
    "nobody_called": _l("%(name)s: no colleague is called that."),
    "mention_not_named": _l(
        "%(name)s may not see this restricted case and cannot be mentioned here. "
        "Name the person under “Who can see this” first."
    ),
}
LETTERS: Words = {"notice": _l("Notice to a person of the desk")}
