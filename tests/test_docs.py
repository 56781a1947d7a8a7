"""The manual says what the code does. Runs without any server."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from cert_portal.cases.workflow import Phase, State
from cert_portal.config import PREFIX, Settings
from cert_portal.coordination.workflow import State as ReferralState
from cert_portal.core.queue import JOBS
from cert_portal.core.schedule import PLANS
from cert_portal.demo import USERS
from cert_portal.directory.permissions import Permission, Role
from cert_portal.intake.models import Outcome, ReportState
from cert_portal.monitoring.models import ItemState
from cert_portal.publishing.models import AdvisoryState
from cert_portal.subscriptions.models import SubscriberState

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "instance" / "README.md", *sorted(DOCS.rglob("*.md"))]
ITEMS = {"000": 66, "001": 35, "002": 24, "003": 36, "004": 25}
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ANY = re.compile(r"tests/[\w/]+\.py(?:::\w+)?")


def manual() -> str:
    return "\n".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))


def rows() -> dict[str, str]:
    words = (DOCS / "requirements.md").read_text("utf-8")
    return dict(re.findall(r"^\| (\d{3}-\d{2}) \|[^|]+\| ([^|]+) \|$", words, re.MULTILINE))


def test_the_generated_pages_are_in_step() -> None:
    done = subprocess.run(
        [sys.executable, "deploy/documents.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_items_stand_in_the_list_once() -> None:
    wanted = [f"{seed}-{n:02d}" for seed, count in ITEMS.items() for n in range(1, count + 1)]
    assert len(wanted) == 186
    assert list(rows()) == wanted
    assert (DOCS / "requirements.md").read_text("utf-8").count("\n| 0") == 186


def functions_of(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_that_is_named_exists(page: Path) -> None:
    words = page.read_text("utf-8")
    for path, name in NAMED.findall(words):
        assert name in functions_of(ROOT / path), f"{path} has no {name}"
    for told in ANY.findall(words):
        assert (ROOT / told.partition("::")[0]).exists(), told


def test_every_item_has_a_test_or_says_why_not() -> None:
    for item, state in rows().items():
        assert state == "not yet" or NAMED.fullmatch(state.split(", ")[0]), f"{item}: {state}"


def names() -> Iterable[str]:
    yield from (
        str(value) for kind in (State, Phase, ReferralState, ReportState, Outcome, Role, Permission) for value in kind
    )
    yield from (str(value) for kind in (AdvisoryState, SubscriberState, ItemState) for value in kind)
    yield from (job.function for job in JOBS)
    yield from (plan.name for plan in PLANS)
    yield from (f"{PREFIX}{each.name.upper()}" for each in fields(Settings))


def test_every_name_stands_in_the_manual() -> None:
    words = manual()
    missing = [name for name in names() if not re.search(rf"\b{re.escape(name)}\b", words)]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_first_page_names_every_demo_account() -> None:
    words = (ROOT / "README.md").read_text("utf-8")
    for user in USERS:
        assert re.search(rf"\| {user.email} \| `{user.passphrase}` \| `{user.totp}` \|", words), user.email


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("[0-9]*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
