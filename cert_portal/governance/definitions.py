"""What each figure means, as data: `definitions.toml` is read once. Nobody counts what is not defined there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from cert_portal.core.i18n import Language

FILE = Path(__file__).with_name("definitions.toml")
Words = Mapping[Language, str]


class Unit(StrEnum):
    """What a figure counts or measures."""

    COUNT = "count"
    STOCK = "stock"
    SHARE = "share"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True)
class Definition:
    """One metric. A change of meaning raises `version`; `rule` names the clock that a target is measured by.

    `target` is the published share that is to be reached; `events` are the kinds that are counted.
    """

    id: str
    version: int
    group: str
    unit: Unit
    dimensions: tuple[str, ...]
    events: tuple[str, ...]
    names: Words
    explanations: Words
    numerators: Words
    denominators: Words
    exclusions: Words
    target: float | None
    rule: str


class UnknownMetric(LookupError):
    """There is no metric of that id."""


@cache
def load() -> tuple[Definition, ...]:
    """All metrics in the order in which they are shown."""
    return tuple(_definition(row) for row in tomllib.loads(FILE.read_text("utf-8"))["metric"])


def by_id(metric: str) -> Definition:
    """The metric of that id. Raises UnknownMetric."""
    for each in load():
        if each.id == metric:
            return each
    raise UnknownMetric(metric)


def targets() -> list[Definition]:
    """The published service targets."""
    return [each for each in load() if each.group == "targets"]


def _definition(row: dict[str, Any]) -> Definition:
    return Definition(
        id=row["id"],
        version=row["version"],
        group=row["group"],
        unit=Unit(row["unit"]),
        dimensions=tuple(row.get("dimensions", ())),
        events=tuple(row["events"]),
        names=_words(row["name"]),
        explanations=_words(row["explanation"]),
        numerators=_words(row["numerator"]),
        denominators=_words(row.get("denominator", {"en": "–", "zh-hant": "–"})),
        exclusions=_words(row["exclusions"]),
        target=row.get("target"),
        rule=row.get("rule", ""),
    )


def _words(told: dict[str, str]) -> Words:
    return {language: told[language] for language in Language}


def table() -> str:
    """The definitions of the manual, in Markdown."""
    rows = [
        "| Metric | Version | Unit | Meaning | Numerator | Denominator | Not counted | Target |",
        "|---|---|---|---|---|---|---|---|",
    ]
    english = Language.EN
    for each in load():
        target = f"{each.target:.0%}" if each.target else "–"
        told = (each.explanations, each.numerators, each.denominators, each.exclusions)
        cells = " | ".join(words[english] for words in told)
        rows.append(f"| `{each.id}` {each.names[english]} | {each.version} | {each.unit} | {cells} | {target} |")
    return "\n".join(rows)
