"""Who may do what, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """Something that a view asks for."""

    ACCOUNT = "account"  # see and change one's own account
    READ_REPORTS = "read_reports"  # reports, with what reporters say about themselves
    READ_CASES = "read_cases"  # cases, their timelines and letters
    ANSWER = "answer"  # write to a reporter, log a telephone call
    TRIAGE = "triage"  # open a case, attach, refuse, refer elsewhere
    HANDLE = "handle"  # take a case, move it, set its level, write notes
    RESTRICT = "restrict"  # say who may see a case
    MANAGE_TEAM = "manage_team"  # the duty roster, absences of others
    READ_LETTERS = "read_letters"  # the list of letters out
    READ_SETTINGS = "read_settings"  # accounts, holidays, clock rules
    MANAGE_USERS = "manage_users"
    MANAGE_SETTINGS = "manage_settings"
    READ_DIRECTORY = "read_directory"  # organisations, contacts, keys, networks
    MANAGE_DIRECTORY = "manage_directory"
    REFER = "refer"  # pass a case on to another party
    READ_ADVISORIES = "read_advisories"  # drafts and what became of them
    WRITE_ADVISORIES = "write_advisories"  # draft, change, submit, withdraw; watch sources
    APPROVE_ADVISORIES = "approve_advisories"  # the second reader
    READ_SUBSCRIPTIONS = "read_subscriptions"  # how many subscribers, what was sent; never an address
    READ_FIGURES = "read_figures"  # dashboard, drill-down without personal data, draft of the annual report
    WRITE_ANNUAL_REPORT = "write_annual_report"  # its words; freezing and publishing it
    REPORT_FOR_ORGANISATION = "report_for_organisation"  # the face /org/: reports of the own organisation, nothing else


class Role(StrEnum):
    """What a person is at the centre; one person may be several."""

    OPERATOR = "operator"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    APPROVER = "approver"
    LIAISON = "liaison"
    AUDITOR = "auditor"
    ADMIN = "admin"
    MEMBER = "member"


_P = Permission
_HANDLES = {
    *(_P.ACCOUNT, _P.READ_REPORTS, _P.READ_CASES, _P.ANSWER, _P.TRIAGE, _P.HANDLE, _P.RESTRICT),
    *(_P.READ_DIRECTORY, _P.REFER, _P.READ_FIGURES),
}
_PUBLISHES = {_P.ACCOUNT, _P.READ_ADVISORIES, _P.READ_SUBSCRIPTIONS, _P.READ_DIRECTORY}

MAY: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset({_P.ACCOUNT, _P.READ_REPORTS, _P.READ_CASES, _P.ANSWER}),
    Role.ANALYST: frozenset(_HANDLES),
    Role.SUPERVISOR: frozenset(
        _HANDLES
        | {_P.READ_LETTERS, _P.READ_SETTINGS, _P.MANAGE_DIRECTORY, _P.MANAGE_TEAM}
        | {_P.READ_ADVISORIES, _P.READ_SUBSCRIPTIONS, _P.WRITE_ANNUAL_REPORT}
    ),
    Role.EDITOR: frozenset(_PUBLISHES | {_P.WRITE_ADVISORIES}),
    Role.APPROVER: frozenset(_PUBLISHES | {_P.APPROVE_ADVISORIES}),
    Role.LIAISON: frozenset({_P.ACCOUNT, _P.READ_FIGURES}),
    Role.AUDITOR: frozenset({_P.ACCOUNT, _P.READ_SETTINGS, _P.READ_FIGURES}),
    Role.ADMIN: frozenset(
        {_P.ACCOUNT, _P.READ_LETTERS, _P.READ_SETTINGS, _P.MANAGE_USERS, _P.MANAGE_SETTINGS}
        | {_P.READ_DIRECTORY, _P.MANAGE_DIRECTORY, _P.READ_SUBSCRIPTIONS}
    ),
    Role.MEMBER: frozenset({_P.ACCOUNT, _P.REPORT_FOR_ORGANISATION}),
}

NEVER_PERSONAL = frozenset({_P.READ_REPORTS, _P.READ_CASES, _P.ANSWER, _P.READ_LETTERS})
"""Permissions that show what reporters say about themselves: the liaison officer and the auditor have none of them."""


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """All that these roles allow together."""
    return frozenset().union(*(MAY[Role(role)] for role in roles))


def table() -> str:
    """The table of roles of the manual, in Markdown."""
    rows = ["| Role | May |", "|---|---|"]
    rows += [f"| `{role}` | {', '.join(sorted(allowed)) or '–'} |" for role, allowed in MAY.items()]
    return "\n".join(rows)
