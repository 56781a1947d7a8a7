"""Referrals that leave later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from cert_portal.cases import handling, labels, merging, notices, service
from cert_portal.cases.later import LaterRefused
from cert_portal.cases.workflow import Verb as CaseVerb
from cert_portal.coordination import answers, later, lists, refer
from cert_portal.coordination.answers import Told
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.models import PlannedReferral, Referral
from cert_portal.coordination.workflow import ReferralRefused, State, Verb, move
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory import accounts, contacts
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation
from cert_portal.intake import consents
from cert_portal.intake.models import Report
from tests.cases.desk import NOW, kinds_of, last, person
from tests.coordination.desk import a_referral, letter_of
from tests.directory.parties import ABUSE
from workers.letters import leave_letters

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def made(ann: User) -> Referral:
    """A referral for tomorrow."""
    with clock.turned_to(NOW):
        referral = a_referral(ann)
        later.plan(referral, TOMORROW, ann)
        return referral


def planned(referral: Referral) -> PlannedReferral:
    """Its time."""
    row = refer.planned_of(referral)
    assert row is not None
    return row


def test_it_leaves_in_time(made: Referral, ann: User) -> None:
    assert last(made.number).data == {"leaves_at": TOMORROW.isoformat()}
    assert [row.leaves_at for row in lists.of_case(case_at_work(made), ann)] == [TOMORROW]
    assert [row.leaves_at for row in lists.page(lists.View.OPEN, ann).rows] == [TOMORROW]
    with clock.turned_to(TOMORROW - timedelta(minutes=1)):
        assert later.look_at(made.id) == "draft"
    with clock.turned_to(TOMORROW):
        assert later.look_at(made.id) == "sent"
        assert later.look_at(made.id) == ""
    assert made.sent_at == TOMORROW
    assert letter_of(made).created_at == TOMORROW
    assert refer.planned_of(made) is None
    assert [row.leaves_at for row in lists.of_case(case_at_work(made), ann)] == [None]
    assert notices.listed(ann) == []


def test_it_is_dated_anew_and_called_off(made: Referral, ann: User) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW):
        for at, reason in ((NOW, "past"), (NOW + timedelta(days=400), "too_far")):
            with pytest.raises(LaterRefused, match=reason):
                later.plan(made, at, ann)
        later.plan(made, TOMORROW + timedelta(days=1), ann)
        refer.change(made, replace(refer.Content(made.contact_id), note="Please"), bob)
        assert planned(made).author_id == bob.id, "who changes it answers for it"
        later.cancel(made, bob)
        with pytest.raises(LaterRefused, match="has_left"):
            later.cancel(made, bob)
    assert kinds_of(made.number)[-1] == "referral.plan_cancelled"
    assert (later.waiting(), made.state) == ([], "draft")


def test_what_hinders_it_now_is_said_now(ann: User) -> None:
    referral = a_referral(ann)
    labels.set_label(case_at_work(referral), TLP.RED, "", ann)
    with clock.turned_to(NOW), pytest.raises(ReferralRefused, match="tlp_red"):
        later.plan(referral, TOMORROW, ann)


def close(made: Referral, ann: User) -> None:
    """The case is over."""
    handling.close(case_at_work(made), CaseVerb.DISMISS, ann, outcome="duplicate", reason="x")


def red(made: Referral, ann: User) -> None:
    """It may travel no further."""
    labels.set_label(case_at_work(made), TLP.RED, "names a source", ann)


def hide(made: Referral, ann: User) -> None:
    """The author may not see it any longer."""
    bob = person("Bob")
    service.give(case_at_work(made), bob, bob)
    service.restrict(case_at_work(made), "secret", bob)


def leave(made: Referral, ann: User) -> None:
    """The author has left the centre."""
    ann.active = False


def withdraw(made: Referral, ann: User) -> None:
    """A reporter takes the consent back."""
    consents.withdraw(session.query(Report).one())


def answer(made: Referral, ann: User) -> None:
    """The party, of which an earlier letter was given up, answers after all."""
    made.state = State.EXPIRED
    move(made, Verb.ANSWER)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (close, "case_closed"),
        (red, "tlp_red"),
        (hide, "access"),
        (leave, "author"),
        (withdraw, "consent"),
        (answer, "state"),
    ],
)
def test_what_changes_beneath_it_stops_it_and_its_author_is_told(
    made: Referral, ann: User, change: Callable[[Referral, User], None], reason: str
) -> None:
    zoe = person("Zoe")
    with clock.turned_to(NOW + timedelta(hours=1)):
        change(made, ann)
        session.flush()
    with clock.turned_to(NOW + timedelta(hours=2)):
        later.look_at(made.id)  # told before its time
        later.look_at(made.id)
    assert planned(made).reason == reason
    assert last(made.number).data == {"reason": reason}
    assert [row.leaves_at for row in lists.of_case(case_at_work(made), person("Sue", "supervisor"))] in ([None], [])
    subject, told = ann.actor if reason == "access" else case_at_work(made).number, zoe if reason == "author" else ann
    assert [(each.kind, each.subject) for each in notices.listed(told)] == [("letter", subject)]
    if reason == "access":
        bob = accounts.by_email("bob@portal.example")
        assert bob is not None
        assert case_at_work(made).number in [each.subject for each in notices.listed(bob)], "the owner can act"
    with clock.turned_to(TOMORROW):
        assert later.look_at(made.id) == ""
    assert made.sent_at is None


def test_it_goes_on_in_the_case_that_took_its_own_in(made: Referral, ann: User) -> None:
    with clock.turned_to(NOW):
        into = service.open_case([], ann, title="Both", kind="phishing")
        merging.merge(into, [case_at_work(made).number], ann)
    with clock.turned_to(TOMORROW):
        assert later.look_at(made.id) == "sent"


def test_one_that_cannot_be_sealed_is_held_and_its_author_is_told(made: Referral, ann: User) -> None:
    contact = refer.contact_of(made)
    assert contact is not None
    contacts.change(contact, replace(ABUSE, must_encrypt=True), "system")
    with clock.turned_to(TOMORROW):
        assert later.look_at(made.id) == "held"
    assert [each.kind for each in notices.listed(ann)] == ["letter"]
    assert refer.planned_of(made) is None


def test_what_is_sent_by_hand_or_thrown_away_waits_for_no_time(made: Referral, ann: User) -> None:
    other = refer.prepare(case_at_work(made), session.get_one(Organisation, made.organisation_id), ann)
    with clock.turned_to(NOW):
        later.plan(other, TOMORROW, ann)
        refer.drop(other, ann)
        refer.send(made, ann)
    assert later.waiting() == []
    answers.by_page(made, Verb.ANSWER, Told("We look into it"))


def test_the_job_sends_all_that_is_due(app: Flask, made: Referral, ann: User) -> None:
    session.commit()
    with clock.turned_to(TOMORROW):
        leave_letters()
        leave_letters()
    session.refresh(made)
    assert made.state == "sent"
    assert kinds_of(made.number).count("referral.sent") == 1
