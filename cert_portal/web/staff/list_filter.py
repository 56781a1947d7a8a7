"""The filter above a list: boxes that write a query into the address, and the query in pieces to take away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from cert_portal.cases.conditions import kind_code
from cert_portal.cases.query import Query, QueryRefused, Term, parse
from cert_portal.cases.queue import Sort, View
from cert_portal.web.staff import say, say_query

FIRST_DAY = "since"
"""The box for a day: from then on."""


@dataclass(frozen=True)
class Box:
    """One box of a filter: a choice of codes with their words, or a day; `told` is what it says."""

    name: str
    label: str
    choices: Sequence[tuple[str, Any]]
    told: str

    @property
    def is_day(self) -> bool:
        """Whether a day is asked for."""
        return self.name == FIRST_DAY

    @property
    def offered(self) -> Sequence[tuple[str, Any]]:
        """The choices, and what it says where that is none of them: else it would be lost with the next choice."""
        known = not self.told or self.told in {code for code, _word in self.choices}
        return self.choices if known else [*self.choices, (self.told, say_query.value_word(self.name, self.told))]


def value_of(query: Query, name: str) -> str:
    """What a query says in a box."""
    term = _shown(query, name)
    told = term.value if term else ""
    return kind_code(told) if name == "kind" else told


def filtered(args: MultiDict[str, str], names: Iterable[str]) -> str:
    """The query that was typed, with what was changed in these boxes since they showed the query `was`."""
    before = _read(args.get("was", "")) or Query()
    told = {name: args.get(name, "").strip() for name in names}
    changed = [name for name in told if told[name] != value_of(before, name)]
    chosen = [_term(name, told[name]) for name in changed if told[name]]
    query = _read(args.get("q", ""))
    if query is None:
        return " ".join([*map(str, chosen), args["q"]])
    gone = [_shown(before, name) for name in changed]
    return str(Query(query.words, tuple(term for term in query.terms if term not in gone)).with_(*chosen))


def address(told: str, sort: Sort = Sort.NEWEST, view: View | None = None, after: str = "") -> str:
    """Where a list is that shows this."""
    facts = {"q": told, "sort": sort if sort is not Sort.NEWEST else "", "after": after}
    kept: dict[str, Any] = {name: value for name, value in facts.items() if value}
    if view is View.TRIAGE:
        return url_for("staff.queue", **kept)
    return url_for("staff.list_of", view=view, **kept) if view else url_for("staff.list_cases", **kept)


def chips(query: Query, sort: Sort = Sort.NEWEST, view: View | None = None) -> list[tuple[str, str]]:
    """Each condition and word of a query, with the address of the list without it."""
    return [(say.typed(_part(each)), address(str(query.minus(each)), sort, view)) for each in query.parts()]


def _part(each: Term | str) -> str:
    return each if isinstance(each, str) else say_query.condition(each)


def _read(told: str) -> Query | None:
    try:
        return parse(told, whole=True)
    except QueryRefused:
        return None


def _term(name: str, told: str) -> Term:
    if name == FIRST_DAY:
        return Term("opened", ">=", told)
    return Term(name, ">=" if name == "level" and told.isdigit() else ":", told)


def _shown(query: Query, name: str) -> Term | None:
    """The condition that a box shows: the first that the box itself would write.

    `level<=2`, `-kind:phishing` or a second tag are no such, and stay.
    """
    return next((term for term in query.terms if term == _term(name, term.value)), None)
