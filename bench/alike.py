"""How well reports of one incident are proposed to each other: precision and recall over a labelled set of tellings.

`alike.toml` holds incidents, made up for this, each told by several people in their own words. Two tellings of one
incident ought to be proposed to each other, two of different incidents ought not; every pair of the set counts.
"""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

from flask import Flask

from cert_portal.cases.related import shared_with
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

SET = Path(__file__).with_name("alike.toml")


def run(name: str, app: Flask) -> None:
    """Print precision and recall of the whole set, and recall in each language. Nothing is kept."""
    with app.app_context():
        start_writing()
        told = _told()
        analyst = User(email="bench@portal.example", name="Bench", password_hash="", roles=["analyst"])
        session.add(analyst)
        session.flush()
        proposed = {frozenset((each.id, other.report.id)) for _, each in told for other in shared_with(each, analyst)}
        same = {frozenset((one.id, two.id)): one.language for (a, one), (b, two) in combinations(told, 2) if a == b}
        session.rollback()
    right = proposed & set(same)
    pairs = len(told) * (len(told) - 1) // 2
    print(f"{name}: duplicates, {pairs} pairs, {len(same)} of one incident", flush=True)
    print(f"  precision {len(right) / len(proposed):.2f}, recall {len(right) / len(same):.2f}", flush=True)
    for language in Language:
        mine = [pair for pair, spoken in same.items() if spoken == language]
        print(f"  recall {language.value}: {sum(pair in right for pair in mine) / len(mine):.2f} of {len(mine)}")


def _told() -> list[tuple[int, Report]]:
    """Every telling as a report, with the position of its incident."""
    found = []
    for position, incident in enumerate(tomllib.loads(SET.read_text("utf-8"))["incident"]):
        for language, text in incident["tellings"]:
            words = Submission(language=Language(language), kind=incident["kind"], description=text)
            report = receive(words, Channel.WEB)
            process(report.id)
            found.append((position, report))
    session.flush()
    return found
