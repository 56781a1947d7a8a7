"""What leaves the desk as data: a list of cases in rows, and one case with everything that the person may see.

Both bear TLP:AMBER: they hold what reporters say about themselves (catalogue 000-49 to 000-60).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from cert_portal.cases import conditions, tags, timeline
from cert_portal.cases.models import Case
from cert_portal.cases.query import Query
from cert_portal.cases.queue import numbers
from cert_portal.cases.related import observables_of
from cert_portal.cases.visible import how_many_reports, reports_of, visible_to
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import declare, record
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.models import Report

MOST = 10_000
LIST_EXPORTED = declare("desk.list_exported", "A list of cases left as a file", "cases")
CASE_EXPORTED = declare("case.exported", "A case left as a file", "form")
COLUMNS = (
    "number",
    "state",
    "level",
    "kind",
    "title",
    "owner",
    "tags",
    "reports",
    "opened",
    "updated",
    "closed",
    "tlp",
)


def rows(query: Query, user: User) -> Iterator[tuple[str, ...]]:
    """The cases of a query, newest first, at most MOST, and a line of names before. Raises QueryRefused.

    That it left is recorded, with the words of the query.
    """
    conditions.check(query)
    wanted = numbers(query, user, MOST)
    record(LIST_EXPORTED, user.actor, user.actor, cases=len(wanted), text=str(query))
    return _rows(wanted, user)


def _rows(wanted: list[str], user: User) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    names = accounts.names()
    for start in range(0, len(wanted), 500):
        found = select(Case).where(Case.number.in_(wanted[start : start + 500]), visible_to(user))
        cases = session.scalars(found.order_by(Case.id.desc())).all()
        hung, counts = tags.of_cases(cases), how_many_reports(cases, user)
        for case in cases:
            moments = (case.opened_at, case.updated_at, case.closed_at)
            yield (
                *(case.number, case.state, str(case.level or ""), case.kind, case.title),
                *(names.get(f"user:{case.owner_id}", ""), " ".join(hung.get(case.id, []))),
                str(counts.get(case.id, 0)),
                *(at.isoformat() if at else "" for at in moments),
                TLP.AMBER.value,
            )


def whole(case: Case, user: User) -> dict[str, Any]:
    """One case with its reports, what they name, and all that happened. That it left is recorded."""
    names = accounts.names()
    told = {
        "tlp": TLP.AMBER.value,
        "made_at": clock.now().isoformat(),
        **{name: getattr(case, name) for name in ("number", "title", "kind", "state", "phase", "level", "level_rule")},
        **{name: getattr(case, name) for name in ("level_override_reason", "impact", "restricted", "drill", "outcome")},
        "owner": names.get(f"user:{case.owner_id}", ""),
        "waiting_until": case.waiting_until.isoformat() if case.waiting_until else None,
        **{name: _moment(getattr(case, name)) for name in ("opened_at", "updated_at", "closed_at")},
        "tags": tags.of_cases([case]).get(case.id, []),
        "reports": [_report(each) for each in reports_of(case, user)],
        "timeline": [_entry(each) for each in timeline.of_case(case, user)],
    }
    record(CASE_EXPORTED, case.number, user.actor, form="json")
    return told


def _report(report: Report) -> dict[str, Any]:
    return {
        **{
            name: getattr(report, name)
            for name in ("number", "state", "channel", "origin", "language", "kind", "title")
        },
        **{name: getattr(report, name) for name in ("text", "details", "trouble", "closed_reason", "drill")},
        "reporter": {
            "name": report.reporter_name,
            "email": report.reporter_email,
            "telephone": report.reporter_telephone,
        },
        **{name: _moment(getattr(report, name)) for name in ("received_at", "updated_at", "first_response_at")},
        "files": [{"filename": each.filename, "size": each.size, "sha256": each.sha256} for each in report.files],
        "observables": [
            {"kind": each.kind, "value": each.value, "known": each.known} for each in observables_of(report)
        ],
    }


def _entry(entry: timeline.Entry) -> dict[str, Any]:
    letter = entry.letter
    facts = {"subject": letter.subject, "to": letter.recipient, "state": letter.state} if letter else None
    return {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "about": entry.about,
        "who": entry.who,
        "text": entry.text,
        "data": entry.data,
        "letter": facts,
    }


def _moment(at: Any) -> str | None:
    return at.isoformat() if at else None
