"""Tags: words that the desk hangs on cases to find them again together."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from cert_portal.cases.conditions import plain_tag
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import IS_OPEN, Case, CaseTag
from cert_portal.cases.visible import visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.text import clean
from cert_portal.directory.models import User

TAGGED = declare("case.tagged", "A tag was hung on a case", "tag")
UNTAGGED = declare("case.untagged", "A tag was taken off a case", "tag")


def tag(case: Case, told: str, actor: User) -> str:
    """Hang a tag on a case and answer its one spelling; twice is harmless. Raises HandlingRefused("empty")."""
    name = spelled(told)
    if session.get(CaseTag, (case.id, name)) is None:
        session.add(CaseTag(case_id=case.id, tag=name))
        case.updated_at = clock.now()
        record(TAGGED, case.number, actor.actor, tag=name)
        session.flush()
    return name


def untag(case: Case, told: str, actor: User) -> None:
    """Take a tag off a case; twice is harmless."""
    row = session.get(CaseTag, (case.id, plain_tag(told)))
    if row is not None:
        session.delete(row)
        case.updated_at = clock.now()
        record(UNTAGGED, case.number, actor.actor, tag=row.tag)
        session.flush()


def spelled(told: str) -> str:
    """The one spelling of a tag. Raises HandlingRefused("empty")."""
    name = plain_tag(clean(told).replace(",", " ").replace('"', " "))
    if not name:
        raise HandlingRefused("empty")
    return name


def of_cases(cases: Sequence[Case]) -> dict[int, list[str]]:
    """The tags of each of these cases, in order."""
    rows = select(CaseTag.case_id, CaseTag.tag).where(CaseTag.case_id.in_([case.id for case in cases]))
    found: dict[int, list[str]] = {}
    for case_id, name in session.execute(rows.order_by(CaseTag.tag)):
        found.setdefault(case_id, []).append(name)
    return found


def in_use(user: User, most: int = 100) -> list[str]:
    """The tags of open cases that the person may see, the most used first."""
    rows = select(CaseTag.tag).join(Case, Case.id == CaseTag.case_id).where(IS_OPEN, visible_to(user))
    return list(session.scalars(rows.group_by(CaseTag.tag).order_by(func.count().desc(), CaseTag.tag).limit(most)))
