"""Every code that the stages can hand to the staff face has words, in both languages."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from cert_portal.cases import triage, workflow
from cert_portal.cases.bulk import Act
from cert_portal.cases.bulk_reports import ReportAct
from cert_portal.cases.clocks import Reading, Standing
from cert_portal.cases.queue import Sort, View
from cert_portal.cases.saved import Column
from cert_portal.cases.severity import RULES, Halt, Leak, Tampering
from cert_portal.cases.timeline import SAID_BY_THE_ROW, Entry
from cert_portal.cases.workflow import MoveRefused, Phase, State, Verb
from cert_portal.core import events
from cert_portal.core.outgoing import LetterState
from cert_portal.directory import calendar
from cert_portal.directory.models import ClockUnit
from cert_portal.directory.permissions import Role
from cert_portal.directory.tokens import Scope
from cert_portal.intake.models import ReportState
from cert_portal.intake.submission import Channel
from cert_portal.web.staff import account_words, list_words, mail_words, say, words
from tests.web.staff.desk import NOW


@pytest.mark.parametrize(
    ("codes", "known"),
    [
        (View, list_words.VIEWS),
        (View, list_words.EMPTY),
        (Column, list_words.COLUMNS),
        (Sort, list_words.SORTS),
        (Act, list_words.ACTS),
        (ReportAct, list_words.REPORT_ACTS),
        (ReportState, words.REPORT_STATES),
        (State, words.CASE_STATES),
        (Phase, words.PHASES),
        (Verb, words.VERBS),
        (["state", "release", *workflow.CONDITIONS], words.CONDITIONS),
        ([*workflow.OUTCOMES, *workflow.DISMISSALS], words.OUTCOMES),
        (triage.REFUSALS, words.REFUSALS),
        (Role, words.ROLES),
        (Channel, words.CHANNELS),
        (Scope, words.SCOPES),
        (Leak, words.LEAKS),
        (Tampering, words.TAMPERINGS),
        (Halt, words.HALTS),
        (["no_effect", *(rule.code for rule in RULES)], words.RULES),
        ([rule.code for rule in RULES if rule.flag], words.FLAGS),
        ([rule[0] for rule in calendar.RULES], words.CLOCKS),
        (ClockUnit, words.UNITS),
        (Standing, words.STANDINGS),
        (LetterState, words.LETTER_STATES),
    ],
)
def test_every_code_has_words(codes: list[str], known: dict[str, str]) -> None:
    assert set(codes) == set(known)


def test_every_event_of_a_timeline_has_words() -> None:
    shown = {kind.name for kind in events.kinds() if kind.name.startswith(("report.", "case."))} - SAID_BY_THE_ROW
    of_years = {name for name in shown if name.startswith("report.annual_")}  # their subject is a year, not a report
    assert shown - of_years <= set(words.EVENTS)


def test_codes_without_words_are_shown_as_they_are(app: Flask) -> None:
    with app.test_request_context():
        assert say.kind("dragon") == "dragon"
        assert say.body("the moon") == "the moon"
        assert say.who("Ann") == "Ann"
        assert say.details(Entry("e1", NOW, NOW, "report.processed", "R", "system"), {}) == ""
        assert say.why(MoveRefused(Verb.CLOSE, ["told"])) == [words.CONDITIONS["told"]]


@pytest.mark.parametrize(
    ("left", "standing", "told"),
    [
        (timedelta(days=2), Standing.IN_TIME, "2 days left"),
        (timedelta(hours=47, minutes=59), Standing.IN_TIME, "47 hours left"),
        (timedelta(minutes=119), Standing.SOON, "due soon: 119 min left"),
        (timedelta(seconds=-59), Standing.OVERDUE, "due now"),
        (timedelta(seconds=59), Standing.SOON, "due now"),
        (timedelta(minutes=-61), Standing.OVERDUE, "overdue by 61 min"),
        (timedelta(0), Standing.MISSED, "answered late"),
    ],
)
def test_time_left_is_rounded_down(app: Flask, left: timedelta, standing: Standing, told: str) -> None:
    with app.test_request_context():
        assert say.left(Reading(NOW, left, standing)) == told


def test_times_are_those_of_hong_kong(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert say.moment(NOW) == "4 May 2026 10:00 (HKT)"
    with app.test_request_context("/zh-hant/"):
        assert say.moment(NOW) == "2026年5月4日 10:00（HKT）"


def test_times_as_a_reporter_told_them(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert say.told_moment(None, None) == ""
        assert say.told_moment(NOW.isoformat(), "exact") == "4 May 2026 10:00 (HKT)"
        assert say.told_moment(NOW.isoformat(), "approximate") == "about 4 May 2026 10:00 (HKT)"


NO_WORDS = ("STATE_COLOURS", "LEVEL_COLOURS", "PLACES")


def test_every_word_of_the_desk_is_chinese_in_chinese(app: Flask) -> None:
    told = [pair for module in (words, account_words, mail_words) for pair in vars(module).items()]
    tables = [(name, table) for name, table in told if name.isupper() and name not in NO_WORDS]
    with app.test_request_context("/zh-hant/"):
        for name, table in tables:
            bare = [str(told) for told in table.values() if not re.search("[\u4e00-\u9fff]", str(told))]
            assert bare == [], name


def test_days_in_both_languages(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert say.day("2026-05-04") == say.day(date(2026, 5, 4)) == "4 May 2026"
    with app.test_request_context("/zh-hant/"):
        assert say.day("2026-05-04") == "2026年5月4日"
