"""What a validator of another hand says of our CSAF documents: every test of the standard, not only the mandatory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cert_portal.directory.models import User
from cert_portal.publishing import tree
from tests.publishing.press import FULL, PLAIN, published, updated

ROOT = Path(__file__).parents[2]

WITHOUT = {
    "optionalTest_6_2_3",  # a vulnerability whose score nobody knows
    "optionalTest_6_2_11",  # the tests run without TLS, a canonical address needs it
    "optionalTest_6_2_18",  # ranges are words, not package URL ranges
    "optionalTest_6_2_16",  # no package URLs or hashes of products are asked of an editor
}

pytestmark = pytest.mark.slow


def node() -> str:
    """The Node.js that the set-up uses."""
    found = (ROOT / ".venv" / ".stamps" / "node").read_text("utf-8").strip()
    return os.pathsep.join(filter(None, (found, os.environ["PATH"])))


def test_the_other_validator_finds_nothing(eva: User, fred: User) -> None:
    full, plain = published(eva, fred, FULL), published(eva, fred, PLAIN)
    updated(full, eva, fred)
    updated(plain, eva, fred, withdrawal=True)
    files = [str(path) for path in tree.place().rglob("cp-a-*.json")]
    assert len(files) == 4
    command = ["node", str(ROOT / "tests/node/validate.mjs"), *files]
    environment = {**os.environ, "PATH": node()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    told = {line.split()[1] for line in done.stdout.splitlines()}
    assert told <= WITHOUT, done.stdout
