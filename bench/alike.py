"""How well reports of one incident are proposed to each other: precision and recall over a labelled set of tellings.

`alike.toml` holds incidents, made up for this, each told by several people in their own words. Two tellings of one
incident in one language ought to be proposed to each other, two of different incidents ought not; every pair counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from flask import Flask

from cert_portal import config
from cert_portal.cases.related import shared_with
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission

SET = Path(__file__).with_name("alike.toml")
PERCENTS = (40, 50, 60, 70)
HALVES = ("the half it was tuned on", "the other half")
Pairs = set[frozenset[int]]


@dataclass(frozen=True)
class Measured:
    """The share of the proposals that are right, and the share of the pairs of one incident that are proposed."""

    precision: float
    recall: float
    recall_in: dict[Language, float]


@dataclass(frozen=True)
class Told:
    """Reports of the set, and which pairs of them are of one incident, for each language; other pairs are not."""

    reports: list[Report]
    same: dict[Language, Pairs]
    either: Pairs
    """One incident in two languages: nobody expects them to be found, and finding them is no fault."""

    def proposed(self, user: User) -> Pairs:
        """Which pairs the desk is shown, from either side."""
        pairs = {frozenset((each.id, other.report.id)) for each in self.reports for other in shared_with(each, user)}
        return pairs - self.either

    def measured(self, user: User) -> Measured:
        """Both figures under the settings in force."""
        proposed, same = self.proposed(user), set[frozenset[int]]().union(*self.same.values())
        return Measured(
            len(proposed & same) / len(proposed),
            len(proposed & same) / len(same),
            {language: len(proposed & pairs) / len(pairs) for language, pairs in self.same.items()},
        )


def run(name: str, app: Flask) -> None:
    """Print precision and recall of the whole set for each percentage of likeness. Nothing is kept."""
    with app.app_context():
        whole = incidents()
        found = at_each(whole, PERCENTS)
        halves = {which: at_each(half(whole, which), PERCENTS[:1])[PERCENTS[0]] for which in HALVES}
    print(f"{name + ': duplicates':<44}{'precision':>10}{'recall':>11}{'en':>8}{'zh-hant':>9}")
    lines = {f"  from {percent} % of the words": it for percent, it in found.items()}
    for what, it in (lines | {f"  {which}, {PERCENTS[0]} %": it for which, it in halves.items()}).items():
        each = "".join(f"{it.recall_in[language]:>{wide}.2f}" for language, wide in zip(Language, (8, 9), strict=True))
        print(f"{what:<44}{it.precision:>10.2f}{it.recall:>11.2f}{each}", flush=True)


def half(labelled: Sequence[dict[str, Any]], which: str) -> list[dict[str, Any]]:
    """Every other nine incidents: those that are easily taken for each other stand side by side in the set."""
    return [each for place, each in enumerate(labelled) if place // 9 % 2 == HALVES.index(which)]


def incidents() -> list[dict[str, Any]]:
    """The labelled set."""
    return list(tomllib.loads(SET.read_text("utf-8"))["incident"])


def at_each(labelled: Sequence[dict[str, Any]], percents: Sequence[int]) -> dict[int, Measured]:
    """What these incidents give at each value of ALIKE_PERCENT."""
    usual = config.current()
    start_writing()
    told = _told(labelled)
    analyst = accounts.add_user("bench@portal.example", "Bench", "four unrelated words", ["analyst"])
    found = {}
    try:
        for percent in percents:
            config.use(replace(usual, alike_percent=percent))
            found[percent] = told.measured(analyst)
    finally:
        config.use(usual)
        session.rollback()
    return found


def _told(labelled: Sequence[dict[str, Any]]) -> Told:
    reports: list[tuple[int, Report]] = []
    for position, incident in enumerate(labelled):
        for language, text in incident["tellings"]:
            words = Submission(language=Language(language), kind=incident["kind"], description=text)
            reports.append((position, receive(words, Channel.WEB)))
            process(reports[-1][1].id)
    session.flush()
    same: dict[Language, Pairs] = {language: set() for language in Language}
    either: Pairs = set()
    for (a, one), (b, two) in combinations(reports, 2):
        if a == b:
            (same[Language(one.language)] if one.language == two.language else either).add(frozenset((one.id, two.id)))
    return Told([report for _, report in reports], same, either)
