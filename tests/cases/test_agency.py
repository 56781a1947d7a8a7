"""The clock and the level of a member organisation's report, and its way to the centre."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cert_portal.cases import agency, agency_after, agency_clock
from cert_portal.cases.agency import AgencyRefused
from cert_portal.cases.agency_after import Told
from cert_portal.cases.agency_clock import assess
from cert_portal.cases.models import AgencyReport, AgencyState
from cert_portal.cases.severity import Halt, Impact, Leak, Tampering, decide
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts, calendar, members, organisations
from cert_portal.directory.models import User
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Member
from cert_portal.guidance import systems
from cert_portal.intake.models import Report
from cert_portal.intake.process import process
from tests.cases.desk import NOW, kinds_of, person

ANSWERS = {
    "description": "The register shows wrong owners",
    "kind": "intrusion",
    "system": "land",
    "discovered_at": NOW.isoformat(),
    "leaked": "none",
    "tampered": "core_serious",
    "halted": "none",
    "support": "inform",
}
HOURS = st.none() | st.floats(0, 8760, allow_nan=False)
IMPACTS = st.builds(Impact, st.sampled_from(Leak), st.sampled_from(Tampering), st.sampled_from(Halt), HOURS, HOURS)
SECONDS = st.integers(0, 90 * 60) | st.sampled_from([1799, 1800, 1801])


def somebody(name: str, unit: str = "") -> tuple[User, Member]:
    """A person of the harbour board."""
    user = accounts.add_user(f"{name.lower()}@harbour.example", name, "four unrelated words", ["member"])
    board = organisations.by_name("Harbour Board") or organisations.add(
        OrganisationTold("member", "Harbour Board"), "system"
    )
    return user, members.enrol(user, board, unit, "system")


def begun(user: User, member: Member, **more: object) -> AgencyReport:
    """A report with every answer that is needed."""
    row = agency.begin(user, member)
    draft = agency.draft_of(row)
    assert draft is not None
    draft.answers = {**draft.answers, **ANSWERS, **more}
    return row


@pytest.fixture(autouse=True)
def at_ten(request: pytest.FixtureRequest) -> object:
    if "context" in request.fixturenames:
        calendar_of = request.getfixturevalue("context")
        assert calendar_of is not None
        calendar.seed()
    with clock.turned_to(NOW):
        yield


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(impact=IMPACTS, seconds=SECONDS)
def test_the_clock_runs_from_level_two_and_lasts_thirty_minutes(context: Flask, impact: Impact, seconds: int) -> None:
    found = assess(impact, NOW, NOW + timedelta(seconds=seconds))
    level = decide(impact).level
    assert found.verdict == decide(impact)
    assert (found.reading is not None) == (level is not None and level >= 2)
    assert found.is_late == (found.reading is not None and seconds > 1800)
    assert found.minutes == (seconds // 60 if found.reading else None)
    assert found.notice == ("exempt" if not found.reading else "late" if seconds > 1800 else "in_time")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(impact=IMPACTS, worse=IMPACTS)
def test_more_harm_never_stops_the_clock(context: Flask, impact: Impact, worse: Impact) -> None:
    both = max((impact, worse), key=lambda each: decide(each).level or 0)
    late = NOW + timedelta(minutes=31)
    assert assess(both, NOW, late).is_late == (assess(impact, NOW, late).is_late or assess(worse, NOW, late).is_late)


def test_no_clock_without_a_time_and_none_when_it_is_switched_off(context: Flask) -> None:
    serious = Impact(tampered=Tampering.CORE_SERIOUS)
    assert assess(serious, None).notice == "exempt"
    assert agency_clock.allowed() == 30
    calendar.change_rule(agency_clock.NOTICE, 45, "minutes", 0.25, True, "system")
    assert agency_clock.allowed() == 45
    assert not assess(serious, NOW, NOW + timedelta(minutes=44)).is_late
    calendar.change_rule(agency_clock.NOTICE, 30, "minutes", 0.25, False, "system")
    assert agency_clock.allowed() is None
    assert assess(serious, NOW, NOW + timedelta(days=1)).notice == "exempt"


def test_what_is_missing_is_named(context: Flask) -> None:
    user, member = somebody("Hana")
    row = agency.begin(user, member)
    with pytest.raises(AgencyRefused) as refused:
        agency.hand_in(row, user, member)
    needed = {"system", "discovered_at", "leaked", "tampered", "halted", "support", "description"}
    assert (refused.value.reason, set(refused.value.missing)) == ("incomplete", needed)
    draft = agency.draft_of(row)
    assert draft is not None
    assert "email" in agency.lacking({**draft.answers, "email": ""})


def test_a_letter_inside_the_organisation_tells_no_content(context: Flask) -> None:
    head, _whole = somebody("Head")
    user, member = somebody("Sue", "Survey")
    row = begun(user, member)
    agency.hand_in(row, user, member)
    letter = session.query(Letter).filter_by(name="agency_waiting").one()
    assert (letter.recipient, f"/org/reports/{row.id}" in letter.text) == (head.email, True)
    assert "wrong owners" not in letter.text
    assert "30 minutes" in letter.text
    assert kinds_of(letter.about) == ["agency.handed_in"]


def test_the_last_reason_before_it_is_sent_counts_and_one_in_time_keeps_none(context: Flask) -> None:
    (head, whole), (user, member) = somebody("Head"), somebody("Sue", "Survey")
    row = begun(user, member)
    with clock.turned_to(NOW + timedelta(minutes=40)):
        agency.hand_in(row, user, member, "A long walk")
        agency.pass_up(row, head, whole)
        assert (row.late, row.late_reason, row.minutes) == (True, "A long walk", 40)
    early = begun(user, member)
    agency.hand_in(early, user, member, "Just in case")
    agency.pass_up(early, head, whole)
    assert (early.late, early.late_reason) == (False, "")


def test_number_and_secret_go_to_who_sent_it_on_and_not_to_the_unit(context: Flask) -> None:
    (head, whole), (user, member) = somebody("Head"), somebody("Sue", "Survey")
    row = begun(user, member)
    agency.hand_in(row, user, member)
    agency.pass_up(row, head, whole)
    report = session.get_one(Report, row.report_id)
    process(report.id)
    letter = session.query(Letter).filter_by(name="report_received").one()
    assert (letter.recipient, report.reporter_email) == (head.email, user.email)
    own = begun(head, whole)
    agency.hand_in(own, head, whole)
    assert session.get_one(Report, own.report_id).ack_address == head.email


def test_who_is_no_coordinator_of_it_sends_nothing(context: Flask) -> None:
    user, member = somebody("Sue", "Survey")
    row = begun(user, member)
    agency.hand_in(row, user, member)
    other = accounts.add_user("x@parks.example", "X", "four unrelated words", ["member"])
    parks = organisations.add(OrganisationTold("member", "Parks"), "system")
    stranger = members.enrol(other, parks, "", "system")
    for by, whose in ((user, member), (other, stranger)):
        with pytest.raises(AgencyRefused, match="not_coordinator"):
            agency.pass_up(row, by, whose)
        with pytest.raises(AgencyRefused, match="not_coordinator"):
            agency.send_back(row, by, whose, "x")
    assert agency.find(row.id, other, stranger) is None


def test_a_step_that_does_not_fit_the_state_is_refused(context: Flask) -> None:
    head, whole = somebody("Head")
    row = begun(head, whole)
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency.pass_up(row, head, whole)
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency.send_back(row, head, whole, "x")
    agency.hand_in(row, head, whole)
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency.hand_in(row, head, whole)
    ann = person()
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency_after.not_yet(row, ann, "More")
    agency_after.confirm(row, ann, "Restored")
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency_after.confirm(row, ann, "Restored")
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency_after.ask_release(row, {"solution": "x"}, head, whole)
    agency_after.update(row, Told("It came back"), head, whole)
    assert row.state == AgencyState.RELEASED


def test_an_update_before_it_is_sent_is_refused(context: Flask) -> None:
    head, whole = somebody("Head")
    with pytest.raises(AgencyRefused, match="wrong_state"):
        agency_after.update(begun(head, whole), Told("x"), head, whole)


def test_a_level_that_falls_or_stays_asks_for_no_time(context: Flask) -> None:
    head, whole = somebody("Head")
    row = begun(head, whole)
    agency.hand_in(row, head, whole)
    agency_after.update(row, Told("Less", {"tampered": "non_core"}), head, whole)
    assert row.level == 1
    with pytest.raises(AgencyRefused, match="learnt_missing"):
        agency_after.update(row, Told("Worse", {"leaked": "sensitive"}), head, whole)
    learnt: datetime = NOW - timedelta(minutes=31)
    with pytest.raises(AgencyRefused, match="late"):
        agency_after.update(row, Told("Worse", {"leaked": "sensitive"}, learnt), head, whole)
    agency_after.update(row, Told("Worse", {"leaked": "sensitive"}, learnt, "Counting"), head, whole)
    assert (row.level, row.late_reason, row.facts["leaked"]) == (3, "Counting", "sensitive")
    assert session.get_one(Report, row.report_id).number == agency_after.number_of(row)


def test_nineteen_systems_in_both_languages() -> None:
    found = systems.load()
    assert len(found) == 19
    assert list(found)[-1] == systems.OTHER
    assert all(names[Language.ZH_HANT] != names[Language.EN] for names in found.values())
