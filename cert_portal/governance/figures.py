"""All figures of a period, counted from the event record and nothing else, each with its definition's version."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.governance import definitions
from cert_portal.governance.definitions import Definition, Unit
from cert_portal.governance.facts import FACTS, Fact, Window, published, sent, window
from cert_portal.governance.period import Period
from cert_portal.governance.stocks import STOCKS, Balance, balance
from cert_portal.governance.targets import CANDIDATES, Cohorts, Judged, Timed, calls, cohorts, judge, middle

SCHEMA = "cert-portal/figures/1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNITS = {Unit.HOURS: HOUR, Unit.DAYS: DAY}
Table = dict[str, int | None]
"""A breakdown: code -> count; None is a cell that is not shown."""


@dataclass(frozen=True)
class Figure:
    """One metric of a period. `value` is None where nothing was measured or (in public) a small number is not shown.

    `numerator` is what a list of it holds; for a share `denominator` is the whole, for a median what it rests on.
    """

    id: str
    version: int
    unit: str
    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    target: float | None = None
    measured: bool = True
    hidden: bool = False
    by: dict[str, Table] = field(default_factory=dict)
    medians: dict[str, dict[str, float | None]] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without a target or a value."""
        return None if self.target is None or self.value is None else self.value >= self.target

    def as_json(self) -> dict[str, Any]:
        """Everything, for freezing and export."""
        return {**self.__dict__, "met": self.met}


@dataclass(frozen=True)
class Figures:
    """All figures of a period as they stood at the cut-off."""

    first: str
    last: str
    cutoff: str
    metrics: dict[str, Figure]
    balances: dict[str, Balance | None]

    def __getitem__(self, metric: str) -> Figure:
        return self.metrics[metric]

    def as_json(self) -> dict[str, Any]:
        """Everything, for freezing and export."""
        books = {code: each.__dict__ if each else None for code, each in self.balances.items()}
        metrics = [each.as_json() for each in self.metrics.values()]
        return {
            "schema": SCHEMA,
            "from": self.first,
            "to": self.last,
            "cutoff": self.cutoff,
            "metrics": metrics,
            "balances": books,
        }

    @staticmethod
    def of_json(told: dict[str, Any]) -> Figures:
        """The figures that were frozen."""
        metrics = [Figure(**{name: row[name] for name in row if name != "met"}) for row in told["metrics"]]
        books = {code: Balance(**each) if each else None for code, each in told["balances"].items()}
        return Figures(told["from"], told["to"], told["cutoff"], {each.id: each for each in metrics}, books)


def measure(period: Period, cutoff: datetime | None = None, only: Collection[str] = ()) -> Figures:
    """Count everything, or `only` some. What was written down after the cut-off (now, unless told) changes nothing."""
    span = window(period, cutoff or clock.now())
    wanted = [each for each in definitions.load() if not only or each.id in only]
    read = cohorts(span)
    books = {each.id: balance(STOCKS[each.id], span) for each in wanted if each.id in STOCKS}
    found = {each.id: _figure(each, span, read, books) for each in wanted}
    moment = span.cutoff.isoformat(timespec="microseconds")
    return Figures(period.first.isoformat(), period.last.isoformat(), moment, found, {**books})


def _figure(each: Definition, span: Window, read: Cohorts, books: dict[str, Balance]) -> Figure:
    if each.unit is Unit.STOCK:
        count = books[each.id].closing
        return Figure(each.id, each.version, each.unit, count, count)
    if each.unit is Unit.COUNT:
        return _count(each, span)
    if each.unit is Unit.SHARE:
        return _share(each, span, read)
    return _middle(each, span, read)


def _count(each: Definition, span: Window) -> Figure:
    total, tables = cube(FACTS[each.id], span)
    return Figure(each.id, each.version, each.unit, total, total, by={name: dict(tables[name]) for name in tables})


def cube(fact: Fact, span: Window) -> tuple[int, dict[str, Table]]:
    """One statement: how many for each combination of the dimensions; folded here to one table a dimension."""
    rows = fact.rows(span).subquery()
    columns = [rows.c[name] for name in fact.dimensions]
    cells = session.execute(select(func.count(), *columns).group_by(*columns)).all()
    tables: dict[str, Counter[str]] = {name: Counter() for name in fact.dimensions}
    for count, *codes in cells:
        for name, code in zip(fact.dimensions, codes, strict=True):
            tables[name][code or ""] += count
    for month in span.months:
        tables["month"].setdefault(month.code, 0)
    ordered = {name: dict(sorted(table.items())) for name, table in tables.items()}
    return sum(count for count, *_codes in cells), {name: {**table} for name, table in ordered.items()}


def _share(each: Definition, span: Window, read: Cohorts) -> Figure:
    judged = _calls(span) if each.id == "calls.answered" else judge(each.rule, read.of(each.id), span.cutoff)
    if judged is None:
        return Figure(each.id, each.version, each.unit, None, target=each.target, measured=False)
    met, whole = len(judged.met), len(judged.all)
    share = met / whole if whole else None
    return Figure(each.id, each.version, each.unit, share, met, whole, target=each.target)


def _calls(span: Window) -> Judged | None:
    judged = calls(span)
    return judged if judged.all else None


def _middle(each: Definition, span: Window, read: Cohorts) -> Figure:
    if each.id in CANDIDATES:
        return _median(each, read.of(each.id))
    if each.id == "advisories.lead_time":
        return _median(each, [timed for timed, _row in lead_times(span)])
    pairs = reactions(span)
    return _median(each, [timed for timed, _row in pairs], pairs)


def _median(each: Definition, rows: list[Timed], pairs: list[tuple[Timed, Any]] | None = None) -> Figure:
    unit = UNITS[each.unit]
    by: dict[str, Table] = {}
    medians: dict[str, dict[str, float | None]] = {}
    for name in each.dimensions:
        groups: dict[str, list[Timed]] = {}
        for timed, row in pairs or []:
            groups.setdefault(getattr(row, name) or "", []).append(timed)
        by[name] = {code: len(groups[code]) for code in sorted(groups)}
        medians[name] = {code: middle(groups[code], unit) for code in sorted(groups)}
    value = middle(rows, unit)
    return Figure(each.id, each.version, each.unit, value, len(rows), len(rows), by=by, medians=medians)


def reactions(span: Window) -> list[tuple[Timed, Any]]:
    """Referrals of the period to which the party has reacted, with what they are grouped by (001-33)."""
    rows = session.execute(sent(span)).all()
    return [(Timed(row.subject, row.at, row.reacted), row) for row in rows if row.reacted is not None]


def lead_times(span: Window) -> list[tuple[Timed, Any]]:
    """Advisories of the period, from the first draft to the first publication."""
    rows = session.execute(published(span)).all()
    return [(Timed(row.subject, row.begun, row.at), row) for row in rows if row.begun is not None]


def to_csv(figures: Figures) -> str:
    """Every number in one table: a line for each metric, and one for each cell of its breakdowns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines(figures):
        writer.writerow("" if cell is None else cell for cell in line)
    return out.getvalue()


COLUMNS = ("metric", "version", "unit", "dimension", "code", "value", "numerator", "denominator", "target", "state")


def lines(figures: Figures) -> Iterator[list[Any]]:
    """The lines of the table, by `COLUMNS`; `state` is empty, not_measured or not_shown."""
    for each in figures.metrics.values():
        state = "not_shown" if each.hidden else "" if each.measured else "not_measured"
        head = [each.id, each.version, each.unit]
        yield [*head, "", "", _plain(each.value), each.numerator, each.denominator, each.target, state]
        for name, table in each.by.items():
            for code, count in table.items():
                middle = each.medians.get(name, {}).get(code, count)
                hidden = "not_shown" if count is None else ""
                yield [*head, name, code, middle, count, None, None, hidden]


def to_json(told: dict[str, Any]) -> str:
    """JSON that is the same bytes for the same content."""
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _plain(value: float | None) -> float | None:
    return value if value is None else round(value, 4)
