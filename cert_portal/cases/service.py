"""The verbs of the stage in one place. None of them commits: views, commands and jobs do."""

from cert_portal.cases.access import AccessRefused, grant, named, restrict, revoke, sole_keeper_of, unrestrict
from cert_portal.cases.handling import HandlingRefused, close, describe, give, move, note, set_level, set_phase, take
from cert_portal.cases.letters import LetterRefused, NoAddress, write_to_reporter
from cert_portal.cases.outside import take_note
from cert_portal.cases.sightings import attach_findings, open_case_of
from cert_portal.cases.triage import (
    TriageRefused,
    attach,
    log_call,
    open_case,
    refer_elsewhere,
    refuse,
    return_to_queue,
)
from cert_portal.cases.workflow import MoveRefused

__all__ = [
    "AccessRefused",
    "HandlingRefused",
    "LetterRefused",
    "MoveRefused",
    "NoAddress",
    "TriageRefused",
    "attach",
    "attach_findings",
    "close",
    "describe",
    "give",
    "grant",
    "log_call",
    "move",
    "named",
    "note",
    "open_case",
    "open_case_of",
    "refer_elsewhere",
    "refuse",
    "restrict",
    "return_to_queue",
    "revoke",
    "set_level",
    "set_phase",
    "sole_keeper_of",
    "take",
    "take_note",
    "unrestrict",
    "write_to_reporter",
]
