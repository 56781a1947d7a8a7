"""The one way in: whatever the channel, a report is a row with a number before anything else happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cert_portal.core import clock, telephone
from cert_portal.core.db import session
from cert_portal.core.events import record_many
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind, assign, issue
from cert_portal.core.queue import PROCESS_REPORT, after_commit
from cert_portal.core.text import one_line, shortened
from cert_portal.intake import events, exercises
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.submission import Channel, Origin, ReporterKind, Submission


def receive(
    submission: Submission,
    channel: Channel,
    *,
    number: str | None = None,
    ack_address: str | None = None,
    trouble: list[str] | None = None,
    drill: bool = False,
    origin: Origin | None = None,
) -> Report:
    """Store a report under the number that a draft reserved, or a new one; it is processed after the commit."""
    report = made(submission, channel, ack_address=ack_address, trouble=trouble, drill=drill, origin=origin)
    report.number = number or issue(NumberKind.REPORT)
    put(report)
    after_commit(PROCESS_REPORT, report.id)
    return report


def made(
    submission: Submission,
    channel: Channel,
    *,
    text: str = "",
    title: str = "",
    ack_address: str | None = None,
    receipt: str | None = None,
    trouble: list[str] | None = None,
    drill: bool = False,
    origin: Origin | None = None,
) -> Report:
    """A report that is not stored and has no number yet.

    `text` is the original wording of a mail, `origin` is told when we found it or know the sender; else whoever says
    that it is a team abroad is overseas. `ack_address`: None is the contact address, "" is nobody. Of an anonymous
    reporter nothing tells who it is. What a registered address reports while an exercise runs is part of it.
    """
    submission = _without_name(submission) if submission.anonymous else submission
    return Report(
        state=ReportState.RECEIVED,
        channel=channel,
        drill=drill or exercises.is_part(submission.email),
        title=shortened(one_line(title or submission.description), 200),
        text=text or submission.description,
        ack_address=submission.email if ack_address is None else ack_address,
        trouble=trouble or [],
        receipt=receipt,
        received_at=clock.now(),
        updated_at=clock.now(),
        **_told(submission, channel, origin or _origin(submission)),
    )


def put(report: Report) -> None:
    """Give a report with a number its row and its first event."""
    put_all([report])


def put_all(reports: Sequence[Report]) -> None:
    """Give reports with numbers their rows and their first events."""
    session.add_all(reports)
    session.flush()
    for report in reports:
        assign(report.number, report.id)
    facts = [(each.number, {name: getattr(each, name) for name in sorted(events.RECEIVED.data)}) for each in reports]
    record_many(events.RECEIVED, "reporter", facts, at=[each.received_at for each in reports])


def _origin(submission: Submission) -> Origin:
    return Origin.OVERSEAS if submission.reporter_kind == ReporterKind.OVERSEAS_CERT else Origin.LOCAL


GUESSED = (Channel.EMAIL, Channel.API)
"""Channels on which nobody is asked for a language: it is guessed from the words."""


def spoken(channel: str, origin: str, guess: Language) -> Language:
    """The language in which a reporter is written to: English to overseas wherever it was but guessed."""
    return Language.EN if channel in GUESSED and origin == Origin.OVERSEAS else guess


def _told(submission: Submission, channel: Channel, origin: Origin) -> dict[str, Any]:
    return {
        "origin": origin,
        "language": spoken(channel, origin, submission.language),
        "kind": submission.kind,
        "details": _details(submission),
        "reporter_name": one_line(submission.name),
        "reporter_email": submission.email,
        "reporter_telephone": submission.telephone,
        "telephone_key": telephone.key(submission.telephone),
    }


def _details(submission: Submission) -> dict[str, Any]:
    lines = {name: one_line(getattr(submission, name)) for name in ("name", "organisation")}
    return {**submission.as_json(), **lines}


def _without_name(submission: Submission) -> Submission:
    return replace(submission, name="", organisation="", email="", telephone="", contact_time="")
