"""Figures and the annual report."""

from __future__ import annotations

from pathlib import Path

import click

from cert_portal.cli.root import cli
from cert_portal.core.db import reading
from cert_portal.core.i18n import Language
from cert_portal.governance import annual, definitions
from cert_portal.governance import figures as counting
from cert_portal.governance.annual import Book
from cert_portal.governance.figures import Figure, Figures
from cert_portal.governance.period import PeriodWrong, between
from cert_portal.web.figures.page import report_file, report_pdf

REASONS = {
    "unreadable": "give two days as YYYY-MM-DD",
    "backwards": "the first day comes after the last",
    "too_long": "at most ten years",
}


@cli.command("figures")
@click.option("--from", "first", required=True, metavar="DATE", help="First day, YYYY-MM-DD.")
@click.option("--to", "last", required=True, metavar="DATE", help="Last day, included.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def figures_command(first: str, last: str, form: str) -> None:
    """Every metric of the period, with numerator, denominator and the version of its definition."""
    try:
        period = between(first, last)
    except PeriodWrong as error:
        raise click.ClickException(REASONS[error.reason]) from error
    with reading():
        found = counting.measure(period)
    if form == "csv":
        click.echo(counting.to_csv(found), nl=False)
    elif form == "json":
        click.echo(counting.to_json(found.as_json()), nl=False)
    else:
        click.echo(_table(found))


def _table(found: Figures) -> str:
    head = f"{found.first} to {found.last}, as known at {found.cutoff}"
    rows = [f"{'metric':<26}{'value':>12}{'numerator':>11}{'denominator':>13}{'target':>8}  v  name"]
    for each in found.metrics.values():
        name = definitions.by_id(each.id).names[Language.EN]
        whole = "–" if each.denominator is None else str(each.denominator)
        part = "–" if each.numerator is None else str(each.numerator)
        target = "–" if each.target is None else f"{each.target:.0%}"
        rows.append(f"{each.id:<26}{_value(each):>12}{part:>11}{whole:>13}{target:>8}  {each.version}  {name}")
    return "\n".join([head, "", *rows])


def _value(each: Figure) -> str:
    if not each.measured:
        return "not measured"
    if each.value is None:
        return "–"
    return f"{each.value:.1%}" if each.unit == "share" else f"{each.value:g} {_UNITS.get(each.unit, '')}".strip()


_UNITS = {"hours": "h", "days": "d"}


@cli.group()
def report() -> None:
    """Reports of the centre itself."""


@report.command("annual")
@click.argument("year", type=int)
@click.option(
    "--lang", type=click.Choice([each.value for each in Language]), default=Language.EN.value, show_default=True
)
@click.option("--format", "form", type=click.Choice(["html", "pdf", "json"]), default="html", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="PATH")
@click.option("--public", "is_public", is_flag=True, help="Leave out small numbers, as everybody sees it.")
def report_annual(year: int, lang: str, form: str, out: Path, is_public: bool) -> None:
    """The annual report: the frozen one if it was published, else a draft from the data as of now."""
    try:
        with reading():
            book = annual.book(year)
    except annual.AnnualRefused as error:
        raise click.ClickException(f"{year} is no year of a report") from error
    made = annual.public(book) if is_public else book
    try:
        out.write_bytes(_file(made, Language(lang), form, is_public))
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    click.echo(f"{out}: annual report {year}, {book.state}, as known at {book.figures.cutoff}")


def _file(made: Book, language: Language, form: str, is_public: bool) -> bytes:
    if form == "json":
        return annual.public_json(made).encode()
    if form == "pdf":
        return report_pdf(made, language, is_public=is_public)
    return report_file(made, language, is_public=is_public).encode()
