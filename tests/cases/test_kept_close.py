"""A report that a restricted case holds, too, is told to nobody through the other cases that it is in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from cert_portal.cases import agency_after, exercising, kept_close, notices, queue, service, splitting, telling, triage
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import AgencyReport, AgencyState, Case
from cert_portal.cases.notices import Kind
from cert_portal.cases.query import parse
from cert_portal.cases.visible import reports_of
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.directory.models import User
from cert_portal.intake.events import ADDED
from cert_portal.intake.models import Report
from tests.cases.desk import a_report
from tests.cases.test_merging import opened
from tests.directory.parties import party


@pytest.fixture
def kept(case: Case, ann: User) -> Report:
    """A report of the case that a restricted one holds, too; only Ann is named there."""
    found = a_report("Something else at https://worse.example/x")
    service.open_case([found], ann, title="police", kind="phishing", restricted=True)
    triage.attach(case, [found], ann)
    return found


def hidden(case: Case) -> set[int]:
    session.flush()
    return set(session.scalars(kept_close.kept_from_some(case)))


def test_a_report_is_kept_from_some_where_another_case_hides_it(case: Case, kept: Report, ann: User, bob: User) -> None:
    secret = session.scalars(select(Case).where(Case.title == "police")).one()
    assert (hidden(case), hidden(secret)) == ({kept.id}, set())
    service.restrict(case, "police", ann)
    assert (hidden(case), hidden(secret)) == (set(), set())
    service.grant(case, bob, "helps", ann)
    assert hidden(case) == {kept.id}
    service.grant(secret, bob, "helps", ann)
    assert hidden(case) == set()


def test_nobody_is_told_of_an_answer_to_a_report_that_is_hidden(case: Case, kept: Report, ann: User, bob: User) -> None:
    service.give(case, bob, ann)
    telling.tell_people({})
    record(ADDED, kept.number, "reporter", text="more", channel="web", files=[], known_sender=True)
    [own] = reports_of(case, bob)
    telling.tell_people({})
    assert [each.kind for each in notices.listed(bob)] == [Kind.GIVEN]
    record(ADDED, own.number, "reporter", text="more", channel="web", files=[], known_sender=True)
    telling.tell_people({})
    assert {each.kind for each in notices.listed(bob)} == {Kind.GIVEN, Kind.ANSWERED}


def test_an_exercise_is_marked_as_if_the_hidden_report_were_not_there(case: Case, kept: Report, bob: User) -> None:
    exercising.mark_case(case, True, "drill of May", bob)
    assert [each.drill for each in reports_of(case, bob)] == [True]
    assert (case.drill, kept.drill) == (True, False)


def test_the_last_report_that_one_sees_cannot_be_split_off(case: Case, kept: Report, bob: User) -> None:
    with pytest.raises(HandlingRefused) as refused:
        splitting.split(case, reports_of(case, bob), bob, title="x", kind="phishing")
    assert refused.value.reason == "nothing_left"


def test_a_hidden_report_of_a_member_keeps_its_own_case_open_alone(case: Case, kept: Report, ann: User) -> None:
    secret = session.scalars(select(Case).where(Case.title == "police")).one()
    told: dict[str, Any] = {"author_id": ann.id, "begun_at": clock.now(), "updated_at": clock.now()}
    session.add(AgencyReport(organisation_id=party().id, report_id=kept.id, state=AgencyState.SENT, **told))
    session.flush()
    assert agency_after.waiting_for_release([case, secret]) == {secret.id}
    service.restrict(case, "police", ann)
    session.flush()
    assert agency_after.waiting_for_release([case, secret]) == {case.id, secret.id}


def test_a_case_that_is_called_like_the_hidden_report_is_called_by_its_kind(ann: User, bob: User) -> None:
    report, named = a_report("Wombatmark mailbox was read"), a_report("Quokka")
    plain, own = opened(ann, report, title=report.title), opened(ann, named, title="Called by us")
    kept = opened(ann, restricted=True)
    service.attach(kept, [report, named], ann)
    assert (plain.title, own.title) == ("Phishing", "Called by us")
    assert not queue.cases(parse("wombatmark"), bob).rows
