"""A year of the record, the same for the same seed: reports, cases, referrals, advisories and subscribers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.governance.record import case, referral, report, say

KINDS = ("phishing", "phishing", "phishing", "malware", "ransomware", "botnet", "ddos", "defacement", "data_leak")
CHANNELS = ("web", "web", "web", "email", "email", "telephone", "fax")
PARTIES = ("isp", "isp", "cert", "police", "vendor")


def year(of: int = 2026, count: int = 60, seed: int = 1) -> None:
    """Write a year in which `count` cases were opened."""
    dice, begin = Random(seed), datetime(of, 1, 5, 2, 0, tzinfo=UTC)
    for number in range(count):
        at = begin + timedelta(hours=dice.uniform(0, 24 * 355))
        _reports(dice, f"{of}{number:04d}", at)
        _case(dice, f"{of}{number:04d}", at + timedelta(hours=dice.uniform(0.5, 30)))
    for number in range(max(8, count // 4)):
        _advisory(dice, f"CP-A-{of}-{number:04d}", begin + timedelta(days=dice.uniform(0, 350)))
    for number in range(count // 2):
        _subscriber(dice, f"subscriber:{of}{number}", begin + timedelta(days=dice.uniform(0, 350)))
    for month in range(1, 13):
        for language in ("en", "zh-hant"):
            at = datetime(of, month, 16, 1, tzinfo=UTC)
            say("digest.issued", f"digest:{of}-{month:02d}", at, language=language, advisories=[], letters=9)


def _reports(dice: Random, code: str, at: datetime) -> None:
    for part in "ab"[: dice.choice((1, 1, 2))]:
        number, drill = f"R{code}{part}", dice.random() < 0.03
        origin = dice.choice(("local", "local", "local", "overseas", "proactive"))
        facts = {"channel": dice.choice(CHANNELS), "origin": origin, "kind": dice.choice(KINDS)}
        report(number, at, drill=drill, **facts)
        if int(code) % 5 == 0 and not drill:
            _agency(number, at, int(code) // 5)
        say("report.acknowledged", number, at + timedelta(minutes=1), letter=1)
        after = at + timedelta(hours=dice.choice((1, 3, 5, 20, 26, 90)))
        if dice.random() < 0.9:
            say("report.first_response", number, after, how="letter")
        if dice.random() < 0.1:
            say("report.refused", number, after, reason=dice.choice(("spam", "outside_remit")))
        elif dice.random() < 0.9:
            say("report.attached", number, after, case=f"C{code}")


def _agency(number: str, at: datetime, turn: int) -> None:
    level, notice = ((3, "in_time"), (2, "late"), (1, "exempt"), (None, "exempt"))[turn % 4]
    told: dict[str, Any] = {"system": "land", "origin": "internal", "rule": "c2_core", "minutes": 9}
    told["support"] = ("help", "inform")[turn % 2]
    say("agency.sent", number, at, organisation=1, unit=None, level=level, notice=notice, **told)


def _case(dice: Random, code: str, at: datetime) -> None:
    number = case(f"C{code}", at, dice.choice(KINDS), drill=dice.random() < 0.03)
    level = dice.choice((None, 1, 1, 2, 2, 3, 4))
    if dice.random() < 0.9:
        say("case.level_set", number, at + timedelta(hours=1), level=level, rule="c2_core", flag="", override=False)
    if dice.random() < 0.1:
        say("case.dismissed", number, at + timedelta(hours=9), outcome="no_incident")
        return
    if dice.random() < 0.5:
        _referral(dice, f"N{code}", number, at + timedelta(hours=dice.choice((2, 8, 50))))
    over = at + timedelta(days=dice.uniform(1, 60))
    if dice.random() < 0.85:
        say("case.resolved", number, over)
        say("case.closed", number, over + timedelta(hours=2), outcome=dice.choice(("fixed", "taken_down", "contained")))
    if dice.random() < 0.05:
        say("case.reopened", number, over + timedelta(days=3))


def _referral(dice: Random, number: str, of: str, at: datetime) -> None:
    party = dice.choice(PARTIES)
    referral(number, of, at, party, f"{party} {dice.choice('ABC')}")
    if dice.random() < 0.8:
        say("referral.acknowledged", number, at + timedelta(hours=dice.uniform(1, 60)), how="page")
    if dice.random() < 0.5:
        say("referral.resolved", number, at + timedelta(hours=dice.uniform(60, 200)), how="page")


def _advisory(dice: Random, number: str, at: datetime) -> None:
    say("advisory.drafted", number, at, source="", cases=[])
    level = dice.choice((2, 2, 3, 4, 1))
    for version in (1, 2)[: dice.choice((1, 2))]:
        when = at + timedelta(hours=20 * version)
        say("advisory.published", number, when, version=version, change="", level=level, exploited=False)
    if dice.random() < 0.4:
        say("advisory.withdrawn", number, at + timedelta(days=9), version=1)


def _subscriber(dice: Random, number: str, at: datetime) -> None:
    language = dice.choice(("en", "zh-hant", "zh-hant"))
    say("subscription.confirmed", number, at, language=language, least_level="low", rhythm="at_once")
    if dice.random() < 0.2:
        say("subscription.ended", number, at + timedelta(days=9), how="link")
