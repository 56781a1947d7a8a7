"""Figures for everybody: the year so far, and the annual reports. Small numbers are left out everywhere."""

from __future__ import annotations

from flask import abort, g, make_response, render_template
from werkzeug.wrappers import Response

from cert_portal.governance import annual, publicly
from cert_portal.governance import figures as counting
from cert_portal.governance.annual import Book
from cert_portal.governance.figures import Figures
from cert_portal.governance.models import AnnualReport
from cert_portal.governance.period import of_year, this_year
from cert_portal.web.figures import page
from cert_portal.web.limits import counting as at_times
from cert_portal.web.public.blueprint import public

Answer = Response | str | tuple[str, int]


@public.get("/statistics")
@at_times
def statistics() -> Answer:
    """The year so far, and how it is counted."""
    return render_template("public/statistics.html", now=_this_year(), year=this_year(), **page.facts())


@public.get("/statistics.<any('csv', 'json'):form>")
@at_times
def statistics_file(form: str) -> Answer:
    """The same numbers for a spreadsheet or a program."""
    found = _this_year()
    if form == "csv":
        return _file(counting.to_csv(found), f"statistics-{this_year()}.csv", "text/csv; charset=utf-8")
    return _file(counting.to_json(found.as_json()), f"statistics-{this_year()}.json", "application/json")


@public.get("/annual-reports/")
def annual_reports() -> Answer:
    """All published reports."""
    return render_template("public/annual_reports.html", rows=annual.published())


@public.get("/annual-reports/<int:year>")
def annual_report(year: int) -> Answer:
    """A published report to read."""
    found = annual.published_book(year)
    if found is None:
        rows = annual.published()
        return render_template("public/annual_missing.html", year=year, rows=rows), 404
    row, book = found
    return render_template("public/annual_report.html", row=row, **page.report_facts(book, digest=row.digest))


@public.get("/annual-reports/<int:year>.<any('html', 'pdf', 'json'):ending>")
@at_times
def annual_file(year: int, ending: str) -> Answer:
    """A published report to keep: the same bytes whenever it is asked for."""
    row, book = annual.published_book(year) or abort(404)
    name = f"annual-report-{year}-{g.language.value}.{ending}"
    if ending == "json":
        return _file(annual.public_json(book), f"annual-report-{year}.json", "application/json")
    if ending == "pdf":
        return _file(_pdf(row, book), name, "application/pdf", "inline")
    return _file(page.report_file(book, g.language, digest=row.digest), name, "text/html; charset=utf-8")


def _pdf(row: AnnualReport, book: Book) -> bytes:
    return page.report_pdf(book, g.language, digest=row.digest)


def _this_year() -> Figures:
    return publicly.published(counting.measure(of_year(this_year())))


def _file(body: str | bytes, filename: str, media_type: str, place: str = "attachment") -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = f'{place}; filename="{filename}"'
    return answer
