"""Real delivery reports, read by us, by Sisimai and by flufl.bounce: what we say, one of them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import bounces

pytestmark = pytest.mark.skipif(
    not (bounces.REPORTS.is_dir() and Path("/usr/share/perl5/Sisimai.pm").exists()), reason="no reports or no Sisimai"
)
UNREAD = frozenset(f"lhost-dragonfly-{number}.eml" for number in ("04", "09", "14", "19", "24", "29"))
"""Written by DragonFly's mail agent: flufl.bounce and Sisimai 4 find nothing in them, though each names who failed and
why. Sisimai 5 reads them as we do."""


def test_we_read_delivery_reports_as_others_do() -> None:
    exceptions = UNREAD if bounces.sisimai_version().startswith("4.") else frozenset()
    found = bounces.compare()
    verdict = [each for each in found if each.same_verdict or each.name in exceptions]
    who = [each for each in found if each.same_who or each.name in exceptions]
    assert len(found) > 100
    assert len(verdict) >= 0.95 * len(found)
    assert len(who) >= 0.95 * len(found)


def test_what_we_read_in_those_that_sisimai_4_does_not_read() -> None:
    ours = {each.name.split("-")[2][:2]: each.ours for each in bounces.compare() if each.name in UNREAD}
    hard = [number for number, reading in ours.items() if reading.verdicts == {"hard"}]
    assert hard == ["04", "09", "24"]
    assert all(len(reading.who) == 1 for reading in ours.values())
