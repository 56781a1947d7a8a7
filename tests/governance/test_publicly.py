"""Nobody is recognised in a public figure: small cells are left out, and cannot be worked out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.governance.figures import Figures, lines, measure
from cert_portal.governance.period import named
from cert_portal.governance.publicly import LEAST, is_small, published, suppressed
from cert_portal.governance.stocks import Balance
from tests.governance import busy
from tests.governance.record import case, days, report, say


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 12), max_size=8))
def test_no_hidden_cell_follows_from_the_total(table: dict[str, int]) -> None:
    total, shown = sum(table.values()), suppressed(dict(table))
    assert list(shown) == list(table)
    hidden = [table[code] for code, count in shown.items() if count is None]
    assert not [count for count in shown.values() if is_small(count)]
    assert all(count in (None, table[code]) for code, count in shown.items())
    if total >= LEAST and hidden:
        assert len(hidden) >= 2
        assert sum(hidden) >= LEAST, "as little as this would say who is behind it"


def test_the_smallest_neighbour_is_hidden_too() -> None:
    assert suppressed({"a": 3, "b": 100, "c": 20, "d": 0}) == {"a": None, "b": 100, "c": None, "d": 0}
    assert suppressed({"a": 1, "b": 1, "c": 7, "d": 9}) == {"a": None, "b": None, "c": None, "d": 9}
    assert suppressed({"a": 5, "b": 0}) == {"a": 5, "b": 0}


@pytest.mark.usefixtures("rules")
def test_small_totals_balances_and_names_of_bodies_are_left_out() -> None:
    busy.year(count=40)
    whole = measure(named("2026"), datetime(2026, 12, 30, tzinfo=UTC))
    public = published(whole)
    told = str(public.as_json())
    assert "organisation" not in told
    for name in ("isp A", "police B"):
        assert name not in told
    for each in public.metrics.values():
        assert each.hidden == is_small(whole[each.id].numerator if each.denominator is None else each.denominator) or (
            each.hidden and each.value is None
        )
        assert not [count for table in each.by.values() for count in table.values() if is_small(count)]
        assert not is_small(each.numerator) or each.denominator
    assert public.balances["cases.open"] is None or whole.balances["cases.open"]
    assert Figures.of_json(public.as_json()) == public
    assert published(public) == public


@pytest.mark.usefixtures("rules")
def test_a_small_total_hides_the_whole_table_and_a_balance_is_whole_or_not_at_all() -> None:
    for number in range(6):
        report(f"R{number}")
    case("C1")
    public = published(measure(named("2026"), days(1)))
    opened = public["cases.opened"]
    assert (opened.value, opened.numerator, opened.hidden) == (None, None, True)
    assert opened.by["kind"] == {"phishing": None}
    assert public.balances["cases.open"] is None
    assert public.balances["reports.waiting"] == Balance(
        0, {"new": 6, "returned": 0}, {"attached": 0, "refused": 0, "referred_elsewhere": 0}, 6
    )
    table = list(lines(public))
    assert ["cases.opened", 2, "count", "", "", None, None, None, None, "not_shown"] in table
    assert ["cases.opened", 2, "count", "kind", "phishing", None, None, None, None, "not_shown"] in table
    say("report.refused", "R1", days(0.5), reason="spam")
    assert published(measure(named("2026"), days(1))).balances["reports.waiting"] is None
