"""Stored originals, read again."""

from __future__ import annotations

import sys

import click

from cert_portal.cases.index import index_cases
from cert_portal.cli.governance import REASONS
from cert_portal.cli.root import cli
from cert_portal.coordination.index import index_all
from cert_portal.core import numbers, search
from cert_portal.core.db import session
from cert_portal.core.mail import outbox
from cert_portal.core.numbers import NumberKind
from cert_portal.governance.period import PeriodWrong, between
from cert_portal.intake import calls, reread
from cert_portal.intake.reread import Changes

AT_ONCE = 500
"""Cases or letters that are made searchable in one transaction."""


@cli.command("reread")
@click.argument("named", metavar="[NUMBER|RECEIPT]...", nargs=-1)
@click.option("--from", "first", metavar="DATE", help="First day of receipt, YYYY-MM-DD.")
@click.option("--to", "last", metavar="DATE", help="Last day of receipt, included.")
@click.option("--all", "everything", is_flag=True, help="Every report there is.")
@click.option("--dry-run", is_flag=True, help="Say what would change and store nothing.")
def reread_command(
    named: tuple[str, ...], first: str | None, last: str | None, everything: bool, dry_run: bool
) -> None:
    """Read stored originals again (after an update, or when a key came late): reports by number, by the receipt of a
    message, by the days on which they came, or all.

    Text, files and observables are brought up to date, each change is an event. No report is made, nothing is answered,
    and what a person wrote stays. With --all, cases, letters, notes of calls, with a report or without, and what
    parties answered are made searchable anew. Exit 1 when an original is gone.
    """
    if sum([bool(named), bool(first and last), everything]) != 1 or bool(first) != bool(last):
        raise click.UsageError("name reports, or give --from and --to, or --all")
    chosen = [_report(each) for each in named] or _of_days(first, last)
    changed = gone = 0
    for report_id in chosen:
        found = reread.keep(reread.look(report_id))
        session.rollback() if dry_run else session.commit()
        changed, gone = changed + found.any, gone + len(found.gone)
        for line in _told(found):
            click.echo(line)
    if everything and not dry_run:
        _index_everything()
    click.echo(f"{len(chosen)} read, {changed} changed, {gone} originals gone")
    sys.exit(1 if gone else 0)


def _index_everything() -> None:
    index_all()
    calls.index_all()
    session.commit()
    for kind, index_some in ((NumberKind.CASE, index_cases), (outbox.SEARCH, outbox.index_letters)):
        last = 0
        while some := search.indexed(kind, last, AT_ONCE):
            index_some(some)
            session.commit()
            last = some[-1]
    session.commit()
    search.rebuild()


def _of_days(first: str | None, last: str | None) -> list[int]:
    try:
        period = between(first, last) if first and last else None
    except PeriodWrong as error:
        raise click.ClickException(REASONS[error.reason]) from error
    return reread.reports(period.begins, period.ends) if period else reread.reports()


def _report(named: str) -> int:
    target = numbers.resolve(numbers.normalise(named) or named)
    if target is not None and target[0] is NumberKind.REPORT:
        return target[1]
    found = reread.of_receipt(named)
    if found is None:
        raise click.ClickException(f"{named}: no report, and no message that made or joined one")
    return found


def _told(found: Changes) -> list[str]:
    counted = f"observables +{found.observables} -{found.dropped}, files +{found.files}"
    changed = [f"{found.number}  {' '.join(found.parts) or '-'}  {counted}"] if found.any else []
    return [*changed, *(f"{found.number}  gone: {each}" for each in found.gone)]
