"""Telephone numbers in one spelling, and numbers read out."""

from __future__ import annotations

import pytest

from cert_portal.core.i18n import Language
from cert_portal.core.spoken import read_out
from cert_portal.core.telephone import key


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("2345 6789", "85223456789"),
        ("+852-2345-6789", "85223456789"),
        ("(852) 2345 6789 ext. 12", "85223456789"),
        ("００８５２ ２３４５６７８９", "85223456789"),
        ("2345 6789 內線 3", "85223456789"),
        ("+44 20 7946 0000", "442079460000"),
        ("+12345678", "12345678"),
        ("999", ""),
        ("PARCEL", ""),
        ("1" * 21, ""),
        ("", ""),
    ],
)
def test_one_spelling(told: str, found: str) -> None:
    assert key(told) == found


def test_the_number_is_read_digit_by_digit_with_its_check_digit() -> None:
    english = read_out("R26-000417-0", Language.EN)
    assert english == "R two six, zero zero zero, four one seven, check digit zero"
    chinese = read_out("R26-000417-0", Language.ZH_HANT)
    assert chinese == "R　二　六，零　零　零，四　一　七，檢查碼　零"
