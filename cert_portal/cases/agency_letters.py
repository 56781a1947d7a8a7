"""Short letters inside a member organisation: that something waits, or came back. They tell no content.

Those of an exercise are marked, and go to registered addresses alone.
"""

from __future__ import annotations

from typing import Any

from cert_portal.cases.agency_clock import allowed
from cert_portal.cases.models import AgencyReport
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise, letters, outbox
from cert_portal.core.tlp import TLP
from cert_portal.directory import members
from cert_portal.directory.models import User
from cert_portal.intake import exercises
from cert_portal.intake.models import Report


def tell_coordinators(row: AgencyReport, number: str) -> int:
    """Tell the coordinators of the organisation that something waits for them; answers how many there are."""
    found = members.coordinators(row.organisation_id)
    for user in found:
        _post("agency_waiting", user, row, number, {"minutes": allowed()})
    return len(found)


def tell_author(row: AgencyReport, author_id: int, number: str, reason: str) -> None:
    """Tell who wrote it that it came back, and why."""
    _post("agency_returned", session.get_one(User, author_id), row, number, {"reason": reason})


def _post(name: str, user: User, row: AgencyReport, number: str, more: dict[str, Any]) -> None:
    drill = _is_drill(row)
    if drill and not exercise.is_registered(user.email):
        return
    language = Language(user.language)
    facts = {"number": number, "page": f"/org/reports/{row.id}", "tlp": TLP.AMBER, **more}
    subject, text = letters.render(name, language, facts)
    outbox.post(
        outbox.Draft(
            name=name,
            about=number,
            language=language,
            recipient=user.email,
            subject=subject,
            text=text,
            automatic="auto-generated",
            drill=drill,
        )
    )


def _is_drill(row: AgencyReport) -> bool:
    """Whether it belongs to an exercise, or will when it is sent."""
    report = session.get(Report, row.report_id) if row.report_id else None
    return report.drill if report else exercises.is_part(session.get_one(User, row.author_id).email)
