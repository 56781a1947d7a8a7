"""Charts as inline SVG, drawn here and nowhere else. Never without words: each has a name, and a table beside it.

Colours are attributes, so that paper has them too, and classes, so that a style sheet can change them in the dark. Two
series differ in more than colour: filled and outlined columns, whole and broken lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

INK, FILL, PALE, GRID, AMBER, TRACK = "#16262c", "#0a4a57", "#dbe9e8", "#d3dedd", "#b26a00", "#e3ecec"
DASHES = ("", "7 4", "2 4")
FILLS = (FILL, "#4d8a92", AMBER)
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 260, 46, 30, 14
FONTS = "Noto Sans CJK HK, Noto Sans HK, sans-serif"
"""For paper, where no style sheet reaches into a drawing."""


@dataclass(frozen=True)
class Series:
    """Numbers in a row; None leaves a gap (a number that is not shown)."""

    name: str
    values: Sequence[float | None]


def bar(value: float | None, most: float) -> Markup:
    """A bar beside its number in a table; the number is the text, the bar only helps the eye."""
    share = 100 * (value or 0) / most if most else 0
    drawn = _rect("fig-track", 0, 0, 100, 10, TRACK) + _rect("fig-fill", 0, 0, share, 10, FILL)
    return _svg("fig-bar", (100, 10), drawn, size=(120, 10))


def gauge(share: float | None, target: float) -> Markup:
    """A share on its way from nothing to all, and a mark where the target is; the numbers stand beside it."""
    tone = "fig-fill" if share is None or share >= target else "fig-fill fig-fill--late"
    drawn = _rect("fig-track", 0, 4, 100, 8, TRACK) + _rect(tone, 0, 4, 100 * (share or 0), 8, FILL)
    return _svg(
        "fig-gauge", (100, 16), drawn + _rect("fig-mark", min(100 * target, 99) - 0.5, 0, 1, 16, INK), (200, 16)
    )


def spark(values: Sequence[float | None]) -> Markup:
    """Small columns under a big number; the same months stand in the chart of the page."""
    most, step = _top(values), 120 / max(len(values), 1)
    heights = [30 * (value or 0) / most for value in values]
    drawn = [_rect("fig-fill", n * step, 30 - high, step * 0.7, high, FILL) for n, high in enumerate(heights)]
    return _svg("fig-spark", (120, 31), "".join(drawn) + _rect("fig-axis", 0, 30, 120, 1, GRID), (120, 31))


def lines(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Several rows of numbers over the same months; nothing where no number may be shown."""
    if _is_blank(series):
        return Markup()
    most = _top([value for each in series for value in each.values])
    drawn = [_line(number, each, most) for number, each in enumerate(series)]
    return _chart(title, labels, most, "".join(drawn), "".join(_key(n, each.name) for n, each in enumerate(series)))


def columns(title: str, labels: Sequence[str], now: Series, before: Series | None = None) -> Markup:
    """Columns by month, with those of the year before, outlined, beside them; nothing where nothing may be shown."""
    rows = [each for each in (before, now) if each]
    if _is_blank(rows):
        return Markup()
    most, step = _top([value for each in rows for value in each.values]), _step(labels)
    wide = step * 0.72 / len(rows)
    drawn = []
    for number, each in enumerate(rows):
        for place, value in enumerate(each.values):
            left, top = LEFT + place * step + step * 0.14 + number * wide, _y(value or 0, most)
            drawn.append(_filled(each is now, left, top, wide * 0.92, HEIGHT - BOTTOM - top))
    keys = [_square(number, each.name, each is now) for number, each in enumerate(rows)] if before else []
    return _chart(title, labels, most, "".join(drawn), "".join(keys))


def _line(number: int, each: Series, most: float) -> str:
    """A line that breaks where a number is not shown: what lies between is not known, so nothing is drawn there."""
    step, colour = _step(each.values), FILLS[number % 3]
    known = [(place, value) for place, value in enumerate(each.values) if value is not None]
    points = {place: (LEFT + place * step + step / 2, _y(value, most)) for place, value in known}
    look = f'class="fig-line fig-line--{number % 3}" stroke="{colour}" stroke-dasharray="{DASHES[number % 3]}"'
    drawn = [
        f'<line {look} x1="{x:.1f}" y1="{y:.1f}" x2="{points[place + 1][0]:.1f}" y2="{points[place + 1][1]:.1f}"'
        ' stroke-width="2.5"/>'
        for place, (x, y) in points.items()
        if place + 1 in points
    ]
    dots = [
        f'<circle class="fig-dot fig-dot--{number % 3}" cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
        for x, y in points.values()
    ]
    return "".join(drawn + dots)


def _chart(title: str, labels: Sequence[str], most: float, drawn: str, keys: str) -> Markup:
    step = _step(labels)
    names = [
        _text(LEFT + place * step + step / 2, HEIGHT - 10, label, "middle", 13) for place, label in enumerate(labels)
    ]
    whole = _grid(most) + "".join(names) + drawn + keys
    size = (WIDTH, HEIGHT + (26 if keys else 0))
    return _svg("fig-chart", size, whole, size, title)


def _grid(most: float) -> str:
    found = []
    for value in (most * part / 4 for part in range(5)):
        y = _y(value, most)
        found.append(f'<line class="fig-rule" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        found.append(_text(LEFT - 8, y + 4, f"{value:,.0f}", "end", 13))
    return "".join(found)


def _key(number: int, name: str) -> str:
    x, y, colour = LEFT + number * 230, HEIGHT + 12, FILLS[number % 3]
    return (
        f'<line class="fig-line fig-line--{number % 3}" x1="{x}" x2="{x + 30}" y1="{y}" y2="{y}" stroke="{colour}"'
        f' stroke-width="2.5" stroke-dasharray="{DASHES[number % 3]}"/>'
        f'<circle class="fig-dot fig-dot--{number % 3}" cx="{x + 15}" cy="{y}" r="3.5" fill="{colour}"/>'
    ) + _text(x + 38, y + 5, name, "start", 14)


def _square(number: int, name: str, filled: bool) -> str:
    x, y = LEFT + number * 150, HEIGHT + 4
    return _filled(filled, x, y, 16, 14) + _text(x + 24, y + 12, name, "start", 14)


def _filled(filled: bool, x: float, y: float, wide: float, high: float) -> str:
    look = ("fig-fill", FILL) if filled else ("fig-pale", PALE)
    return _rect(look[0], x, y, wide, high, look[1], FILL)


def _rect(name: str, x: float, y: float, wide: float, high: float, fill: str, stroke: str = "none") -> str:
    place = f'x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{high:.2f}"'
    return f'<rect class="{name}" {place} fill="{fill}" stroke="{stroke}"/>'


def _text(x: float, y: float, words: str, anchor: str, size: int) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text class="fig-text" {place} font-family="{FONTS}" fill="{INK}">{escape(words)}</text>'


def _svg(name: str, view: tuple[int, int], drawn: str, size: tuple[int, int], title: str = "") -> Markup:
    """An image with a name, or, without one, an ornament that screen readers pass over and that may be stretched."""
    role = f'role="img" aria-label="{escape(title)}"'
    if not title:
        role = 'aria-hidden="true" focusable="false" preserveAspectRatio="none"'
    place = f'viewBox="0 0 {view[0]} {view[1]}" width="{size[0]}" height="{size[1]}"'
    return Markup(f'<svg class="{name}" {place} {role}>{drawn}</svg>')  # noqa: S704  # every word in it is escaped


def _is_blank(series: Sequence[Series]) -> bool:
    return not any(value for each in series for value in each.values)


def _step(labels: Sequence[object]) -> float:
    return (WIDTH - LEFT) / max(len(labels), 1)


def _y(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most


def _top(values: Sequence[float | None]) -> float:
    """A round number at or above all of them that four can divide."""
    most, size = max([value or 0 for value in values], default=0), 4
    while size < most:
        size = next((size * step for step in (2, 5) if size * step >= most), size * 10)
    return size
