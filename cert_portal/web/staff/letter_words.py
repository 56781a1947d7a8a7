"""What codes of letters are called: why one is refused, what happens to a template or to a letter for later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

Words = Mapping[Any, Any]

REFUSED: Words = {
    "other_tlp": _l(
        "The subject says %(told)s, and the letter would bear another label: change that of the case, or take it out."
    ),
    "blanks": _l("The letter still has blanks: %(told)s. Fill them in or delete them."),
    "drill": _l("An exercise and a real incident do not go together."),
    "red": _l(
        "TLP:RED never leaves by mail: the case, the report or another case that holds it bears that label. Tell the "
        "reporter in person or by telephone, or choose another label there."
    ),
    "exercise": _l("This is an exercise: the address of the reporter is not registered for exercises. Nothing left."),
    "unknown_tlp": _l("Choose a label from the list"),
    "restricted_tlp": _l("A restricted case travels no further than TLP:AMBER: choose that, or a narrower label."),
    "wider_why": _l("Say why the case may travel further than before."),
    "no_time": _l("Choose when the letter leaves"),
    "two_times": _l("Choose a time from the list or type one, not both"),
    "odd_time": _l("Enter a day and a time like 2026-05-04 09:00, of a year between 1990 and 2200"),
    "past": _l("The time must lie in the future"),
    "too_far": _l("The time must lie within a year"),
    "has_left": _l("The letter has left in the meantime"),
    "gone": _l("The letter left or was cancelled meanwhile. What you typed stands in the form for a new letter."),
    "changed": _l("Somebody changed the letter while you were writing. Nothing was saved yet."),
}
EVENTS: Words = {
    "case.drill_set": _l("Said whether it is an exercise"),
    "report.drill_set": _l("Said whether it is an exercise"),
    "case.tlp_set": _l("Label of the case changed"),
    "case.letter_planned": _l("Letter dated for later"),
    "case.letter_replanned": _l("Letter for later changed"),
    "case.letter_cancelled": _l("Letter for later cancelled"),
    "case.letter_stopped": _l("Letter for later did not leave"),
    "report.letter_planned": _l("Letter dated for later"),
    "report.letter_replanned": _l("Letter for later changed"),
    "report.letter_cancelled": _l("Letter for later cancelled"),
    "report.letter_stopped": _l("Letter for later did not leave"),
}
UNREACHED: Words = {
    "no_address": _l("no letter: there is no e-mail address"),
    "red": _l("no letter: TLP:RED never leaves by mail"),
    "exercise": _l("no letter: the address is not registered for exercises"),
}
"""Why a reporter gets no letter."""
TEMPLATE_REFUSED: Words = {
    "bad_code": _l("The short name has 2 to 24 small letters, digits and low lines, and begins with a letter"),
    "code_taken": _l("There is a template with this short name already"),
    "missing": _l("This must be filled in, in both languages"),
    "too_long": _l("This is too long"),
    "unknown_fact": _l(
        "These are no facts that the portal can fill in: %(told)s. Use [[double brackets]] for a blank."
    ),
    "open_blank": _l("A blank is not closed or not opened: %(told)s. It stands between [[ and ]]."),
    "label": _l("The subject names %(told)s: leave it out, each letter bears the label of its case."),
    "newer": _l("Somebody has changed this template in the meantime: it is at version %(told)s now. Look at it first."),
    "bad_file": _l("This is no file of letter templates. Nothing was changed."),
}
EXERCISE_IS: Words = {True: _l("It is an exercise"), False: _l("It is no exercise after all")}
EXERCISE_REFUSED: Words = {
    "name_missing": _l("Give the exercise a name"),
    "runs": _l("An exercise runs already: end it first"),
    "unregistered": _l("This address is not registered for exercises"),
    "bad_address": _l("Enter an address like name@example.com, or @example.com, or a number like +852 9123 4567"),
    "address_taken": _l("This address is registered already"),
    "note_too_long": _l("The note has at most 200 characters"),
    "other_cases": _l("A report of this case belongs to another case, too: take it out there first."),
    "reason_missing": _l("Say why it is an exercise: it leaves all figures"),
    "in_case": _l("The report belongs to a case: mark the case."),
}
EXERCISE_COUNTS: Words = {
    "reports": _l("Reports"),
    "answered": _l("Answered"),
    "opened": _l("Cases"),
    "solved": _l("Resolved"),
    "closed": _l("Closed"),
    "letters": _l("Letters"),
    "referrals": _l("Referrals"),
}
CAME_BACK: Words = {
    "hard": _l("Came back for good"),
    "soft": _l("Came back for now"),
    "delivered": _l("Arrived"),
    "delayed": _l("Delayed; their system still tries"),
}
LATER: Words = {
    "next_morning": _l("Next working morning"),
    "this_afternoon": _l("This afternoon"),
    "in_a_week": _l("In a week"),
}
STOPPED: Words = {
    "author": _l("who wrote it may not write letters any longer"),
    "access": _l("who wrote it may not see the case or report any longer"),
    "merged": _l("the case went into another one"),
    "closed": _l("the case was closed in the meantime"),
    "wider": _l("the case may travel further now than when it was written"),
    "decided": _l("the report was refused or referred elsewhere in the meantime"),
    "moved": _l("the report belongs to the case no longer"),
    "red": _l("the case or the report became TLP:RED, which never leaves by mail"),
    "exercise": _l("it is an exercise, and the address is not registered for exercises"),
    "no_address": _l("the reporter has no e-mail address any longer"),
    "blanks": _l("it has blanks"),
}
FACTS: Words = {
    "number": _l("number of the case"),
    "report": _l("number of the report"),
    "reporter": _l("name of the reporter"),
    "kind": _l("kind of incident"),
    "subject": _l("subject of the report"),
    "received": _l("day of the report"),
    "status_page": _l("address of the status page"),
    "centre": _l("name of the centre"),
    "hotline": _l("telephone of the centre"),
    "address": _l("e-mail address of the centre"),
}
PREPARED_FACTS: Words = {
    "bodies": _l("bodies that may help, each with its web address; without any the paragraph falls away"),
    "reason": _l("reason of the refusal, as the list of reasons says it"),
    "body": _l("name of the body that the reporter is sent to"),
    "body_contact": _l("what that body is for, its web address and telephone numbers"),
}


def left_as_file(data: Mapping[str, Any]) -> str:
    """In which form a case left; what left before the choice was there does not tell of notes."""
    told = [data["form"].upper(), data.get("tlp", "")]
    if "notes" in data:
        told.append(_("with colleagues’ notes") if data["notes"] else _("without colleagues’ notes"))
    return " · ".join(filter(None, told))
