"""Owners are told that the party to a referral has answered."""

from __future__ import annotations

from cert_portal.cases import merging, notices, service, telling
from cert_portal.cases.models import Case
from cert_portal.coordination import answers
from cert_portal.coordination.answers import Told
from cert_portal.coordination.notices import RULES
from cert_portal.coordination.workflow import Verb
from cert_portal.core.db import session
from cert_portal.directory.models import User
from tests.coordination.desk import a_sent_referral


def told(user: User) -> list[tuple[str, str]]:
    telling.tell_people(RULES)
    return [(each.kind, each.subject) for each in notices.listed(user)]


def test_the_owner_is_told_of_the_answer_and_of_the_end(ann: User) -> None:
    made = a_sent_referral(ann)
    case = session.get_one(Case, made.case_id)
    assert told(ann) == []
    answers.by_page(made, Verb.ANSWER, Told("We look into it"))
    assert told(ann) == [], "nobody owns the case"
    service.take(case, ann)
    answers.by_page(made, Verb.ANSWER, Told("Another word"))
    answers.by_page(made, Verb.RESOLVE, Told("It is gone"))
    assert told(ann) == [("answered", case.number)] * 2


def test_the_owner_of_the_case_that_took_the_referred_one_in_is_told(ann: User) -> None:
    made = a_sent_referral(ann)
    into = service.open_case([], ann, title="Both", kind="phishing")
    service.take(into, ann)
    merging.merge(into, [session.get_one(Case, made.case_id).number], ann)
    answers.by_page(made, Verb.ANSWER, Told("We look into it"))
    assert told(ann) == [("answered", into.number)]
