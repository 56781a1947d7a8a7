"""The annual report: drafted from the data as of now, commented on, and frozen when it is published (001-11, 001-14).

A frozen report is a row: its figures, words and data cut-off never change again, so its files are the same bytes for
ever. The public files leave out small cells; the digest is that of the public JSON file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.governance import events, publicly
from cert_portal.governance.figures import Figures, measure, to_json
from cert_portal.governance.models import AnnualComment, AnnualReport, AnnualState
from cert_portal.governance.period import of_year

SCHEMA = "cert-portal/annual-report/1"
CHAPTERS = ("foreword", "glance", "handling", "alerts", "awareness", "cooperation", "service", "method", "annex")
"""The order of the chapters; the four in the middle follow the four necessary services of 001-10."""
YEARS = range(2000, 2100)
Words = dict[str, dict[str, str]]


class AnnualRefused(Exception):
    """The step is not possible; `reason` is a code: published, unknown_chapter, unknown_year, empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Book:
    """Everything that an annual report says, whatever its language and format.

    `last` are the figures of the year before: those of its frozen report where there is one (`last_frozen`).
    """

    year: int
    state: str
    centre: dict[str, str]
    contact: dict[str, str]
    figures: Figures
    last: Figures
    last_frozen: bool
    words: Words

    def text(self, chapter: str, language: Language) -> str:
        """What was written for a chapter; nothing if nothing was."""
        return self.words.get(chapter, {}).get(language, "")

    def as_json(self) -> dict[str, Any]:
        """Everything, for freezing and export."""
        figures = {"figures": self.figures.as_json(), "last": self.last.as_json()}
        return {"schema": SCHEMA, **self.__dict__, **figures}

    @staticmethod
    def of_json(told: dict[str, Any]) -> Book:
        """What was frozen."""
        figures = {name: Figures.of_json(told[name]) for name in ("figures", "last")}
        return Book(**{**{name: told[name] for name in told if name != "schema"}, **figures})


def public(book: Book) -> Book:
    """What everybody may see: small cells are left out."""
    return replace(book, figures=publicly.published(book.figures), last=publicly.published(book.last))


def draft(year: int, cutoff: datetime | None = None) -> Book:
    """The report of a year from the data as of now. Raises AnnualRefused("unknown_year")."""
    if year not in YEARS[1:]:
        raise AnnualRefused("unknown_year")
    at, settings, found = cutoff or clock.now(), current(), find(year)
    before = find(year - 1)
    is_frozen = before is not None and before.state == AnnualState.PUBLISHED
    last = Book.of_json(before.frozen).figures if before and is_frozen else measure(of_year(year - 1), at)
    return Book(
        year=year,
        state=AnnualState.DRAFT.value,
        centre={language.value: settings.centre_name(language) for language in Language},
        contact={"hotline": settings.hotline, "email": settings.report_address, "address": settings.base_url},
        figures=measure(of_year(year), at),
        last=last,
        last_frozen=is_frozen,
        words=found.words if found else {},
    )


def find(year: int) -> AnnualReport | None:
    """The row of a year; none until something was written for it."""
    return session.get(AnnualReport, year)


def book(year: int) -> Book:
    """The report as it was frozen, else its draft. Raises AnnualRefused("unknown_year")."""
    found = find(year)
    return Book.of_json(found.frozen) if found and found.state == AnnualState.PUBLISHED else draft(year)


def published() -> list[AnnualReport]:
    """The reports that everybody can read, the newest first."""
    rows = select(AnnualReport).where(AnnualReport.state == AnnualState.PUBLISHED)
    return list(session.scalars(rows.order_by(AnnualReport.year.desc())))


def published_book(year: int) -> tuple[AnnualReport, Book] | None:
    """A published report as the public sees it; None where there is none."""
    found = find(year)
    if found is None or found.state != AnnualState.PUBLISHED:
        return None
    return found, public(Book.of_json(found.frozen))


def public_json(made: Book) -> str:
    """The JSON file of a report: the same bytes for the same content."""
    return to_json(made.as_json())


def write(year: int, chapter: str, texts: dict[Language, str], actor: User) -> None:
    """Set the words of a chapter in both languages. Raises AnnualRefused: published, unknown_chapter, unknown_year."""
    row = _to_write(year, chapter)
    told = {language.value: clean(text).strip() for language, text in texts.items()}
    if row.words.get(chapter) != told:
        row.words, row.updated_at = {**row.words, chapter: told}, clock.now()
        filled = [language for language, text in told.items() if text]
        record(events.WRITTEN, _subject(year), actor.actor, chapter=chapter, languages=filled)
    session.flush()


def comment(year: int, chapter: str, text: str, actor: User) -> AnnualComment:
    """Say something about a chapter of a draft. Raises AnnualRefused: empty, and as `write` does."""
    row, words = _to_write(year, chapter), clean(text).strip()
    if not words:
        raise AnnualRefused("empty")
    made = AnnualComment(year=row.year, chapter=chapter, user_id=actor.id, at=clock.now(), text=words)
    session.add(made)
    record(events.COMMENTED, _subject(year), actor.actor, chapter=chapter)
    session.flush()
    return made


def comments(year: int) -> list[tuple[AnnualComment, str]]:
    """What was said about a year's draft, each with the name of who said it, oldest first."""
    rows = select(AnnualComment, User.name).join(User, User.id == AnnualComment.user_id)
    found = session.execute(rows.where(AnnualComment.year == year).order_by(AnnualComment.at, AnnualComment.id))
    return [(said, name) for said, name in found]


def publish(year: int, actor: User) -> AnnualReport:
    """Freeze the report as of now and publish it. Raises AnnualRefused: published, unknown_year."""
    row = _to_write(year, CHAPTERS[0])
    now = clock.now()
    frozen = replace(draft(year, now), state=AnnualState.PUBLISHED.value)
    row.state, row.frozen, row.published_at, row.updated_at = AnnualState.PUBLISHED, frozen.as_json(), now, now
    row.digest = hashlib.sha256(public_json(public(frozen)).encode()).hexdigest()
    record(events.PUBLISHED, _subject(year), actor.actor, cutoff=frozen.figures.cutoff, digest=row.digest)
    session.flush()
    return row


def _to_write(year: int, chapter: str) -> AnnualReport:
    """The row of a draft, held so that two people come one after the other; made if it is not there."""
    if year not in YEARS[1:]:
        raise AnnualRefused("unknown_year")
    if chapter not in CHAPTERS:
        raise AnnualRefused("unknown_chapter")
    row = session.get(AnnualReport, year, with_for_update=True, populate_existing=True)
    if row is None:
        row = AnnualReport(year=year, state=AnnualState.DRAFT, words={}, frozen={}, updated_at=clock.now())
        session.add(row)
        session.flush()
    if row.state == AnnualState.PUBLISHED:
        raise AnnualRefused("published")
    return row


def _subject(year: int) -> str:
    return f"annual:{year}"
