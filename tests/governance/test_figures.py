"""What is counted, from which events, and what is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import kinds
from cert_portal.core.i18n import Language
from cert_portal.directory.models import ClockRule
from cert_portal.governance import definitions
from cert_portal.governance.facts import FACTS
from cert_portal.governance.figures import Figures, lines, measure, to_csv, to_json
from cert_portal.governance.period import Period, named
from cert_portal.governance.stocks import STOCKS
from cert_portal.governance.targets import CANDIDATES
from tests.governance.record import case, days, hours, referral, report, say

pytestmark = pytest.mark.usefixtures("rules")
MAY = named("2026-05")
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def figures(period: Period = MAY, at: datetime = LATER) -> Figures:
    with clock.turned_to(at):
        return measure(period)


def test_a_metric_is_found_by_its_id_and_stands_in_the_manual() -> None:
    assert definitions.by_id("cases.open").names[Language.ZH_HANT] == "期末未結案的個案"
    with pytest.raises(definitions.UnknownMetric):
        definitions.by_id("cases.titles")
    assert [each.target for each in definitions.targets()] == [1.0, 0.9, 0.8, 0.9, 0.6]
    assert "`response.first_day` First response in time | 1 | share" in definitions.table()


def test_every_metric_is_counted_and_every_kind_of_event_exists() -> None:
    declared = {each.name for each in kinds()}
    for each in definitions.load():
        assert set(each.events) <= declared, each.id
    found = figures()
    assert list(found.metrics) == [each.id for each in definitions.load()]
    raised = {each.id: each.version for each in found.metrics.values() if each.version != 1}
    assert raised == {"calls.answered": 2, "cases.opened": 2, "reports.received": 2}
    assert (
        set(FACTS) | set(STOCKS) | set(CANDIDATES) | {"referrals.turnaround", "advisories.lead_time", "calls.answered"}
    ) == set(found.metrics)
    for each in definitions.load():
        assert each.dimensions == tuple(found[each.id].by), each.id


def test_some_figures_are_the_same_as_among_all() -> None:
    report("R1")
    some = measure(MAY, LATER, only={"reports.received", "reports.waiting"})
    assert list(some.metrics) == ["reports.received", "reports.waiting"]
    assert some["reports.waiting"] == measure(MAY, LATER)["reports.waiting"]
    assert list(some.balances) == ["reports.waiting"]


def test_nothing_is_nothing_and_no_share_of_it() -> None:
    found = figures()
    assert {each.value for each in found.metrics.values() if each.unit in ("count", "stock")} == {0}
    assert {each.value for each in found.metrics.values() if each.unit not in ("count", "stock")} == {None}
    assert all(each and each.balances for each in found.balances.values())


def test_reports_by_channel_origin_kind_outcome_and_month() -> None:
    report("R1")
    report("R2", hours(1), channel="email", origin="overseas", kind="malware")
    report("R3", datetime(2026, 5, 31, 15, 59, tzinfo=UTC), channel="email")
    report("R4", datetime(2026, 5, 31, 16, 0, tzinfo=UTC))  # the first of June in Hong Kong
    report("R5", hours(2), drill=True)
    say("report.origin_set", "R1", hours(1), before="local", after="overseas")
    say("report.origin_set", "R1", hours(2), before="overseas", after="proactive")
    say("report.edited", "R3", days(28), fields=["kind"], before="phishing", after="ddos")
    say("report.edited", "R3", days(29), fields=["title"])
    say("report.form_read", "R2", hours(2), form="R9", fields=[], kinds=["malware"], before="not_sure", after="botnet")
    say("report.refused", "R1", hours(3), reason="spam")
    say("report.attached", "R2", hours(3), case="C1")
    say("report.refused", "R3", days(30), reason="spam")
    say("report.returned", "R3", days(31), before="refused")
    found = figures()["reports.received"]
    assert (found.value, found.numerator, found.denominator) == (3, 3, None)
    assert found.by == {
        "month": {"2026-05": 3},
        "channel": {"email": 2, "web": 1},
        "origin": {"local": 1, "overseas": 1, "proactive": 1},
        "kind": {"botnet": 1, "ddos": 1, "phishing": 1},
        "outcome": {"attached": 1, "refused": 1, "waiting": 1},
    }
    assert figures(named("2026-Q2"))["reports.received"].by["month"] == {"2026-04": 0, "2026-05": 3, "2026-06": 1}


def test_a_case_has_the_kind_and_level_that_were_set_last() -> None:
    case("C1")
    say("case.kind_set", "C1", hours(1), before="phishing", after="malware")
    say("case.kind_set", "C1", hours(2), before="malware", after="ransomware")
    say("case.level_set", "C1", hours(1), before=None, level=2, rule="c2_core", flag="", override=False)
    say("case.level_set", "C1", hours(3), before=2, level=3, rule="c3_personal", flag="", override=False)
    case("C2")
    say("case.level_set", "C2", hours(1), before=None, level=None, rule="no_effect", flag="", override=False)
    case("C3")
    case("C4", drill=True)
    found = figures()["cases.opened"]
    assert found.by["kind"] == {"phishing": 2, "ransomware": 1}
    assert found.by["level"] == {"3": 1, "none": 1, "undecided": 1}
    early = measure(MAY, hours(2.5))["cases.opened"]
    assert early.by["level"] == {"2": 1, "none": 1, "undecided": 1}, "what was decided after the cut-off counts not"


def test_what_is_written_down_after_the_cut_off_changes_nothing() -> None:
    report("R1")
    before = measure(MAY, hours(5))
    told = {"channel": "web", "origin": "local", "kind": "phishing"}
    say("report.received", "R2", hours(1), written=hours(6), **told)
    say("report.first_response", "R1", hours(6), how="letter")
    assert measure(MAY, hours(5)) == before
    assert measure(MAY, hours(7))["response.median"].value == 6


def test_closings_by_outcome_and_reopenings() -> None:
    for number in ("C1", "C2", "C3"):
        case(number)
    case("C4", drill=True)
    say("case.closed", "C1", days(1), outcome="fixed")
    say("case.reopened", "C1", days(2))
    say("case.closed", "C1", days(3), outcome="taken_down")
    say("case.dismissed", "C2", days(1), outcome="no_incident")
    say("case.dismissed", "C4", days(1), outcome="exercise")
    found = figures()
    assert found["cases.closed"].by["outcome"] == {"fixed": 1, "no_incident": 1, "taken_down": 1}
    assert found["cases.reopened"].value == 1
    assert found["cases.open"].value == 1
    books = found.balances["cases.open"]
    assert books is not None
    assert (books.opening, books.ins, books.outs, books.closing) == (
        0,
        {"new": 3, "reopened": 1, "unmerged": 0},
        {"closed": 2, "dismissed": 1, "merged": 0},
        1,
    )


def test_cases_that_were_merged_are_one_incident_and_the_books_balance() -> None:
    for number in ("C1", "C2", "C3"):
        case(number)
    say("case.merged", "C2", days(1), case="C1")
    say("case.merged", "C3", days(1), case="C1")
    found = figures()
    assert (found["cases.opened"].value, found["cases.open"].value, found["cases.closed"].value) == (1, 1, 0)
    say("case.unmerged", "C3", days(2), case="C1")
    found = figures()
    assert (found["cases.opened"].value, found["cases.open"].value) == (2, 2)
    books = found.balances["cases.open"]
    assert books is not None
    assert books.balances
    assert (books.ins, books.outs) == (
        {"new": 3, "reopened": 0, "unmerged": 1},
        {"closed": 0, "dismissed": 0, "merged": 2},
    )


def test_referrals_by_party_and_last_word_and_how_long_they_took() -> None:
    case("C1")
    case("C2", drill=True)
    for number, party, took in (("N1", "isp", 2), ("N2", "isp", 6), ("N3", "police", 30)):
        referral(number, "C1", hours(1), party, 7 if party == "isp" else "Force")
        say("referral.acknowledged", number, hours(1 + took), how="page")
    say("referral.sent", "N1", hours(5), case="C1", organisation=7, party="isp", sealing="signed")
    say("referral.resolved", "N2", hours(50), how="page")
    referral("N4", "C1", hours(1), "isp")
    referral("N5", "C2", hours(1), "isp")
    found = figures()
    assert found["referrals.sent"].by["party"] == {"isp": 3, "police": 1}
    assert found["referrals.sent"].by["outcome"] == {"acknowledged": 2, "unanswered": 1, "resolved": 1}
    waited = found["referrals.turnaround"]
    assert (waited.value, waited.denominator) == (6, 3)
    assert waited.medians == {"party": {"isp": 4, "police": 30}, "organisation": {"7": 4, "Force": 30}}
    assert waited.by == {"party": {"isp": 2, "police": 1}, "organisation": {"7": 2, "Force": 1}}


def test_alerts_and_subscribers() -> None:
    say("advisory.drafted", "CP-A-2026-0001", hours(0), source="", cases=[])
    for version in (1, 2):
        at = hours(10 * version)
        say("advisory.published", "CP-A-2026-0001", at, version=version, change="", level="high", exploited=True)
    say("advisory.published", "CP-A-2026-0002", hours(1), version=1, change="", level="low", exploited=False)
    say("advisory.withdrawn", "CP-A-2026-0002", hours(2), version=1)
    for number, language in (("subscriber:1", "en"), ("subscriber:2", "zh-hant"), ("subscriber:3", "en")):
        say("subscription.confirmed", number, hours(1), language=language, least_level="low", rhythm="at_once")
    say("subscription.confirmed", "subscriber:3", hours(2), language="en", least_level="low", rhythm="at_once")
    say("subscription.ended", "subscriber:1", hours(3), how="link")
    say("subscription.suspended", "subscriber:3", hours(3), letter=1)
    say("digest.issued", "digest:2026-05-1", hours(9), language="en", advisories=[], letters=3)
    found = figures()
    assert found["advisories.published"].by["risk"] == {"high": 1, "low": 1}
    assert found["advisories.updated"].value == found["advisories.withdrawn"].value == 1
    assert (found["advisories.lead_time"].value, found["advisories.lead_time"].denominator) == (10, 1)
    assert found["subscriptions.confirmed"].by["language"] == {"en": 3, "zh-hant": 1}
    assert found["subscriptions.ended"].value == 2
    assert found["subscribers.active"].value == 1
    assert found["digests.issued"].by["language"] == {"en": 1}


def test_letters_to_reporters_without_those_of_exercises() -> None:
    report("R1")
    report("R2", drill=True)
    case("C1")
    for number in ("R1", "R2"):
        say("report.acknowledged", number, hours(1), letter=1)
    say("case.letter_written", "C1", hours(2), letter=2, report="R1")
    assert figures()["letters.reporters"].value == 2


def test_first_responses_within_one_working_day_of_hong_kong() -> None:
    friday = datetime(2026, 5, 8, 8, 0, tzinfo=UTC)  # 16:00
    report("R1", friday)
    say("report.first_response", "R1", friday + timedelta(days=3), how="letter")  # Monday 16:00: just in time
    report("R2", friday)
    say("report.first_response", "R2", friday + timedelta(days=3, seconds=1), how="letter")
    report("R3", friday + timedelta(days=1))  # a Saturday: counts from Monday
    say("report.first_response", "R3", datetime(2026, 5, 11, 15, 59, tzinfo=UTC), how="letter")
    report("R4")
    say("report.refused", "R4", hours(1), reason="spam")
    report("R5")
    say("report.not_acknowledged", "R5", hours(0), reason="no_address")
    report("R6")
    say("report.not_acknowledged", "R6", hours(0), reason="no_address")
    say("report.first_response", "R6", hours(1), how="telephone")
    report("R7")
    report("R8", drill=True)
    found = figures()["response.first_day"]
    assert (found.numerator, found.denominator, found.value) == (3, 5, 3 / 5)
    assert (found.target, found.met) == (0.9, False)
    with clock.turned_to(hours(23)):
        assert (measure(MAY)["response.first_day"].denominator) == 1, "R7 is still in time"


def test_own_referable_and_trackable_cases() -> None:
    case("C1")  # own, in time
    say("case.resolved", "C1", days(2))
    say("case.closed", "C1", days(3), outcome="fixed")
    case("C2")  # own, taken up again, and then late
    say("case.resolved", "C2", days(2))
    say("case.resumed", "C2", days(3))
    say("case.resolved", "C2", days(80))
    case("C3")  # passed on at once, of a trackable kind, never resolved
    referral("N3", "C3", hours(3))
    case("C4", kind="ransomware")  # passed on late, not trackable
    referral("N4", "C4", days(2))
    say("case.resolved", "C4", days(3))
    case("C5")  # prepared and never passed on
    say("referral.drafted", "N5", hours(1), case="C5", organisation=7, party="isp", purpose="")
    case("C6")  # no incident
    say("case.dismissed", "C6", days(1), outcome="no_incident")
    case("C7", drill=True)
    case("C8")  # trackable, resolved
    referral("N8", "C8", hours(3))
    say("case.resolved", "C8", days(3))
    found = figures()
    counted = {code: (found[code].numerator, found[code].denominator) for code in CANDIDATES if found[code].target}
    assert counted == {
        "response.first_day": (0, 0),
        "resolution.own": (1, 2),
        "referral.first_day": (2, 4),
        "resolution.trackable": (1, 2),
    }
    assert (found["resolution.median"].value, found["resolution.median"].denominator) == (3, 4)


def test_general_holidays_are_no_working_days() -> None:
    day_before = datetime(2026, 9, 30, 4, 0, tzinfo=UTC)  # then comes National Day, a Thursday
    report("R1", day_before)
    say("report.first_response", "R1", day_before + timedelta(days=2), how="letter")
    assert figures(named("2026-09"))["response.first_day"].value == 1


def test_hours_count_too_and_a_clock_that_is_off_measures_nothing() -> None:
    rule = session.get_one(ClockRule, "first_response")
    rule.unit, rule.amount = "hours", 4
    report("R1")
    say("report.first_response", "R1", hours(5), how="letter")
    assert figures()["response.first_day"].value == 0
    rule.enabled = False
    found = figures()["response.first_day"]
    assert (found.value, found.measured, found.met) == (None, False, None)


def test_without_a_call_nothing_is_measured() -> None:
    found = figures()["calls.answered"]
    assert (found.value, found.measured, found.numerator, found.denominator) == (None, False, None, None)


def test_answered_calls_among_all_calls() -> None:
    for number, kind in enumerate(("answered", "missed", "voicemail", "answered")):
        say(f"call.{kind}", f"call:{number}", hours(number), report="")
    say("call.returned", "call:1", hours(9), answered=True)
    found = figures()["calls.answered"]
    assert (found.value, found.measured, found.numerator, found.denominator) == (0.5, True, 2, 4)


def test_figures_survive_json_and_fill_a_table() -> None:
    report("R1")
    case("C1")
    referral("N1", "C1", hours(1))
    say("referral.answered", "N1", hours(3), how="mail", known_sender=True, files=0)
    found = figures()
    assert Figures.of_json(found.as_json()) == found
    assert to_json(found.as_json()) == to_json(Figures.of_json(found.as_json()).as_json())
    table = list(lines(found))
    assert ["referrals.turnaround", 1, "hours", "party", "isp", 2, 1, None, None, ""] in table
    assert ["calls.answered", 2, "share", "", "", None, None, None, 1.0, "not_measured"] in table
    assert to_csv(found).splitlines()[1] == "reports.received,2,count,,,1,1,,,"
    assert len(to_csv(found).splitlines()) == len(table) + 1


def test_a_period_of_one_day_ends_at_midnight_of_hong_kong() -> None:
    report("R1", datetime(2026, 5, 3, 16, 0, tzinfo=UTC))
    report("R2", datetime(2026, 5, 4, 15, 59, 59, tzinfo=UTC))
    report("R3", datetime(2026, 5, 4, 16, 0, tzinfo=UTC))
    day = date(2026, 5, 4)
    assert figures(Period(day, day))["reports.received"].by["month"] == {"2026-05": 2}
