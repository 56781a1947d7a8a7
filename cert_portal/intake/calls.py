"""Calls to the hotline: each is counted, and one that nobody answered waits until somebody has called back.

The portal has no line to the telephone system: operators write calls down, and the counts are as good as that.
"""

from __future__ import annotations

from sqlalchemy import select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.intake import events
from cert_portal.intake.compare import compare
from cert_portal.intake.models import Call, CallKind, Report

MOST = 100
_EVENTS = {
    CallKind.ANSWERED: events.CALL_ANSWERED,
    CallKind.MISSED: events.CALL_MISSED,
    CallKind.VOICEMAIL: events.VOICEMAIL,
}


def note(kind: CallKind, number: str, words: str, actor: User, report: Report | None = None) -> Call:
    """Write a call down. An answered one is done; the others wait to be called back."""
    now = clock.now()
    call = Call(at=now, kind=kind, number=clean(number).strip()[:60], note=clean(words).strip())
    call.report_id = report.id if report else None
    if kind is CallKind.ANSWERED:
        call.handled_at, call.handled_by = now, actor.id
    session.add(call)
    session.flush()
    if report:
        compare(report)
    record(_EVENTS[kind], _subject(call), actor.actor, report=report.number if report else "")
    return call


def called_back(call_id: int, answered: bool, words: str, actor: User) -> Call | None:
    """Somebody called back; nobody answering leaves the call on the list. None when it is done or there is none."""
    call = session.get(Call, call_id, with_for_update=True)
    if call is None or call.handled_at is not None:
        return None
    call.note = "\n".join(each for each in (call.note, clean(words).strip()) if each)
    if answered:
        call.handled_at, call.handled_by = clock.now(), actor.id
    if call.report_id:
        compare(session.get_one(Report, call.report_id))
    record(events.CALLED_BACK, _subject(call), actor.actor, answered=answered)
    return call


def waiting() -> list[Call]:
    """Calls that nobody has answered yet, oldest first."""
    rows = select(Call).where(Call.handled_at.is_(None)).order_by(Call.at, Call.id)
    return list(session.scalars(rows.limit(MOST)))


def latest() -> list[Call]:
    """Calls that are done, newest first."""
    rows = select(Call).where(Call.handled_at.is_not(None)).order_by(Call.at.desc(), Call.id.desc())
    return list(session.scalars(rows.limit(MOST)))


def _subject(call: Call) -> str:
    return f"call:{call.id}"
