"""Dates and times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from cert_portal.web.forms.moments import Moment, MomentError, read_moment

ZONE, NOW = ZoneInfo("Asia/Hong_Kong"), datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


def read(typed: str, precision: str = "") -> Moment:
    """Read "day month year time"."""
    boxes = dict(zip(("day", "month", "year", "time"), typed.split("/"), strict=False))
    return read_moment({**boxes, "precision": precision}, ZONE, NOW)


@pytest.fixture(autouse=True)
def _words(app: Flask) -> object:
    with app.test_request_context("/en/"):
        yield


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        ("3/5/2026/14:30", datetime(2026, 5, 3, 6, 30, tzinfo=UTC)),
        ("3/5/2026/1430", datetime(2026, 5, 3, 6, 30, tzinfo=UTC)),
        ("3/5/2026/2.30 PM", datetime(2026, 5, 3, 6, 30, tzinfo=UTC)),
        ("3/5/2026/12 am", datetime(2026, 5, 2, 16, 0, tzinfo=UTC)),
        ("3/5/2026/14時30分", datetime(2026, 5, 3, 6, 30, tzinfo=UTC)),
        ("３/５/２０２６/9", datetime(2026, 5, 3, 1, 0, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_written(typed: str, utc: datetime) -> None:
    assert read(typed).at == utc


def test_precision_follows_what_is_known() -> None:
    assert read("") == Moment()
    assert read("3/5/2026").precision == "approximate"
    assert read("3/5/2026/9:00").precision == "exact"
    assert read("3/5/2026/9:00", "approximate").precision == "approximate"
    assert read("3/5/2026/9:00", "unknown").precision == "approximate"


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("/5/2026", "day"),
        ("3//2026", "month"),
        ("3/5/", "year"),
        ("x/5/2026", "day"),
        ("31/2/2026", "day"),
        ("3/5/0", "year"),
        ("3/5/0000", "year"),
        ("3/5/26", "year"),
        ("3/5/20261", "year"),
        ("5/5/2026", "day"),
        ("3/5/2026/25:00", "time"),
        ("3/5/2026/noon", "time"),
        ("3/5/2026/25 pm", "time"),
    ],
)
def test_what_is_no_time_points_to_its_box(typed: str, part: str) -> None:
    with pytest.raises(MomentError) as error:
        read(typed)
    assert error.value.part == part


def test_order_is_judged_by_day_unless_both_have_a_time() -> None:
    assert read("2/5/2026").is_before(read("3/5/2026/9:00"))
    assert not read("3/5/2026").is_before(read("3/5/2026/9:00"))
    assert read("3/5/2026/8:00").is_before(read("3/5/2026/9:00"))
    assert not read("").is_before(read("3/5/2026"))
