"""Hard or soft: what delivery reports say, standard and not."""

from __future__ import annotations

import pytest

from cert_portal.core.mail.bounce import Verdict, verdict


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (b"Action: failed\nStatus: 5.1.1\n", Verdict.HARD),
        (b"Action: failed\nStatus: 4.2.2\n", Verdict.SOFT),
        (b"Action: delayed\nStatus: 4.4.1\n", Verdict.SOFT),
        (b"Action: delivered\nStatus: 2.0.0\n", Verdict.DELIVERED),
        (b"Action: failed\nStatus: 2.0.0\n", Verdict.DELIVERED),
        (b"The server said: 550 5.1.1 no mailbox here", Verdict.HARD),
        (b"The server said: 452 4.2.2 over quota", Verdict.SOFT),
        (b"reason: #5.1.0 address unknown and 5.1.0 again", Verdict.HARD),
        (b"This is about <x@y>: User unknown", Verdict.HARD),
        (b"Something went wrong on 2026-05-05 at 10.5.1.1", Verdict.SOFT),
    ],
)
def test_what_a_report_says(told: bytes, expected: Verdict) -> None:
    assert verdict(b"Subject: returned mail\n\n" + told) == expected
