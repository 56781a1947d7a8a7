"""Drafts of letters and notes: for the writer alone; that somebody writes is told, what is written is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cert_portal.cases import access, merging, service, unsent
from cert_portal.cases.models import Case
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from tests.cases.desk import NOW, a_report


def told(case: Case, user: User) -> dict[str, dict[str, list[str]]]:
    """The drafts of a person by form."""
    session.flush()
    return {form: row.fields for form, row in unsent.of_user(case, user).items()}


def test_a_draft_is_its_writers_alone_and_goes_when_it_is_emptied(case: Case, ann: User, bob: User) -> None:
    unsent.keep(case, "letter", {"letter": ["Dear"], "to": ["R1", "R2"]}, ann)
    unsent.keep(case, "letter", {"letter": ["Dear Rita"], "to": ["R1"]}, ann)
    unsent.keep(case, "note", {"note": ["hm"]}, ann)
    assert told(case, ann) == {"letter": {"letter": ["Dear Rita"], "to": ["R1"]}, "note": {"note": ["hm"]}}
    assert told(case, bob) == {}
    unsent.keep(case, "note", {"note": ["  "]}, ann)
    assert list(told(case, ann)) == ["letter"]
    unsent.forget(case, "letter", ann)
    assert told(case, ann) == {}
    with pytest.raises(unsent.TooLong):
        unsent.keep(case, "note", {"note": ["x" * 60_001]}, ann)


def test_who_writes_a_letter_counts_for_two_minutes(case: Case, ann: User, bob: User) -> None:
    with clock.turned_to(NOW):
        unsent.keep(case, "letter", {"letter": ["Dear"]}, ann)
        unsent.keep(case, "note", {"note": ["hm"]}, bob)
        session.flush()
        assert unsent.others_writing([case], bob) == [ann]
        assert unsent.others_writing([case], ann) == [], "neither oneself nor who writes a note"
    with clock.turned_to(NOW + timedelta(minutes=2)):
        assert unsent.others_writing([case], bob) == []


def test_a_draft_on_a_report_is_kept_and_told_beside_its_case(case: Case, report: Report, ann: User, bob: User) -> None:
    with clock.turned_to(NOW):
        unsent.keep(report, "letter", {"letter": ["Dear Rita"]}, ann)
        unsent.keep(case, "letter", {"letter": ["Dear all"]}, ann)
        assert unsent.of_user(report, ann)["letter"].fields == {"letter": ["Dear Rita"]}
        assert told(case, ann) == {"letter": {"letter": ["Dear all"]}}
        assert unsent.others_writing([report], bob) == [ann]
        assert unsent.others_writing([case, report], bob) == [ann], "named once"
        unsent.forget(report, "letter", ann)
        assert unsent.others_writing([report], bob) == []
        assert unsent.others_writing([report, case], bob) == [ann]


def test_drafts_follow_a_merged_case_and_stand_behind_what_was_begun_there(case: Case, ann: User, bob: User) -> None:
    other = service.open_case([a_report()], ann, title="y", kind="phishing")
    unsent.keep(other, "letter", {"letter": ["from there"]}, ann)
    unsent.keep(other, "letter", {"letter": ["also from there"]}, bob)
    unsent.keep(case, "letter", {"letter": ["from here"]}, ann)
    merging.merge(case, [other.number], ann)
    both = f"from here\n\n[{other.number}]\n\nfrom there"
    assert told(case, ann) == {"letter": {"letter": [both]}}, "nothing is lost"
    assert told(case, bob) == {"letter": {"letter": ["also from there"]}}
    assert told(other, bob) == {}


def test_what_nobody_touches_goes_after_thirty_days(case: Case, ann: User) -> None:
    with clock.turned_to(NOW):
        unsent.keep(case, "letter", {"letter": ["Dear"]}, ann)
    with clock.turned_to(NOW + timedelta(days=30)):
        unsent.expire()
        assert list(told(case, ann)) == ["letter"]
    with clock.turned_to(NOW + timedelta(days=30, seconds=1)):
        unsent.expire()
        assert told(case, ann) == {}


def test_a_closed_account_sees_nothing_and_is_told_so(case: Case, ann: User, bob: User) -> None:
    bob.active = False
    session.flush()
    told = {each.user.name: (each.sees, each.why) for each in access.explained(case)}
    assert told == {"Ann": (True, "by_role"), "Bob": (False, "not_active")}
