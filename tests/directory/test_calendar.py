"""Holidays and clock rules."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.directory import calendar
from cert_portal.directory.calendar import SettingRefused
from cert_portal.directory.models import ClockRule

pytestmark = pytest.mark.usefixtures("context")
NOW = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # 2027 in Hong Kong


def test_the_seed_holds_fixed_days_of_two_years_and_runs_twice() -> None:
    with clock.turned_to(NOW):
        calendar.seed()
        calendar.seed()
    days = calendar.holidays()
    assert {date(2027, 1, 1), date(2028, 12, 26), date(2027, 10, 1)} <= days
    assert len(days) == len(calendar.listed()) == 12
    assert [rule.code for rule in calendar.rules()] == sorted(rule[0] for rule in calendar.RULES)


def test_a_rule_that_is_off_or_unknown_is_none() -> None:
    calendar.seed()
    first = calendar.rule("first_response")
    assert first is not None
    assert (first.amount, first.unit) == (1, "working_days")
    assert calendar.rule("containment_short") is None
    assert calendar.rule("tea_time") is None


def test_holidays_are_pasted_and_each_is_an_event() -> None:
    pasted = "2026-04-03; Good Friday; 耶穌受難節\n\n2026-04-06；Ching Ming；清明節\n"
    assert calendar.import_holidays(pasted, "user:1") == 2
    calendar.import_holidays("2026-04-03; Good Friday (again); 耶穌受難節", "user:1")
    calendar.remove_holiday(date(2026, 4, 6), "user:1")
    calendar.remove_holiday(date(2026, 4, 6), "user:1")
    assert [each.name_en for each in calendar.listed()] == ["Good Friday (again)"]
    events = of_subjects(["setting:holiday"])
    assert [(each.data["before"], each.data["after"]) for each in events] == [
        ({}, first := {"name_en": "Good Friday", "name_zh_hant": "耶穌受難節"}),
        ({}, second := {"name_en": "Ching Ming", "name_zh_hant": "清明節"}),
        (first, {**first, "name_en": "Good Friday (again)"}),
        (second, {}),
    ]


@pytest.mark.parametrize(
    ("pasted", "reason", "line"),
    [
        (" \n", "no_line", 0),
        ("2026-04-03; Good Friday; 耶穌受難節\n2026-02-30; x; y", "bad_line", 2),
        ("0026-04-03; Good Friday; 耶穌受難節", "bad_line", 1),
        ("2026-04-03; Good Friday", "bad_line", 1),
        ("2026-04-03; ; y", "bad_line", 1),
    ],
)
def test_a_wrong_line_stores_nothing(pasted: str, reason: str, line: int) -> None:
    with pytest.raises(SettingRefused) as refused:
        calendar.import_holidays(pasted, "user:1")
    assert (refused.value.reason, refused.value.line) == (reason, line)
    assert calendar.listed() == []


def test_a_rule_is_changed_and_recorded() -> None:
    calendar.seed()
    calendar.change_rule("first_response", 4, "hours", 0.5, True, "user:1")
    rule = session.get_one(ClockRule, "first_response")
    assert (rule.amount, rule.unit, rule.warn_fraction) == (4, "hours", 0.5)
    event = of_subjects(["setting:clock"])[0]
    assert event.data["before"] == {"amount": 1, "unit": "working_days", "warn_fraction": 0.25, "enabled": True}
    calendar.change_rule("first_response", 4, "hours", 0.5, False, "user:1")
    assert calendar.rule("first_response") is None


@pytest.mark.parametrize(
    ("code", "amount", "unit", "warn", "reason"),
    [
        ("tea_time", 1, "hours", 0.2, "no_rule"),
        ("resolution", 0, "hours", 0.2, "bad_amount"),
        ("resolution", 1, "years", 0.2, "bad_amount"),
        ("resolution", 1, "days", 1.0, "bad_amount"),
    ],
)
def test_nonsense_is_refused(code: str, amount: int, unit: str, warn: float, reason: str) -> None:
    calendar.seed()
    with pytest.raises(SettingRefused) as refused:
        calendar.change_rule(code, amount, unit, warn, True, "user:1")
    assert refused.value.reason == reason
