"""Figures and the annual report."""

from __future__ import annotations

import click

from cert_portal.cli.root import cli
from cert_portal.core.db import reading
from cert_portal.core.i18n import Language
from cert_portal.governance import definitions
from cert_portal.governance import figures as counting
from cert_portal.governance.figures import Figure, Figures
from cert_portal.governance.period import PeriodWrong, between

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
