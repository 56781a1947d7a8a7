"""The annual report at the desk: its draft, its words, comments on it, and its publication."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.permissions import Permission
from cert_portal.governance import annual
from cert_portal.governance.annual import CHAPTERS, AnnualRefused, Book
from cert_portal.governance.models import AnnualReport, AnnualState
from cert_portal.governance.period import this_year
from cert_portal.web.figures import page
from cert_portal.web.staff import figures_words as said
from cert_portal.web.staff.desk import INVALID, Answer, desk, me, show
from cert_portal.web.staff.figures import TYPES, attachment
from cert_portal.web.staff.figures_forms import CommentForm, WordsForm


@desk.get("/figures/annual", Permission.READ_FIGURES)
def annual_reports() -> Answer:
    """The drafts of this year and the last, and what was published."""
    years = sorted({this_year(), this_year() - 1, *(row.year for row in annual.published())}, reverse=True)
    return show("annual_reports", rows=[(year, annual.find(year)) for year in years])


@desk.get("/figures/annual/<int:year>", Permission.READ_FIGURES)
def annual_report(year: int) -> Answer:
    """The report as it would be published now, all numbers shown, with what was said about it."""
    return _page(year, CommentForm())


@desk.get("/figures/annual/<int:year>.<any('html', 'pdf', 'json'):ending>", Permission.READ_FIGURES)
def annual_file(year: int, ending: str) -> Answer:
    """The draft as a file, all numbers shown; the public files are on the public pages."""
    book, language = _book(year), Language(me().language)
    name = f"annual-report-{year}-{book.state}-internal.{ending}"
    if ending == "json":
        return attachment(annual.public_json(book), name, TYPES[ending])
    make = page.report_pdf if ending == "pdf" else page.report_file
    return attachment(make(book, language, is_public=False), name, TYPES[ending])


@desk.post("/figures/annual/<int:year>/comments", Permission.READ_FIGURES)
def annual_comment(year: int) -> Answer:
    """Say something about a chapter of the draft."""
    form = CommentForm(request.form)
    if not form.validate():
        return _page(year, form, INVALID)
    try:
        annual.comment(year, form.chapter.data, form.text.data, me())
    except AnnualRefused as error:
        return _page(year, form, INVALID, error.reason)
    session.commit()
    flash(_("Your comment was kept."), "done")
    return redirect(url_for("staff.annual_report", year=year) + "#comments")


@desk.get("/figures/annual/<int:year>/words/<chapter>", Permission.WRITE_ANNUAL_REPORT)
def annual_words(year: int, chapter: str) -> Answer:
    """The words of one chapter, side by side in both languages."""
    book = _book(year)
    told = {"en": book.text(chapter, Language.EN), "zh_hant": book.text(chapter, Language.ZH_HANT)}
    return _words(year, chapter, WordsForm(data=told))


@desk.post("/figures/annual/<int:year>/words/<chapter>", Permission.WRITE_ANNUAL_REPORT)
def write_annual_words(year: int, chapter: str) -> Answer:
    """Keep them."""
    form = WordsForm(request.form)
    if not form.validate():
        return _words(year, chapter, form, INVALID)
    try:
        annual.write(year, chapter, {Language.EN: form.en.data, Language.ZH_HANT: form.zh_hant.data}, me())
    except AnnualRefused as error:
        return _words(year, chapter, form, INVALID, error.reason)
    session.commit()
    flash(_("The words were kept."), "done")
    return redirect(url_for("staff.annual_report", year=year) + f"#{chapter}")


@desk.get("/figures/annual/<int:year>/publish", Permission.WRITE_ANNUAL_REPORT)
def annual_confirm(year: int) -> Answer:
    """What publishing means, before it is done."""
    return _confirm(year)


@desk.post("/figures/annual/<int:year>/publish", Permission.WRITE_ANNUAL_REPORT)
def publish_annual(year: int) -> Answer:
    """Freeze it and put it on the public pages."""
    if not request.form.get("read"):
        return _confirm(year, "unconfirmed")
    try:
        annual.publish(year, me())
    except AnnualRefused as error:
        return _confirm(year, error.reason)
    session.commit()
    flash(_("The annual report of %(year)s is published.", year=year), "done")
    return redirect(url_for("staff.annual_report", year=year))


def _page(year: int, form: CommentForm, status: int = 200, reason: str = "") -> Answer:
    book, row = _book(year), annual.find(year)
    wrong = [(said.REFUSED[reason], "#text")] if reason else []
    facts = page.report_facts(book, digest=row.digest if row else "", is_public=False)
    return show("annual_report", status, wrong=wrong, form=form, comments=annual.comments(year), **_state(row), **facts)


def _words(year: int, chapter: str, form: WordsForm, status: int = 200, reason: str = "") -> Answer:
    if chapter not in CHAPTERS:
        abort(404)
    wrong = [(said.REFUSED[reason], "#en")] if reason else []
    said_before = [(told, name) for told, name in annual.comments(year) if told.chapter == chapter]
    facts = {"year": year, "chapter": chapter, "form": form, "comments": said_before, **page.facts()}
    return show("annual_words", status, wrong=wrong, **_state(annual.find(year)), **facts)


def _confirm(year: int, reason: str = "") -> Answer:
    book = _book(year)
    lacking = [(chapter, each) for chapter in CHAPTERS[:1] for each in Language if not book.text(chapter, each)]
    wrong = [(said.REFUSED[reason], "#read")] if reason else []
    is_early = year >= this_year()
    facts = {"year": year, "book": book, "lacking": lacking, "is_early": is_early, **page.facts()}
    return show("annual_publish", INVALID if reason else 200, wrong=wrong, **_state(annual.find(year)), **facts)


def _state(row: AnnualReport | None) -> dict[str, Any]:
    return {"row": row, "is_published": row is not None and row.state == AnnualState.PUBLISHED}


def _book(year: int) -> Book:
    try:
        return annual.book(year)
    except AnnualRefused:
        abort(404)
