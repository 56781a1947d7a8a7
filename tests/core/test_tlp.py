"""Labels of the Traffic Light Protocol in the subjects of others."""

from __future__ import annotations

import pytest

from cert_portal.core.tlp import narrowest, unlabelled


@pytest.mark.parametrize(
    ("told", "bare"),
    [
        ("[TLP:AMBER] Intrusion", "Intrusion"),
        ("Re: (tlp: amber+strict) Intrusion", "Re: Intrusion"),
        ("【TLP：GREEN】入侵通報", "入侵通報"),
        ("［ＴＬＰ：ＲＥＤ］入侵通報", "入侵通報"),
        ("（TLP:WHITE）入侵通報", "入侵通報"),
        ("【TLP:AMBER】x", "x"),
        ("通報【 TLP:AMBER／TLP:GREEN 】：入侵", "通報 ：入侵"),
        ("(TLP:AMBER; no forwarding) Intrusion", "(no forwarding) Intrusion"),
        ("Intrusion (no forwarding, TLP:AMBER)", "Intrusion (no forwarding)"),
        ("【TLP：AMBER，請勿轉發】入侵", "【請勿轉發】入侵"),
        ("（請勿轉發；TLP：AMBER；急件）入侵", "（請勿轉發； 急件）入侵"),
        ("TLP:GREEN: Intrusion", "Intrusion"),
        ("Intrusion – TLP:GREEN", "Intrusion"),
        ("TLP:GREEN", ""),
        ("[TLP:RED]", ""),
    ],
)
def test_a_subject_loses_its_labels_and_keeps_the_rest_readable(told: str, bare: str) -> None:
    assert unlabelled(told) == bare
    assert not narrowest(unlabelled(told))


@pytest.mark.parametrize("told", ["【通報】 入侵（急）", "ＸTLP:RED", "TLP:REDIRECT  x", "㈱甲 (x;  y)", ""])
def test_a_subject_without_a_label_stays_as_it_is(told: str) -> None:
    assert unlabelled(told) == told
