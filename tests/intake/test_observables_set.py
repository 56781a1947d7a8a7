"""What is found in texts, measured: on the labelled set of `bench/observables.toml`, and on real texts."""

from __future__ import annotations

import pytest

from bench import observables


def test_what_texts_name_is_found_and_little_else() -> None:
    score = observables.labelled(observables.ours)
    assert score.named > 70
    assert score.precision >= 0.95
    assert score.recall >= 0.95


@pytest.mark.skipif(not observables.DATA.is_dir(), reason="no real texts here")
def test_real_texts_are_read_as_another_library_reads_them() -> None:
    for kind, score in observables.against_theirs().items():
        assert score.named, kind
        assert score.recall >= 0.95, kind
        assert score.precision >= 0.9, kind
