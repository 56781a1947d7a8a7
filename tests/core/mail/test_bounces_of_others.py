"""Real delivery reports, read by us, by Sisimai and by flufl.bounce: what we say, one of them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import bounces

pytestmark = pytest.mark.skipif(
    not (bounces.REPORTS.is_dir() and Path("/usr/share/perl5/Sisimai.pm").exists()), reason="no reports or no Sisimai"
)
_NOT_KNOWN_TO_IT = "written by DragonFly's mail agent, which neither of them knows in the version we have"
RIGHT = {
    **{f"lhost-dragonfly-{number}.eml": _NOT_KNOWN_TO_IT for number in ("04", "09", "14", "19", "24", "29")},
    "lhost-postfix-80.eml": "the sender's domain is on a block list: the address is good, though the code is 5.1.0",
    "lhost-x1-02.eml": "says 'User unknown', without a code",
    "rfc3464-28.eml": "the file holds a second report behind the first, which is about the other address",
}
"""Where nobody agrees with us and we are right."""


def test_we_read_delivery_reports_as_others_do() -> None:
    found = bounces.compare()
    verdict = [each for each in found if each.same_verdict or each.name in RIGHT]
    who = [each for each in found if each.same_who or each.name in RIGHT]
    assert len(found) > 100
    assert len(verdict) >= 0.95 * len(found)
    assert len(who) >= 0.95 * len(found)


def test_every_exception_is_one() -> None:
    apart = {each.name for each in bounces.compare() if not (each.same_verdict and each.same_who)}
    assert set(RIGHT) <= apart
