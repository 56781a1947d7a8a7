"""What a member organisation told, as question and answer: for its own pages and for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from cert_portal.cases.agency import LOSSES
from cert_portal.cases.agency_after import RELEASE_FACTS
from cert_portal.web import codes
from cert_portal.web.forms import agency_words, words
from cert_portal.web.forms.spans import span

Row = tuple[str, str, str]
"""The page that asks it, the question, and the answer in words ("" when there is none)."""


def level(number: int | None) -> str:
    """A level with a word beside it: 4 is the worst, which nobody guesses."""
    if number is None:
        return _("No level: an attempt")
    return _("%(level)s – %(meaning)s", level=codes.LEVELS[number], meaning=codes.LEVEL_MEANINGS[number])


def facts(told: Mapping[str, Any]) -> list[Row]:
    """What only agencies tell, without the losses."""
    hours = {name: _hours(told.get(name)) for name in ("tolerable_hours", "expected_hours")}
    system = agency_words.systems().get(told.get("system") or "", "")
    return [
        ("danger", _("Anybody in danger"), _word(words.YES_NO, told.get("danger"))),
        ("system", _("System"), " · ".join(filter(None, (system, told.get("system_other"))))),
        ("system", _("Where the trouble came from"), _word(agency_words.ORIGINS, told.get("origin"))),
        ("effect", _("What leaked"), _word(codes.LEAKS, told.get("leaked"))),
        ("effect", _("What was tampered with"), _word(codes.TAMPERINGS, told.get("tampered"))),
        ("effect", _("What was disturbed or stopped"), _word(codes.HALTS, told.get("halted"))),
        ("effect", _("Longest outage that can be borne"), hours["tolerable_hours"]),
        ("effect", _("Expected outage"), hours["expected_hours"]),
        ("effect", _("Possible scope"), told.get("scope") or ""),
        ("support", _("Inform or ask for help"), _word(agency_words.SUPPORT, told.get("support"))),
        ("support", _("Help that is needed"), told.get("support_what") or ""),
    ]


def after_notice(minutes: int) -> str:
    """How long after it was noticed a report came."""
    return _("%(span)s after it was noticed", span=span(timedelta(minutes=minutes)))


def losses(told: Mapping[str, Any]) -> list[Row]:
    """The loss assessment under its six headings; nothing when there is no damage."""
    rows = [("loss", _("Is there damage?"), _word(words.YES_NO, told.get("damage")))]
    if told.get("damage") == "yes" or any(told.get(f"loss_{each}") for each in LOSSES):
        rows += [("loss", str(agency_words.LOSSES[each]), told.get(f"loss_{each}") or "") for each in LOSSES]
    return rows


def release(told: Mapping[str, str]) -> list[tuple[str, str]]:
    """The release form, what was left open left out."""
    return [(str(agency_words.RELEASE[name]), told[name]) for name in RELEASE_FACTS if told.get(name)]


def _word(table: Mapping[str, Any], code: Any) -> str:
    return str(table[code]) if code in table else ""


def _hours(number: float | None) -> str:
    return "" if number is None else _("%(hours)s hours", hours=f"{number:g}")
