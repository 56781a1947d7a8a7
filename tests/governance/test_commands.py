"""`cert-portal figures` and `cert-portal report annual`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from cert_portal import cli as commands
from cert_portal.core.db import session, start_writing
from cert_portal.directory import calendar
from cert_portal.governance import definitions
from tests.governance import busy

Command = Callable[..., Result]


@pytest.fixture
def command(app: Flask) -> Iterator[Command]:
    """Run a command on an application with a year in it."""
    start_writing()
    with app.app_context():
        calendar.seed()
        busy.year(count=12)
        session.commit()

    def run(*arguments: str) -> Result:
        start_writing()
        return app.test_cli_runner().invoke(commands.cli, list(arguments))

    yield run
    with app.app_context():
        session.remove()


PERIOD = ("figures", "--from", "2026-01-01", "--to", "2026-12-31")


def test_every_metric_in_each_format(command: Command) -> None:
    table = command(*PERIOD)
    assert table.exit_code == 0
    told = json.loads(command(*PERIOD, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(command(*PERIOD, "--format", "csv").stdout)))
    heads = {row["metric"]: row for row in rows if not row["dimension"]}
    for each in definitions.load():
        line = next(line for line in table.stdout.splitlines() if line.startswith(f"{each.id} "))
        found = next(row for row in told["metrics"] if row["id"] == each.id)
        assert found["version"] == each.version == int(heads[each.id]["version"])
        for name in ("numerator", "denominator"):
            assert heads[each.id][name] == ("" if found[name] is None else str(found[name]))
            assert str(found[name] if found[name] is not None else "–") in line.split()
    assert (told["from"], told["to"]) == ("2026-01-01", "2026-12-31")
    assert "not measured" in table.stdout


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-05-02", "2026-05-01", "the first day comes after the last"),
        ("May", "2026-05-01", "give two days as YYYY-MM-DD"),
        ("2001-01-01", "2026-05-01", "at most ten years"),
    ],
)
def test_a_wrong_period_is_one_line(command: Command, first: str, last: str, words: str) -> None:
    result = command("figures", "--from", first, "--to", last)
    assert (result.exit_code, result.stderr) == (1, f"Error: {words}\n")


def test_the_annual_report_as_file(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "report"
    for language, title in (("en", "Annual report 2026"), ("zh-hant", "2026 年年報")):
        result = command("report", "annual", "2026", "--lang", language, "--out", str(out))
        assert result.exit_code == 0, result.stderr
        assert title in out.read_text("utf-8")
    assert command("report", "annual", "2026", "--format", "json", "--out", str(out)).exit_code == 0
    whole = json.loads(out.read_text("utf-8"))
    assert whole["state"] == "draft"
    assert command("report", "annual", "2026", "--format", "json", "--public", "--out", str(out)).exit_code == 0
    assert None in json.loads(out.read_text("utf-8"))["figures"]["metrics"][0]["by"]["month"].values()
    assert command("report", "annual", "2026", "--format", "pdf", "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")
    wrong = command("report", "annual", "1066", "--out", str(out))
    assert (wrong.exit_code, wrong.stderr) == (1, "Error: 1066 is no year of a report\n")
