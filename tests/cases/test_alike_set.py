"""Proposals of one incident against the labelled set of `bench/alike.toml`: the half that nothing was tuned on."""

from __future__ import annotations

import pytest

from bench import alike
from cert_portal import config
from cert_portal.core.i18n import Language


@pytest.mark.usefixtures("context")
def test_most_proposals_are_right_and_pairs_are_found_in_both_languages() -> None:
    percent = config.current().alike_percent
    not_tuned_on = alike.half(alike.incidents(), alike.HALVES[1])
    measured = alike.at_each(not_tuned_on, [percent])[percent]
    assert measured.precision >= 0.83
    assert measured.recall >= 0.6
    assert min(measured.recall_in.values()) >= 0.5
    assert config.current().alike_percent == percent


def test_the_set_is_large_and_speaks_both_languages_about_equally() -> None:
    pairs = dict.fromkeys(Language, 0)
    for incident in alike.incidents():
        for language in Language:
            told = sum(spoken == language for spoken, _ in incident["tellings"])
            pairs[language] += told * (told - 1) // 2
    assert sum(pairs.values()) >= 330
    assert max(pairs.values()) <= 1.2 * min(pairs.values())
