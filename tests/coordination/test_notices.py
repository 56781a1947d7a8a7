"""Owners are told that the party to a referral has answered."""

from __future__ import annotations

from cert_portal.cases import merging, notices, queue, service, telling
from cert_portal.cases import workflow as cases
from cert_portal.cases.models import Case
from cert_portal.cases.queue import QUERIES, View
from cert_portal.coordination import answers, lists
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


def test_an_answer_after_the_end_of_a_case_is_told_and_listed_until_it_is_taken_up(ann: User) -> None:
    made = a_sent_referral(ann)
    case = session.get_one(Case, made.case_id)
    service.take(case, ann)
    service.move(case, cases.Verb.TRIAGE, ann)
    service.close(case, cases.Verb.DISMISS, ann, outcome="no_incident", reason="By telephone")
    assert list(queue.cases(QUERIES[View.REPLIED], ann).rows) == []
    answers.by_page(made, Verb.ANSWER, Told("It is gone"))
    assert told(ann) == [("answered", case.number)]
    assert list(queue.cases(QUERIES[View.REPLIED], ann).rows) == [case]
    assert queue.counts(ann)[View.REPLIED] == 1
    service.note(case, "Read", ann)
    assert queue.counts(ann)[View.REPLIED] == 0


def test_cases_that_wait_for_the_answer_of_a_party_are_known(ann: User) -> None:
    made = a_sent_referral(ann)
    case = session.get_one(Case, made.case_id)
    other = service.open_case([], ann, title="Other", kind="phishing")
    assert lists.still_asked([case, other], ann) == {case.id}
    merging.merge(other, [case.number], ann)
    assert lists.still_asked([other], ann) == {other.id}
    answers.by_page(made, Verb.ANSWER, Told("It is gone"))
    assert lists.still_asked([other], ann) == set()


def test_the_owner_of_the_case_that_took_the_referred_one_in_is_told(ann: User) -> None:
    made = a_sent_referral(ann)
    into = service.open_case([], ann, title="Both", kind="phishing")
    service.take(into, ann)
    merging.merge(into, [session.get_one(Case, made.case_id).number], ann)
    answers.by_page(made, Verb.ANSWER, Told("We look into it"))
    assert told(ann) == [("answered", into.number)]
