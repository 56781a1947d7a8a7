"""A report that is being written: kept on the server for 14 days, opened by its link, sent once."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind, issue
from cert_portal.core.text import whole
from cert_portal.guidance import questions
from cert_portal.intake import files
from cert_portal.intake.files import FileRefused
from cert_portal.intake.models import Report, ReportDraft, ReportFile
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

__all__ = ["DraftIncomplete", "FileRefused", "ReportDraft", "ReportFile"]

KEPT = timedelta(days=14)
_TIMES = frozenset({"occurred_at", "discovered_at"})
_FIELDS = frozenset(each.name for each in fields(Submission)) - {"language"}


class DraftIncomplete(Exception):
    """Something that a report cannot do without is missing: what happened, or a way to answer (or "anonymous")."""


def start(language: Language) -> ReportDraft:
    """Begin a report."""
    now = clock.now()
    key = secrets.token_hex(16)
    draft = ReportDraft(language=language, key=key, answers={}, created_at=now, expires_at=now + KEPT)
    session.add(draft)
    session.flush()
    return draft


def token_of(draft: ReportDraft) -> str:
    """The secret part of the link that opens this draft again."""
    return f"{draft.id}-{draft.key}"


def open_draft(token: str) -> ReportDraft | None:
    """The draft of a link; None when there is no such draft or its 14 days are over."""
    told, _, key = token.partition("-")
    draft = session.get(ReportDraft, whole(told))
    if draft is None or not hmac.compare_digest(draft.key.encode(), key.encode()):
        return None
    return draft if draft.expires_at > clock.now() else None


def answer(draft: ReportDraft, answers: dict[str, Any]) -> None:
    """Keep answers; those given before under the same names are replaced. A sent draft does not change any more."""
    if draft.report_number is None:
        draft.answers = draft.answers | answers


def reserve_number(draft: ReportDraft) -> str:
    """The number that the report will have; it counts only once the report is sent."""
    if draft.number is None:
        draft.number = issue(NumberKind.REPORT)
    return draft.number


def add_file(draft: ReportDraft, filename: str, data: bytes) -> ReportFile:
    """Keep a file with the draft. Raises FileRefused with the reason."""
    session.flush()
    already = len(session.scalars(select(ReportFile.id).where(ReportFile.draft_id == draft.id)).all())
    files.check(filename, data, already)
    return files.keep(filename, data, draft_id=draft.id)


def remove_file(draft: ReportDraft, file_id: int) -> None:
    """Take a file of this draft away again; another draft's file is left alone."""
    row = session.get(ReportFile, file_id)
    if row is not None and row.draft_id == draft.id and row.report_id is None:
        session.delete(row)


def send(draft: ReportDraft, trouble: Sequence[str] = ()) -> Report:
    """Make the draft a report; sending twice gives the same report. `trouble`: what is odd about how it was sent.

    Raises DraftIncomplete.
    """
    draft = session.get_one(ReportDraft, draft.id, with_for_update=True, populate_existing=True)
    if draft.report_number is not None:
        return session.scalars(select(Report).where(Report.number == draft.report_number)).one()
    submission = submission_of(draft)
    if not (submission.description or submission.kind != "not_sure"):
        raise DraftIncomplete("what")
    if not (submission.email or submission.telephone or submission.anonymous):
        raise DraftIncomplete("contact")
    report = receive(submission, Channel.WEB, number=reserve_number(draft), trouble=list(trouble))
    session.execute(update(ReportFile).where(ReportFile.draft_id == draft.id).values(report_id=report.id))
    draft.report_number = report.number
    draft.answers = {}
    return report


def submission_of(draft: ReportDraft) -> Submission:
    """The answers so far as a submission; names that are no fields are left out."""
    known = {name: value for name, value in draft.answers.items() if name in _FIELDS and value is not None}
    asked = {each.code for each in questions.of_kind(known.get("kind", ""))}
    known["answers"] = {code: said for code, said in known.get("answers", {}).items() if code in asked}
    for name in _TIMES & known.keys():
        known[name] = datetime.fromisoformat(known[name])
    return Submission(language=Language(draft.answers.get("language") or draft.language), **known)


def expire() -> int:
    """Remove drafts whose 14 days are over, with the rows of files that no report took; answers how many."""
    over = list(session.scalars(select(ReportDraft.id).where(ReportDraft.expires_at <= clock.now()).limit(1000)))
    session.execute(delete(ReportFile).where(ReportFile.draft_id.in_(over), ReportFile.report_id.is_(None)))
    session.execute(update(ReportFile).where(ReportFile.draft_id.in_(over)).values(draft_id=None))
    session.execute(delete(ReportDraft).where(ReportDraft.id.in_(over)))
    return len(over)
