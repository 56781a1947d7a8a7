"""A short, seeded run of the fuzzers; `make fuzz` runs longer. What they find becomes a test of the stage concerned."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["mail", "forms"])
def test_nothing_escapes_and_nothing_is_lost(way: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", way, "-runs=100", "-seed=7", "-max_len=6000"],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert re.search(r"Done 1\d\d runs", done.stderr), done.stderr[-4000:]
