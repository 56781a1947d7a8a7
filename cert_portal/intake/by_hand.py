"""What a person of the centre takes down for somebody: on the telephone, from a letter, at the counter (001-20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cert_portal.core import telephone
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects, record
from cert_portal.directory.models import User
from cert_portal.guidance import questions
from cert_portal.intake import calls, events, files
from cert_portal.intake.models import CallKind, Report
from cert_portal.intake.receive import receive
from cert_portal.intake.status import add
from cert_portal.intake.submission import SPOKEN, Channel, Origin, Submission

BY_HAND = (*SPOKEN, Channel.LETTER)
Sent = Sequence[tuple[str, bytes]]


def take_down(
    submission: Submission,
    channel: Channel,
    actor: User,
    *,
    origin: Origin,
    received_at: datetime | None = None,
    sent: Sent = (),
    address: str = "",
) -> Report:
    """Store what somebody told; `received_at` is when a letter came, `address` where an answer by post goes.

    Raises FileRefused and then stores nothing.

    A telephone report counts an answered call. The clock of the first answer runs from `received_at`.
    """
    for position, (filename, data) in enumerate(sent):
        files.check(filename, data, position)
    report = receive(submission, channel, origin=origin)
    if received_at is not None:
        report.received_at = received_at
    if address:
        report.details = {**report.details, "address": address}
    for filename, data in sent:
        files.keep(filename, data, report_id=report.id)
    session.flush()
    record(events.TAKEN_DOWN, report.number, actor.actor, channel=channel)
    _count(channel, report, submission, actor)
    return report


def taker(report: Report) -> str:
    """Who took the report down, as events name people; "" for one that came by itself."""
    if report.channel not in BY_HAND:
        return ""
    return next((each.actor for each in of_subjects([report.number]) if each.kind == events.TAKEN_DOWN.name), "")


def join(
    report: Report, submission: Submission, channel: Channel, actor: User, sent: Sent = (), more: Sequence[str] = ()
) -> None:
    """Add what somebody told to a report that is there; an answer fills only what was not answered before.

    `more`: what else was told, in words; it says something about this caller and not about the report. Raises
    FileRefused and then adds nothing.
    """
    for position, (filename, data) in enumerate(sent):
        files.check(filename, data, len(report.files) + position)
    theirs = telephone.key(submission.telephone)
    add(
        report,
        channel,
        "\n\n".join([submission.description, *_in_words(submission), *more]).strip(),
        list(sent),
        sender=" · ".join(each for each in (submission.name, submission.telephone, submission.email) if each)[:320],
        known_sender=theirs != "" and theirs == report.telephone_key,
    )
    known = report.details.get("answers") or {}
    report.details = {**report.details, "answers": {**submission.answers, **known}}
    record(events.TAKEN_DOWN, report.number, actor.actor, channel=channel)
    _count(channel, report, submission, actor)


def _in_words(submission: Submission) -> list[str]:
    """The answers of the kind, each with its question."""
    return [f"{asked}\n– {said}" for asked, said in questions.answered(submission.answers, submission.language)]


def _count(channel: Channel, report: Report, submission: Submission, actor: User) -> None:
    if channel in SPOKEN:
        number = "" if submission.anonymous else submission.telephone
        calls.note(CallKind.ANSWERED, number, "", actor, report)
