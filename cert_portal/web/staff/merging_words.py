"""Words for merging, linking and splitting cases, by code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.cases.merging import MOST

Words = Mapping[Any, Any]

LEFT_OUT: Words = {
    "unknown": _l("There is no such case"),
    "itself": _l("It is this very case, or part of it already"),
    "closed": _l("Closed: open it again first"),
    "drill": _l("One is an exercise and the other is not"),
    "too_many": _l("One merge takes at most %(most)s cases: merge it afterwards", most=MOST),
    "other_people": _l("Not the same people may see both: restrict both to the same people, or neither"),
}
REFUSED: Words = {
    "none_chosen": _l("Choose at least one case"),
    "nothing_to_merge": _l("None of these cases can be merged into this one: the list says why."),
    "other_now": _l("Somebody changed these cases since you looked. Nothing was merged: look at it again."),
    "itself": _l("A case cannot be linked with itself."),
    "not_merged": _l("Somebody has taken the case out in the meantime."),
    "target_merged": _l("The case that took it in was merged itself. Take that one out first."),
    "no_report": _l("Choose at least one report"),
    "nothing_left": _l("Something must stay in this case: leave at least one report."),
    "no_case": _l("There is no such case"),
}
EVENTS: Words = {
    "case.merged": _l("Merged into another case"),
    "case.took_in": _l("Took in another case"),
    "case.unmerged": _l("Taken out of the case that it was merged into"),
    "case.gave_back": _l("Gave back a case that it had taken in"),
    "case.split": _l("Reports split off"),
    "case.linked": _l("Linked with another case"),
    "case.unlinked": _l("Link taken away"),
}


def _case(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    return str(data["case"])


TELLERS: Mapping[str, Any] = dict.fromkeys(EVENTS, _case)
