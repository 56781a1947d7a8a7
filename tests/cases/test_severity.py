"""The level rules, cell by cell."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.cases.severity import NO_EFFECT, RULES, Halt, Impact, Leak, Outage, Tampering, Verdict, decide, table


def stopped(what: Halt, tolerable: float, expected: float) -> Impact:
    return Impact(halted=what, tolerable_hours=tolerable, expected_hours=expected)


CELLS = [
    (Impact(leaked=Leak.STATE_SECRET), 4, "c4_state_secret"),
    (Impact(leaked=Leak.SENSITIVE), 3, "c3_sensitive"),
    (Impact(leaked=Leak.CORE), 2, "c2_core"),
    (Impact(leaked=Leak.NON_CORE), 1, "c1_non_core"),
    (Impact(tampered=Tampering.CII), 4, "i4_cii"),
    (Impact(tampered=Tampering.CORE_SERIOUS), 3, "i3_core_serious"),
    (Impact(tampered=Tampering.CORE_SLIGHT), 2, "i2_core_slight"),
    (Impact(tampered=Tampering.NON_CORE), 1, "i1_non_core"),
    (stopped(Halt.CII, 4, 8), 4, "a4_cii_beyond"),
    (stopped(Halt.CORE, 4, 8), 3, "a3_core_beyond"),
    (stopped(Halt.CORE, 8, 4), 2, "a2_core_within"),
    (stopped(Halt.NON_CORE, 8, 4), 1, "a1_non_core_within"),
]
GAPS = [
    (stopped(Halt.CII, 8, 4), Verdict(3, "a3_cii_within", "cii_recovered")),
    (stopped(Halt.NON_CORE, 4, 8), Verdict(1, "a1_non_core_beyond", "non_core_long")),
    (Impact(leaked=Leak.PERSONAL), Verdict(3, "c3_personal", "personal_as_sensitive")),
    (Impact(), NO_EFFECT),
]


@pytest.mark.parametrize(("impact", "level", "rule"), CELLS)
def test_each_cell_of_the_table(impact: Impact, level: int, rule: str) -> None:
    assert decide(impact) == Verdict(level, rule, "")


@pytest.mark.parametrize(("impact", "verdict"), GAPS)
def test_each_gap_that_the_source_leaves(impact: Impact, verdict: Verdict) -> None:
    assert decide(impact) == verdict


@pytest.mark.parametrize(("halted", "level"), [(Halt.CII, 4), (Halt.CORE, 3), (Halt.NON_CORE, 1)])
def test_an_unknown_outage_counts_as_too_long_and_says_so(halted: Halt, level: int) -> None:
    verdict = decide(Impact(halted=halted, tolerable_hours=4))
    assert (verdict.level, verdict.flag) == (level, "outage_unknown")


def test_exactly_the_tolerable_time_is_within_it() -> None:
    assert Impact(tolerable_hours=4, expected_hours=4).outage is Outage.WITHIN


def test_the_highest_line_wins() -> None:
    assert decide(Impact(Leak.NON_CORE, Tampering.CORE_SERIOUS, Halt.CORE, 8, 4)).rule == "i3_core_serious"


def test_the_lines_stand_in_order_and_codes_are_used_once() -> None:
    levels = [rule.level or 0 for rule in RULES]
    assert levels == sorted(levels, reverse=True)
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_answers_survive_storage() -> None:
    impact = Impact(Leak.CORE, Tampering.CII, Halt.CORE, 1.5, None)
    assert Impact.of_json(impact.as_json()) == impact
    assert Impact.of_json({}) == Impact()


def test_the_table_of_the_manual_has_every_rule() -> None:
    assert all(f"`{rule.code}`" in table() for rule in RULES)


hours = st.none() | st.floats(0, 100)
impacts = st.builds(Impact, st.sampled_from(Leak), st.sampled_from(Tampering), st.sampled_from(Halt), hours, hours)


def level(impact: Impact) -> int:
    return decide(impact).level or 0


def worse(impact: Impact) -> list[Impact]:
    """The same with one more harm."""
    facts = (impact.leaked, impact.tampered, impact.halted, impact.tolerable_hours, impact.expected_hours)
    leaked, tampered, halted, tolerable, expected = facts
    found = [Impact(more, *facts[1:]) for less, more in pairwise(Leak) if less is leaked]
    found += [Impact(leaked, more, *facts[2:]) for less, more in pairwise(Tampering) if less is tampered]
    found += [Impact(leaked, tampered, more, *facts[3:]) for less, more in pairwise(Halt) if less is halted]
    if expected is not None and tolerable is not None:
        found.append(Impact(leaked, tampered, halted, tolerable, expected + 10))
        found.append(Impact(leaked, tampered, halted, tolerable / 2, expected))
        found.append(Impact(leaked, tampered, halted, tolerable, None))
    return found


@given(impacts)
def test_more_harm_never_lowers_the_level(impact: Impact) -> None:
    assert all(level(each) >= level(impact) for each in worse(impact))
