"""What templates about figures need, and the annual report as one self-contained file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from cert_portal.config import current
from cert_portal.core.i18n import Language
from cert_portal.core.pdf import to_pdf
from cert_portal.governance import definitions
from cert_portal.governance.annual import CHAPTERS, Book
from cert_portal.governance.figures import Figures
from cert_portal.web.figures import charts, say, words
from cert_portal.web.figures.charts import Series

COUNTED = ("reports.received", "cases.opened", "referrals.sent")
"""The three words that are counted apart."""


def facts() -> dict[str, Any]:
    """Words and charts, for any template that imports `figures/parts.html` with its context."""
    return {
        "fig": say,
        "figwords": words,
        "charts": charts,
        "trend": trend,
        "by_month": by_month,
        "has_come": has_come,
        "definitions": definitions.load(),
        "counted": COUNTED,
    }


def trend(figures: Figures) -> Markup:
    """Reports, cases and referrals over the months."""
    months = [say.short_month(code) for code in figures[COUNTED[0]].by["month"]]
    series = [Series(say.name(metric), _until_now(figures, metric)) for metric in COUNTED]
    title = _("Reports, cases and referrals by month; a table beside the chart holds the same numbers")
    return charts.lines(title, months, series)


def by_month(metric: str, now: Figures, before: Figures) -> Markup:
    """One metric by month, and in the year before."""
    months = [say.short_month(code) for code in now[metric].by["month"]]
    mine, earlier = (list(each[metric].by["month"].values()) for each in (now, before))
    title = _("%(name)s by month, with the year before; the annex holds the numbers", name=say.name(metric))
    years = (now.first[:4], before.first[:4])
    return charts.columns(title, months, Series(years[0], mine), Series(years[1], earlier))


def _until_now(figures: Figures, metric: str) -> list[float | None]:
    """The months up to the cut-off; those to come have no number yet."""
    return [count if has_come(figures, code) else None for code, count in figures[metric].by["month"].items()]


def has_come(figures: Figures, month: str) -> bool:
    """Whether a month, such as 2026-05, had begun at the cut-off."""
    last = datetime.fromisoformat(figures.cutoff).astimezone(current().zone)
    return month <= f"{last:%Y-%m}"


def report_facts(book: Book, *, digest: str = "", is_public: bool = True) -> dict[str, Any]:
    """What the pages of an annual report need."""
    return {**facts(), "book": book, "digest": digest, "is_public": is_public, "chapters": CHAPTERS}


def report_file(book: Book, language: Language, *, digest: str = "", is_public: bool = True) -> str:
    """The annual report as one HTML file that needs nothing else; the same bytes for the same report."""
    with force_locale(language.locale):
        told = report_facts(book, digest=digest, is_public=is_public)
        return render_template("figures/annual_report_file.html", language=language, **told)


def report_pdf(book: Book, language: Language, *, digest: str = "", is_public: bool = True) -> bytes:
    """The same as a tagged PDF."""
    return to_pdf(report_file(book, language, digest=digest, is_public=is_public))
