"""Numbers: one wrong digit is noticed, any spelling is understood, merges are followed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import clock, numbers
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind


def test_serials_count_per_kind_and_year_of_the_portals_zone(context: Flask) -> None:
    with clock.turned_to(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)):
        assert numbers.issue(NumberKind.REPORT).startswith("R26-000001-")
        assert numbers.issue(NumberKind.REPORT).startswith("R26-000002-")
        assert numbers.issue(NumberKind.CASE).startswith("C26-000001-")
    with clock.turned_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)):
        assert numbers.issue(NumberKind.REPORT).startswith("R27-000001-")


def test_known_check_digits() -> None:
    assert numbers.normalise("R26-000417-0") == "R26-000417-0"
    assert numbers.normalise("c26 000123 5") == "C26-000123-5"
    assert numbers.normalise("Ｒ２６—０００４１７—０") == "R26-000417-0"  # full width, as phones type it
    assert numbers.normalise("R26-000417-1") is None
    assert numbers.normalise("hello") is None
    assert numbers.normalise("X26-000417-0") is None


@given(digit=st.integers(0, 8), value=st.integers(0, 9))
def test_one_mistyped_digit_is_noticed(digit: int, value: int) -> None:
    digits = list("260004170")
    if digits[digit] != str(value):
        digits[digit] = str(value)
        assert numbers.normalise("R" + "".join(digits)) is None


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("C26-48", "C26-000048-"),
        ("#R26-417", "R26-000417-0"),
        ("r26-417", "R26-000417-0"),
        ("Ｒ２６—０００４１７", "R26-000417-0"),
        ("N26 000417", "N26-000417-0"),
        ("R26000417", "R26-000417-0"),
    ],
)
def test_a_number_may_lack_its_check_digit(told: str, meant: str) -> None:
    found = numbers.complete(told)
    assert found is not None
    assert found.startswith(meant)
    assert numbers.normalise(found) == found


@pytest.mark.parametrize(
    "told", ["R26-000417-0", "R26-000417-1", "R260004171", "R26-0004171", "X26-48", "R26", "R26-", "bank", "R26-48 x"]
)
def test_a_whole_number_and_a_wrong_digit_are_not_taken_for_one_without(told: str) -> None:
    assert numbers.complete(told) is None


def test_numbers_in_a_box_may_lack_their_check_digits_and_the_rest_is_told() -> None:
    found, rest = numbers.typed("C26-000048-?, r26-417；C26-48\nc26 000049 R26-000417-0 R26-000417-3 C26-48-x")
    assert [each[:10] for each in found] == ["R26-000417", "C26-000048", "C26-000049"]
    assert rest == ["C26-000048-?", "R26-000417-3", "C26-48-X"]


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("R26-000417-3", "R26-000417"),
        ("r26 000417 3", "R26-000417"),
        ("R26-000417-0", ""),
        ("R26-000417", ""),
        ("R26-000417-3 x", ""),
        ("bank", ""),
    ],
)
def test_a_wrong_digit_is_told(told: str, meant: str) -> None:
    assert numbers.mistyped(told) == meant


def test_numbers_are_found_in_text() -> None:
    words = "Re: [R26-000417-0] and c26-000123-5, R26\u2011000417\u20110 again, but not R26-000417-3 or BR26-000417-0"
    assert numbers.find_in(words) == ["R26-000417-0", "C26-000123-5"]


def test_merged_numbers_go_on_resolving(context: Flask) -> None:
    numbers.assign("R26-000001-1", 7)
    numbers.assign("R26-000002-2", 8)
    session.flush()
    session.get_one(numbers.Number, "R26-000002-2").merged_into = "R26-000001-1"
    assert numbers.resolve("R26-000002-2") == (NumberKind.REPORT, 7)
    assert numbers.resolve("R26-000003-3") is None
    session.get_one(numbers.Number, "R26-000001-1").merged_into = "R26-000002-2"
    assert numbers.resolve("R26-000001-1") is not None  # a circle ends


@pytest.mark.usefixtures("context")
def test_a_serial_alone_stands_for_the_numbers_of_this_year() -> None:
    with clock.turned_to(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)):
        assert [each[:10] for each in numbers.of_this_year(" #77")] == ["R27-000077", "C27-000077", "N27-000077"]
    for told in ("0", "1234567", "٣", "7 7", "R77", ""):
        assert numbers.of_this_year(told) == [], told
