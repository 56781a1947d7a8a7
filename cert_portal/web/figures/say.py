"""How figures are said: the same numbers in both languages, months, names of codes, change on the year before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _

from cert_portal.config import current
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.directory.parties import Organisation
from cert_portal.governance import definitions
from cert_portal.governance.definitions import Definition
from cert_portal.governance.figures import Figure
from cert_portal.governance.publicly import LEAST
from cert_portal.guidance.kinds import UnknownKind, by_code
from cert_portal.web.figures.words import CODES, DIMENSIONS

NOTHING = "–"


def language() -> Language:
    """The language in force, also inside `force_locale`."""
    return Language.ZH_HANT if str(get_locale()).startswith("zh") else Language.EN


def define(metric: str) -> Definition:
    """The definition of a metric."""
    return definitions.by_id(metric)


def name(metric: str) -> str:
    """What a metric is called."""
    return define(metric).names[language()]


def caption(metric: str, dimension: str) -> str:
    """The heading of a breakdown: cases opened: by kind."""
    how = str(DIMENSIONS[dimension])
    return f"{name(metric)}：{how}" if language() is Language.ZH_HANT else f"{name(metric)}: {how.lower()}"


def count(number: float | None) -> str:
    """A count, or that it is too small to be shown."""
    return _("under %(least)s", least=LEAST) if number is None else f"{number:,.0f}"


def value(figure: Figure) -> str:
    """A figure with its unit."""
    if not figure.measured:
        return _("not measured")
    if figure.hidden:
        return count(None)
    if figure.value is None:
        return NOTHING
    if figure.unit == "share":
        return f"{figure.value:.1%}"
    if figure.unit in ("hours", "days"):
        return span(figure.value, figure.unit)
    return count(figure.value)


def span(number: float | None, unit: str) -> str:
    """A median with its unit."""
    if number is None:
        return NOTHING
    told = f"{number:,.1f}"
    return _("%(number)s hours", number=told) if unit == "hours" else _("%(number)s days", number=told)


def code(dimension: str, told: str) -> str:
    """What a code is called; an unknown one as it is, an empty one "not told"."""
    if not told:
        return _("Not told")
    if dimension == "month":
        return month(told)
    if dimension == "kind":
        return _kind(told)
    if dimension == "organisation":
        found = session.get(Organisation, int(told)) if told.isascii() and told.isdigit() else None
        return found.name(language()) if found else told
    return str(CODES.get(dimension, {}).get(told, told))


def month(told: str) -> str:
    """May 2026."""
    return format_date(date.fromisoformat(f"{told}-01"), "y年M月" if language() is Language.ZH_HANT else "MMM y")


def short_month(told: str) -> str:
    """May, under a column."""
    return format_date(date.fromisoformat(f"{told}-01"), "M月" if language() is Language.ZH_HANT else "MMM")


def day(told: str | date) -> str:
    """4 May 2026."""
    at = date.fromisoformat(told) if isinstance(told, str) else told
    return format_date(at, "y年M月d日" if language() is Language.ZH_HANT else "d MMM y")


def moment(told: str | datetime) -> str:
    """4 May 2026 10:00 (HKT)."""
    at = datetime.fromisoformat(told) if isinstance(told, str) else told
    zone = at.astimezone(current().zone).tzname()
    if language() is Language.ZH_HANT:
        return f"{format_datetime(at, 'y年M月d日 HH:mm')}（{zone}）"
    return f"{format_datetime(at, 'd MMM y HH:mm')} ({zone})"


def change(now: Figure, before: Figure) -> str:
    """How a count differs from that of the year before: +12.5%; nothing where it cannot be said."""
    if not now.value or not before.value:
        return NOTHING
    return f"{(now.value - before.value) / before.value:+.1%}".replace("-", "−")


def ordered(dimension: str, table: Mapping[str, int | None]) -> list[tuple[str, int | None]]:
    """The lines of a breakdown: months and levels in their order, others the largest first."""
    lines = list(table.items())
    if dimension in ("month", "level"):
        return lines
    return sorted(lines, key=lambda line: (line[1] is None, -(line[1] or 0), line[0]))


def share(part: int | None, whole: float | None) -> str:
    """A part of a whole in per cent."""
    return NOTHING if part is None or not whole else f"{part / whole:.1%}"


def _kind(told: str) -> str:
    try:
        return by_code(told).name(language())
    except UnknownKind:
        return told


def table(dimension: str, figure: Figure) -> dict[str, Any]:
    """What a template needs for one breakdown."""
    lines = ordered(dimension, figure.by[dimension])
    return {"lines": lines, "most": max((line[1] or 0 for line in lines), default=0), "whole": figure.value}
