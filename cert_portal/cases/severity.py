"""The level of a case, 1 to 4, from one table of rules over what leaked, what was changed and what stopped.

The highest line wins and says which rule it was (004-03 to 004-06). Where the source is silent the table decides and
flags it: critical infrastructure back in time, non-core work stopped for long, personal data of the public, and an
attempt that affected nothing. An unknown duration counts as too long until somebody knows better.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Leak(StrEnum):
    """What leaked."""

    NONE = "none"
    NON_CORE = "non_core"
    CORE = "core"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    STATE_SECRET = "state_secret"  # noqa: S105  # a kind of leak, no password


class Tampering(StrEnum):
    """What was changed without permission, and how badly."""

    NONE = "none"
    NON_CORE = "non_core"
    CORE_SLIGHT = "core_slight"
    CORE_SERIOUS = "core_serious"
    CII = "cii"


class Halt(StrEnum):
    """What was disturbed or stopped."""

    NONE = "none"
    NON_CORE = "non_core"
    CORE = "core"
    CII = "cii"


class Outage(StrEnum):
    """Whether the work comes back within the longest outage that the organisation can bear (000-58)."""

    WITHIN = "within"
    BEYOND = "beyond"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Impact:
    """The answers that the level is derived from."""

    leaked: Leak = Leak.NONE
    tampered: Tampering = Tampering.NONE
    halted: Halt = Halt.NONE
    tolerable_hours: float | None = None
    expected_hours: float | None = None

    @property
    def outage(self) -> Outage:
        """The expected outage against the tolerable one."""
        if self.tolerable_hours is None or self.expected_hours is None:
            return Outage.UNKNOWN
        return Outage.WITHIN if self.expected_hours <= self.tolerable_hours else Outage.BEYOND

    def as_json(self) -> dict[str, Any]:
        """All answers, as they are stored with the case."""
        return asdict(self)

    @staticmethod
    def of_json(told: dict[str, Any]) -> Impact:
        """The answers that were stored; no answers for a case that has none yet."""
        if not told:
            return Impact()
        return Impact(
            Leak(told["leaked"]),
            Tampering(told["tampered"]),
            Halt(told["halted"]),
            told["tolerable_hours"],
            told["expected_hours"],
        )


@dataclass(frozen=True)
class Rule:
    """One line of the table: an answer, for a stop perhaps how long, and the level that follows."""

    code: str
    level: int | None
    answer: Leak | Tampering | Halt
    outages: frozenset[Outage] = frozenset(Outage)
    flag: str = ""

    def fires(self, impact: Impact) -> bool:
        """Whether the line matches these answers."""
        given = (impact.leaked, impact.tampered, impact.halted)
        return any(each is self.answer for each in given) and impact.outage in self.outages


@dataclass(frozen=True)
class Verdict:
    """The level, the code of the rule that fired, and what a person should look at again ("" for nothing)."""

    level: int | None
    rule: str
    flag: str


_IN_TIME = frozenset({Outage.WITHIN})
_TOO_LONG = frozenset({Outage.BEYOND})
_NOT_KNOWN = frozenset({Outage.UNKNOWN})

RULES = (
    Rule("c4_state_secret", 4, Leak.STATE_SECRET),
    Rule("i4_cii", 4, Tampering.CII),
    Rule("a4_cii_beyond", 4, Halt.CII, _TOO_LONG),
    Rule("a4_cii_unknown", 4, Halt.CII, _NOT_KNOWN, "outage_unknown"),
    Rule("c3_sensitive", 3, Leak.SENSITIVE),
    Rule("c3_personal", 3, Leak.PERSONAL, flag="personal_as_sensitive"),
    Rule("i3_core_serious", 3, Tampering.CORE_SERIOUS),
    Rule("a3_core_beyond", 3, Halt.CORE, _TOO_LONG),
    Rule("a3_core_unknown", 3, Halt.CORE, _NOT_KNOWN, "outage_unknown"),
    Rule("a3_cii_within", 3, Halt.CII, _IN_TIME, "cii_recovered"),
    Rule("c2_core", 2, Leak.CORE),
    Rule("i2_core_slight", 2, Tampering.CORE_SLIGHT),
    Rule("a2_core_within", 2, Halt.CORE, _IN_TIME),
    Rule("c1_non_core", 1, Leak.NON_CORE),
    Rule("i1_non_core", 1, Tampering.NON_CORE),
    Rule("a1_non_core_within", 1, Halt.NON_CORE, _IN_TIME),
    Rule("a1_non_core_unknown", 1, Halt.NON_CORE, _NOT_KNOWN, "outage_unknown"),
    Rule("a1_non_core_beyond", 1, Halt.NON_CORE, _TOO_LONG, "non_core_long"),
)
"""Highest level first: the first line that fires is the verdict."""

NO_EFFECT = Verdict(None, "no_effect", "")


def decide(impact: Impact) -> Verdict:
    """The level of these answers; none for an attempt that affected nothing."""
    for rule in RULES:
        if rule.fires(impact):
            return Verdict(rule.level, rule.code, rule.flag)
    return NO_EFFECT


def table() -> str:
    """The rules for the manual, in Markdown."""
    rows = ["| Level | Rule | Answer | Outage | Look again |", "|---|---|---|---|---|"]
    for rule in RULES:
        outage = "any" if rule.outages == frozenset(Outage) else ", ".join(sorted(rule.outages))
        what = f"{type(rule.answer).__name__.lower()}: {rule.answer}"
        rows.append(f"| {rule.level} | `{rule.code}` | {what} | {outage} | {rule.flag or '–'} |")
    return "\n".join(rows)
