"""The rows behind a figure: numbers, dates, kind and level; no personal data and no titles.

Each list holds exactly as many rows as the figure says. What belongs to a restricted case stands there as a row without
its number, after the others, so that the count can be checked and nothing is given away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from cert_portal.cases.visible import hidden_numbers
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.directory.models import User
from cert_portal.governance import definitions
from cert_portal.governance.definitions import Definition, Unit
from cert_portal.governance.facts import FACTS, Rows, Window, told, window
from cert_portal.governance.figures import lead_times, reactions
from cert_portal.governance.period import Period
from cert_portal.governance.stocks import STOCKS, inside
from cert_portal.governance.targets import CANDIDATES, Judged, Timed, calls, cohorts, judge

MET, MISSED = "met", "missed"
PARTS = ("", MET, MISSED)
MOST = 200


class NoSuchList(LookupError):
    """The figure has no such dimension or part."""


@dataclass(frozen=True)
class Choice:
    """Which rows: all of a figure, a part of a share (met or missed), or one cell of a breakdown."""

    part: str = ""
    dimension: str = ""
    code: str = ""


@dataclass(frozen=True)
class Line:
    """One row. `number` is empty for what belongs to a restricted case; then nothing else is told either."""

    number: str
    at: datetime | None
    until: datetime | None
    kind: str
    level: str


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and how many it has in all."""

    lines: list[Line]
    total: int
    after: int | None


def rows(
    metric: str, period: Period, user: User, choice: Choice | None = None, skip: int = 0, cutoff: datetime | None = None
) -> Page:
    """The rows behind a figure, oldest first. Raises UnknownMetric, NoSuchList."""
    each, chosen, span = definitions.by_id(metric), choice or Choice(), window(period, cutoff or clock.now())
    _check(each, chosen)
    if each.unit in (Unit.COUNT, Unit.STOCK):
        found, total = _counted(each, chosen, span, skip)
    else:
        timed = _timed(each, chosen, span)
        found, total = timed[skip : skip + MOST], len(timed)
    after = skip + MOST if total > skip + MOST else None
    return Page(_described(found, user), total, after)


def _check(each: Definition, chosen: Choice) -> None:
    if chosen.part not in PARTS or (chosen.part and each.unit is not Unit.SHARE):
        raise NoSuchList(chosen.part)
    if chosen.dimension and chosen.dimension not in each.dimensions:
        raise NoSuchList(chosen.dimension)


def _counted(each: Definition, chosen: Choice, span: Window, skip: int) -> tuple[list[Timed], int]:
    found = _statement(each, span).subquery()
    wanted = select(found.c.subject, found.c.at)
    if chosen.dimension:
        wanted = wanted.where(func.coalesce(found.c[chosen.dimension], "") == chosen.code)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    page = wanted.order_by(found.c.at, found.c.subject).offset(skip).limit(MOST)
    return [Timed(row.subject, row.at, None) for row in session.execute(page)], total


def _statement(each: Definition, span: Window) -> Rows:
    return inside(STOCKS[each.id], span, span.ends) if each.unit is Unit.STOCK else FACTS[each.id].rows(span)


def _timed(each: Definition, chosen: Choice, span: Window) -> list[Timed]:
    if each.id in CANDIDATES:
        candidates = cohorts(span).of(each.id)
        return candidates if each.unit is not Unit.SHARE else _part(judge(each.rule, candidates, span.cutoff), chosen)
    if each.unit is Unit.SHARE:
        return _part(calls(span), chosen)
    pairs = lead_times(span) if each.id == "advisories.lead_time" else reactions(span)
    if chosen.dimension:
        pairs = [(timed, row) for timed, row in pairs if (getattr(row, chosen.dimension) or "") == chosen.code]
    return sorted((timed for timed, _row in pairs), key=lambda timed: (timed.begun, timed.subject))


def _part(judged: Judged | None, chosen: Choice) -> list[Timed]:
    return [] if judged is None else {MET: judged.met, MISSED: judged.missed, "": judged.all}[chosen.part]


def _described(found: Sequence[Timed], user: User) -> list[Line]:
    numbers = [each.subject for each in found]
    hidden, facts = _hidden(numbers, user), _facts(numbers)
    told = []
    for each in found:
        if each.subject in hidden:
            told.append(Line("", None, None, "", ""))
        else:
            kind, level = facts.get(each.subject, ("", ""))
            told.append(Line(each.subject, each.begun, each.stopped, kind, level))
    return sorted(told, key=lambda line: not line.number)  # their place would tell when the hidden ones began


def _hidden(numbers: list[str], user: User) -> set[str]:
    """What belongs to a restricted case that the person may not see: the case, its reports and its referrals."""
    secret, line = {str(each) for each in session.scalars(hidden_numbers(user))}, aliased(Event)
    referrals = select(line.subject, told(line, "case").label("case")).where(
        line.kind == "referral.sent", line.subject.in_(numbers)
    )
    found = {str(subject) for subject, of in session.execute(referrals) if of in secret}
    return secret | found


def _facts(numbers: list[str]) -> dict[str, tuple[str, str]]:
    """Kind and level as they are now."""
    line = aliased(Event)
    kinds = ("report.received", "case.opened", "case.kind_set", "case.level_set", "advisory.published")
    rows = select(line.subject, line.kind, line.data).where(line.subject.in_(numbers), line.kind.in_(kinds))
    found: dict[str, tuple[str, str]] = {}
    for subject, name, data in session.execute(rows.order_by(line.at, line.id)):
        kind, level = found.get(subject, ("", ""))
        kind = data["after"] if name == "case.kind_set" else data.get("kind", kind)
        found[subject] = kind, str(data["level"] or "none") if "level" in data else level
    return found
