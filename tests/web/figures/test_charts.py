"""Charts: every number is drawn in proportion, every word is escaped, nothing needs a style or a colour alone."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from cert_portal.web.figures import charts
from cert_portal.web.figures.charts import Series

MONTHS = ["Jan", "Feb", "Mar"]


def numbers(svg: Markup, name: str, attribute: str) -> list[float]:
    root = ElementTree.fromstring(svg)  # our own
    return [float(each.attrib[attribute]) for each in root.iter() if name in each.attrib.get("class", "").split()]


def test_bars_and_gauges_are_in_proportion() -> None:
    assert numbers(charts.bar(5, 20), "fig-fill", "width") == [25]
    assert numbers(charts.bar(None, 0), "fig-fill", "width") == [0]
    assert numbers(charts.gauge(0.5, 0.9), "fig-fill", "width") == [50]
    assert numbers(charts.gauge(0.5, 0.9), "fig-mark", "x") == [89.5]
    assert "fig-fill--late" in charts.gauge(0.5, 0.9)
    assert "fig-fill--late" not in charts.gauge(0.9, 0.9)
    assert "fig-fill--late" not in charts.gauge(None, 0.9)
    assert numbers(charts.gauge(None, 1), "fig-mark", "x") == [98.5]


def test_columns_stand_on_the_ground_and_have_the_year_before_beside_them() -> None:
    svg = charts.columns("Cases", MONTHS, Series("2026", [4, 8, None]), Series("2025", [2, 0, 1]))
    high, top = numbers(svg, "fig-fill", "height"), numbers(svg, "fig-fill", "y")
    assert high[1] == pytest.approx(2 * high[0], abs=0.1)
    assert high[2] == 0
    assert high[0] + top[0] == charts.HEIGHT - charts.BOTTOM
    assert len(numbers(svg, "fig-pale", "height")) == 4
    alone = charts.columns("Cases", MONTHS, Series("2026", [4, 8, 1]))
    assert numbers(alone, "fig-pale", "height") == []


def test_lines_differ_in_more_than_colour_and_leave_gaps() -> None:
    svg = charts.lines("All", MONTHS, [Series("a", [1, None, 3]), Series("b", [1, 2, 3]), Series("c", [None, 0, 0])])
    assert set(re.findall(r'stroke-dasharray="([^"]*)"', svg)) == set(charts.DASHES)
    drawn = [numbers(svg, f"fig-line--{number}", "x1") for number in range(3)]
    assert [len(each) - 1 for each in drawn] == [0, 2, 1], "a key each, and no line over a month that is not shown"
    assert svg.count("fig-dot--0") == 2 + 1
    assert svg.count("fig-dot--2") == 2 + 1
    assert 'role="img" aria-label="All"' in svg


def test_a_chart_without_a_number_is_none() -> None:
    assert charts.lines("All", MONTHS, [Series("a", [None, None, 0])]) == ""
    assert charts.columns("All", MONTHS, Series("a", [None, 0, 0]), Series("b", [None, None, None])) == ""


def test_the_axis_ends_at_a_round_number() -> None:
    assert [charts._top([value]) for value in (0, 3, 4, 5, 9, 21, 40, 41, 201, 3999)] == [
        *(4, 4, 4, 8, 20, 40, 40, 80, 400, 4000),
    ]
    assert charts._top([]) == 4


def test_sparks_are_ornaments() -> None:
    svg = charts.spark([1, 2, None])
    assert 'aria-hidden="true"' in svg
    assert numbers(svg, "fig-fill", "height") == [7.5, 15, 0]
    assert charts.spark([])


def test_words_are_escaped_and_no_style_is_used() -> None:
    svg = charts.lines('"><script>', ["<b>"], [Series("<i>", [1])])
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "<i>" not in svg
    assert "style=" not in svg
