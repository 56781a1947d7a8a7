"""Where the header of the staff pages leads: areas, and below them the pages of the area that the reader is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from cert_portal.directory.permissions import Permission


@dataclass(frozen=True)
class Page:
    """An entry: the first address that it leads to, who may go there, and the addresses where the reader is in it."""

    endpoint: str
    permission: Permission
    label: Any
    below: tuple[str, ...]
    bare: str = ""
    current: bool = False

    @property
    def address(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint)

    def here(self, path: str) -> Page:
        """The same entry, knowing whether the reader stands in it."""
        return replace(self, current=path == self.bare or path.startswith(self.below))


@dataclass(frozen=True)
class Area:
    """Pages that belong together; those the reader may open."""

    label: Any
    pages: tuple[Page, ...]

    @property
    def current(self) -> bool:
        """Whether the reader is in one of its pages."""
        return any(page.current for page in self.pages)


AREAS: tuple[tuple[Any, tuple[Page, ...]], ...] = (
    (
        _l("Desk"),
        (
            Page(
                "staff.queue",
                Permission.READ_REPORTS,
                _l("Desk"),
                ("/staff/queue", "/staff/reports", "/staff/cases", "/staff/search"),
                "/staff/",
            ),
            Page("staff.take_report", Permission.ANSWER, _l("Take a call"), ("/staff/reports/new",)),
            Page("staff.list_calls", Permission.ANSWER, _l("Calls"), ("/staff/calls",)),
            Page("staff.team", Permission.READ_CASES, _l("Team"), ("/staff/team",)),
            Page("staff.team_workload", Permission.READ_CASES, _l("Workload"), ("/staff/team/workload",)),
            Page("staff.handovers", Permission.READ_CASES, _l("Handovers"), ("/staff/team/handovers",)),
            Page("staff.list_exercises", Permission.READ_CASES, _l("Exercises"), ("/staff/exercises",)),
        ),
    ),
    (
        _l("Coordination"),
        (
            Page("staff.referrals", Permission.READ_CASES, _l("Referrals"), ("/staff/referrals",)),
            Page("staff.findings", Permission.READ_CASES, _l("Findings"), ("/staff/findings",)),
            Page("staff.ignored_values", Permission.READ_CASES, _l("Ignored values"), ("/staff/values",)),
            Page("staff.directory", Permission.READ_DIRECTORY, _l("Directory"), ("/staff/directory",)),
        ),
    ),
    (
        _l("Publishing"),
        (
            Page("staff.advisories", Permission.READ_ADVISORIES, _l("Advisories"), ("/staff/advisories",)),
            Page("staff.watch", Permission.WRITE_ADVISORIES, _l("Watch"), ("/staff/watch",)),
            Page("staff.subscribers", Permission.READ_SUBSCRIPTIONS, _l("Subscribers"), ("/staff/subscribers",)),
        ),
    ),
    (
        _l("Figures"),
        (
            Page("staff.figures", Permission.READ_FIGURES, _l("Figures"), ("/staff/figures",)),
            Page("staff.annual_reports", Permission.READ_FIGURES, _l("Annual reports"), ("/staff/figures/annual",)),
        ),
    ),
    (
        _l("Administration"),
        (
            Page("staff.letters", Permission.READ_LETTERS, _l("Letters"), ("/staff/letters",)),
            Page("staff.texts", Permission.READ_LETTERS, _l("Text messages"), ("/staff/texts",)),
            Page("staff.mail", Permission.READ_SETTINGS, _l("Incoming mail"), ("/staff/mail",)),
            Page("staff.people", Permission.READ_SETTINGS, _l("People"), ("/staff/people",)),
            Page("staff.list_tokens", Permission.READ_SETTINGS, _l("Tokens"), ("/staff/people/tokens",)),
            Page("staff.administration", Permission.READ_SETTINGS, _l("Settings"), ("/staff/settings",)),
            Page("staff.holidays", Permission.READ_SETTINGS, _l("Holidays"), ("/staff/settings/holidays",)),
            Page("staff.clocks", Permission.READ_SETTINGS, _l("Clocks"), ("/staff/settings/clocks",)),
        ),
    ),
)


def areas(may: Callable[[str], bool], path: str) -> list[Area]:
    """The areas of the person signed in. An area of one page bears the name of that page."""
    found = []
    for label, pages in AREAS:
        allowed = tuple(page.here(path) for page in pages if may(page.permission))
        if allowed:
            found.append(Area(label if len(allowed) > 1 else allowed[0].label, _nearest(allowed)))
    return found


def _nearest(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """Only the last of the current pages stays current: the others lie above it."""
    last = max((number for number, page in enumerate(pages) if page.current), default=-1)
    return tuple(replace(page, current=number == last) for number, page in enumerate(pages))
