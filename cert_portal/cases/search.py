"""One box for everything: a number in any spelling leads straight there, words find reports and cases."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from cert_portal.cases.models import Case
from cert_portal.cases.visible import find_case, find_report, reports_visible_to, visible_to
from cert_portal.core import search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.core.text import refang
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

MOST = 50


@dataclass(frozen=True)
class Found:
    """What was found; `straight` is the one row that a number stands for."""

    straight: Report | Case | None = None
    reports: list[Report] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)


def find(query: str, user: User) -> Found:
    """Look for a number, else for rows that hold every word; never for what the person may not see."""
    straight = find_report(query, user) or find_case(query, user)
    if straight:
        return Found(straight)
    words = refang(query)
    return Found(None, _reports(words, user), _cases(words, user))


def _reports(words: str, user: User) -> list[Report]:
    ids = search.find(NumberKind.REPORT, words)
    rows = select(Report).where(Report.id.in_(ids), reports_visible_to(user)).order_by(Report.id.desc())
    return list(session.scalars(rows.limit(MOST)))


def _cases(words: str, user: User) -> list[Case]:
    ids = search.find(NumberKind.CASE, words)
    rows = select(Case).where(Case.id.in_(ids), visible_to(user)).order_by(Case.id.desc())
    return list(session.scalars(rows.limit(MOST)))
