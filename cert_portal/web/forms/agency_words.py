"""What a member organisation is asked, and what the codes of its answers are called, on its pages and at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from cert_portal.guidance.systems import load
from cert_portal.web import frame

Words = Mapping[str, Any]

ORIGINS: Words = {
    "internal": _l("From inside: sabotage or a mistake"),
    "external_virus": _l("From outside: malware"),
    "external_hacker": _l("From outside: an attack"),
    "external_intrusion": _l("From outside: somebody got in"),
    "disaster": _l("A disaster or a major accident: flood, fire, typhoon, a line that broke"),
    "none": _l("Not known yet"),
}
SUPPORT: Words = {
    "inform": _l("We only inform"),
    "help": _l("We ask for help"),
}
IMPORTANCE: Words = {
    "non_core": _l("not core"),
    "core": _l("core"),
    "cii": _l("critical information infrastructure"),
}
LOSSES: Words = {
    "operations": _l("Effect on operations"),
    "equipment": _l("Damage to equipment and systems"),
    "delay": _l("Delay of operations"),
    "data": _l("Data that were damaged"),
    "recovery": _l("Estimated time to restore systems and data"),
    "standby": _l("Standby centre: equipment and staff that can help"),
}
RELEASE: Words = {
    "restored_at": _l("Restored at"),
    "cause": _l("Cause"),
    "solution": _l("Solution"),
    "prevention": _l("Prevention"),
    "loss_final": _l("Final loss"),
    "evidence_kept": _l("Evidence kept"),
    "remaining_risk": _l("Remaining risk"),
    "contact": _l("Contact person"),
}
STATES: Words = {
    "draft": _l("Not handed in yet"),
    "with_coordinator": _l("Waits for the coordinator"),
    "returned": _l("Returned by the coordinator"),
    "sent": _l("With the centre"),
    "release_asked": _l("Release asked for"),
    "released": _l("Released"),
}
COLOURS: Mapping[str, str] = {
    "draft": "grey",
    "with_coordinator": "yellow",
    "returned": "orange",
    "sent": "blue",
    "release_asked": "purple",
    "released": "green",
}
NOTICES: Words = {
    "in_time": _l("In time"),
    "late": _l("Late"),
    "exempt": _l("No clock: level 1 or none"),
}


def systems() -> dict[str, str]:
    """The kinds of system in the reader's language."""
    return {code: names[frame.language()] for code, names in load().items()}
