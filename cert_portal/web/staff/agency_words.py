"""What the desk calls what member organisations do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.web.forms import agency_told
from cert_portal.web.forms.agency_words import NOTICES, SUPPORT

Words = Mapping[str, Any]

EVENTS: Words = {
    "agency.handed_in": _l("A unit handed something to its coordinator"),
    "agency.returned": _l("The coordinator returned it to the unit"),
    "agency.sent": _l("Sent by a member organisation"),
    "agency.copied": _l("Copy to the supervising unit"),
    "agency.updated": _l("Update of a member organisation"),
    "agency.release_asked": _l("Release asked for"),
    "agency.released": _l("Release confirmed"),
    "agency.release_returned": _l("Release not confirmed yet"),
}
LETTERS: Words = {
    "agency_waiting": _l("To the coordinator: something waits"),
    "agency_returned": _l("To the unit: it came back"),
    "agency_copy": _l("Copy to the supervising unit"),
}
REFUSED: Words = {
    "wrong_state": _l("This was done in the meantime. Look at where it stands now."),
    "reason_missing": _l("Give a reason."),
    "solution_missing": _l("Say what the solution was."),
}


def _sent(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    told = [agency_told.level(data["level"]), str(SUPPORT[data["support"]]), str(NOTICES[data["notice"]])]
    if data["minutes"] is not None:
        told.append(agency_told.after_notice(data["minutes"]))
    return " · ".join(told)


def _updated(data: Mapping[str, Any], _names: Mapping[str, str]) -> str:
    if data["before"] == data["level"]:
        return ""
    return f"{agency_told.level(data['before'])} → {agency_told.level(data['level'])}"


TELLERS: Mapping[str, Any] = {"agency.sent": _sent, "agency.updated": _updated}
