"""What the public sees: the same figures, but no cell from which somebody could be recognised.

A number from 1 to 4 is not shown, and neither is what it could be worked out from: where a total is known, so much is
hidden beside the small cell that the hidden ones together come to 5 or more and are at least two.
"""

from __future__ import annotations

from dataclasses import replace

from cert_portal.governance.figures import Figure, Figures, Table
from cert_portal.governance.stocks import Balance

LEAST = 5
NAMES = "organisation"
"""A breakdown that is not for the public: it names other bodies."""


def published(figures: Figures) -> Figures:
    """The figures with their small cells left out."""
    metrics = {code: _without_small(each) for code, each in figures.metrics.items()}
    books = {code: _books(each) for code, each in figures.balances.items()}
    return replace(figures, metrics=metrics, balances=books)


def is_small(count: int | None) -> bool:
    """Whether a number could lead to a person."""
    return count is not None and 0 < count < LEAST


def suppressed(table: Table) -> Table:
    """A breakdown without its small cells and without what they could be worked out from."""
    hidden = {code for code, count in table.items() if is_small(count)}
    if not hidden:
        return dict(table)
    others = sorted(((count, code) for code, count in table.items() if count and code not in hidden), reverse=True)
    while others and (len(hidden) < 2 or sum(table[code] or 0 for code in hidden) < LEAST):
        hidden.add(others.pop()[1])
    return {code: None if code in hidden else count for code, count in table.items()}


def _without_small(each: Figure) -> Figure:
    whole = each.numerator if each.denominator is None else each.denominator
    if is_small(whole):
        nothing: dict[str, Table] = {name: dict.fromkeys(each.by[name]) for name in each.by if name != NAMES}
        return replace(each, value=None, numerator=None, denominator=None, hidden=True, by=nothing, medians={})
    by = {name: suppressed(table) for name, table in each.by.items() if name != NAMES}
    medians = {
        name: {code: None if by[name][code] is None else value for code, value in table.items()}
        for name, table in each.medians.items()
        if name in by
    }
    return replace(each, by=by, medians=medians)


def _books(each: Balance | None) -> Balance | None:
    """A balance whole or not at all: any single number of it follows from the others."""
    if each is None:
        return None
    small = any(map(is_small, (each.opening, *each.ins.values(), *each.outs.values(), each.closing)))
    return None if small else each
