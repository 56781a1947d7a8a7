"""Calls to the hotline: each is counted, and one that nobody answered waits until somebody has called back.

The portal has no line to the telephone system: operators write calls down, and the counts are as good as that.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from cert_portal.core import clock, search
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.pages import Page, newest
from cert_portal.core.text import clean, tokens
from cert_portal.directory.models import User
from cert_portal.intake import events
from cert_portal.intake.compare import compare
from cert_portal.intake.models import Call, CallKind, Report

MOST, FOUND = 100, 50
SEARCH = "T"
"""The kind of calls in the index of words."""
MARK = "is_call"
"""A word that every call has and nothing else, so that a word of a million reports costs no more than a rare one."""
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
    _find_by_words(call, report)
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
    _find_by_words(call, session.get_one(Report, call.report_id) if call.report_id else None)
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


def naming(
    words: str, unwanted: Sequence[str] = (), after: str = "", during: Sequence[ColumnElement[bool]] = ()
) -> Page[Call]:
    """Calls without a report that hold every word and none of the unwanted ones and came in that time, newest first;
    those of a report are found with it.
    """
    if not tokens(words):
        return Page()
    rows = select(Call).where(Call.id.in_(search.everything(SEARCH, words, [MARK])), Call.report_id.is_(None))
    rows = rows.where(*(~search.holds(SEARCH, Call.id.expression, word) for word in unwanted), *during)
    return newest(rows, Call.id.expression, after, FOUND)


def index_all() -> int:
    """Make every call without a report searchable; answers how many there are."""
    found = session.scalars(select(Call).where(Call.report_id.is_(None)).order_by(Call.id)).all()
    for call in found:
        _find_by_words(call, None)
    return len(found)


def _find_by_words(call: Call, report: Report | None) -> None:
    if report:
        compare(report)
    else:
        search.index(SEARCH, call.id, f"{call.number}\n{call.note}", [MARK])


def _subject(call: Call) -> str:
    return f"call:{call.id}"
