"""Referrals are found by what the party wrote and by the number in its own books."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cert_portal.cases import merging, service, tags
from cert_portal.cases.query import parse
from cert_portal.cases.workflow import Verb as Step
from cert_portal.coordination import answers, index, lists, refer
from cert_portal.coordination.answers import Told
from cert_portal.coordination.link import case_at_work
from cert_portal.coordination.lists import View
from cert_portal.coordination.models import Referral
from cert_portal.coordination.visible import find_referral
from cert_portal.coordination.workflow import Verb
from cert_portal.core import clock, search
from cert_portal.core.db import session
from cert_portal.core.numbers import NumberKind
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from cert_portal.directory.parties import Organisation
from tests.cases.desk import person
from tests.coordination.desk import a_case, a_referral, a_sent_referral


def found(told: str, user: User) -> list[Referral]:
    return [row.referral for row in lists.naming(parse(told), user).rows]


def test_a_referral_is_found_by_what_came_back(ann: User) -> None:
    made = a_sent_referral(ann)
    assert found("passwords", ann) == []  # our own words are in our letter
    told = Told("Suspended the customer 客戶已停用", "HB-4711", [("evidence.csv", b"a,b")])
    answers.by_page(made, Verb.ANSWER, told)
    answers.by_telephone(made, Verb.ANSWER, "On the phone: turquoise", ann)
    for words in ("HB-4711", "hb-4711", "suspended", "停用", "turquoise", "evidence.csv", made.number):
        assert found(words, ann) == [made], words
    assert found("suspended nowhere", ann) == []
    assert found("…", ann) == []
    assert found("… suspended", ann) == [made]
    assert found("", ann) == []
    assert found("suspended kind:phishing", ann) == [made]
    assert found("suspended kind:malware", ann) == found("kind:phishing", ann) == []


def test_a_referral_is_found_by_the_names_of_its_party_before_it_leaves(ann: User) -> None:
    made = a_referral(ann)
    party = session.get_one(Organisation, made.organisation_id)
    party.name_en, party.name_zh_hant = "Harbour Hosting 100%", "海港寄存有限公司"
    for told in ("harbour", "hosting Harbour", "海港寄存", "100%", "harbour kind:phishing"):
        assert found(told, ann) == [made], told
    for told in ("harbour pirates", "harbour -寄存", "harbour kind:malware", "1%0", "harb", "h", "海"):
        assert found(told, ann) == [], told
    assert refer.send(made, ann) == "sent"
    answers.by_page(made, Verb.ANSWER, Told("Suspended the customer", "HB-4711"))
    assert found("海港 HB-4711", ann) == [made]
    service.restrict(case_at_work(made), "police", ann)
    assert found("harbour", person("Bob")) == []


def test_a_hidden_case_hides_what_came_back(ann: User) -> None:
    made = a_sent_referral(ann)
    answers.by_page(made, Verb.ANSWER, Told("Suspended", "HB-4711"))
    service.restrict(case_at_work(made), "police", ann)
    bob = person("Bob")
    assert (found("HB-4711", bob), found("suspended", bob)) == ([], [])
    assert found("HB-4711", ann) == [made]


def test_a_referral_is_found_by_the_conditions_of_the_case_that_took_its_case_in(ann: User) -> None:
    made = a_sent_referral(ann)
    answers.by_page(made, Verb.ANSWER, Told("Suspended the customer"))
    went = case_at_work(made)
    first, last = a_case(ann), a_case(ann)
    tags.tag(last, "wave", ann)
    merging.merge(first, [went.number], ann)
    merging.merge(last, [first.number], ann)
    for told, is_found in (
        ("is:open", True),
        ("tag:wave", True),
        ("-is:closed", True),
        ("-tag:wave", False),
        ("is:closed", False),
        ("state:merged", False),
        ("is:quarantined", False),
    ):
        assert found(f"suspended {told}", ann) == [made] * is_found, told
        assert lists.meeting([made.number], parse(told), ann) == ({made.number} if is_found else set()), told
    assert [row.case for row in lists.naming(parse("suspended"), ann).rows] == [last]
    service.restrict(last, "police", ann)
    bob = person("Bob")
    assert found("suspended is:open", bob) == []
    assert lists.meeting([made.number], parse("is:open"), bob) == set()


def test_what_came_back_before_is_made_searchable(ann: User) -> None:
    made = a_sent_referral(ann)
    answers.by_page(made, Verb.ANSWER, Told("Suspended"))
    search.index(NumberKind.REFERRAL, made.id, "", [])
    assert found("suspended", ann) == []
    assert index.index_all() == 1
    assert found("suspended", ann) == [made]


def test_a_referral_that_nobody_answered_is_not_in_the_index(ann: User) -> None:
    a_referral(ann)
    assert index.index_all() == 0


@pytest.mark.parametrize("told", ["N26-1", "n26-000001"])
def test_a_referral_goes_by_its_number_without_the_check_digit(told: str, ann: User) -> None:
    made = a_referral(ann)
    assert find_referral(told, ann) == made


def test_referrals_that_are_found_go_by_pages(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    first = a_sent_referral(ann)
    told = [("url", "https://www.harbour.example/login")]
    second = refer.prepare(
        a_case(ann, "isp"), session.get_one(Organisation, first.organisation_id), ann, observables=told
    )
    assert refer.send(second, ann) == "sent"
    for each in (first, second):
        answers.by_telephone(each, Verb.ANSWER, "turquoise", ann)
    page = lists.naming(parse("turquoise"), ann)
    last = lists.naming(parse("turquoise"), ann, page.after)
    assert [row.referral for each in (page, last) for row in each.rows] == [second, first]
    assert last.after == ""


def test_a_referral_of_a_merged_case_is_listed_as_the_case_in_which_the_work_goes_on(ann: User) -> None:
    draft = a_referral(ann)
    first, last = a_case(ann), a_case(ann)
    merging.merge(first, [case_at_work(draft).number], ann)
    merging.merge(last, [first.number], ann)
    assert [(row.referral, row.case) for row in lists.page(View.OURS, ann).rows] == [(draft, last)]
    assert lists.counts(ann)[View.OURS] == 1
    service.take(last, ann)
    service.move(last, Step.TRIAGE, ann)
    service.close(last, Step.DISMISS, ann, outcome="duplicate", reason="x")
    assert lists.page(View.OURS, ann).rows == lists.page(View.OPEN, ann).rows == []
    assert (lists.counts(ann)[View.OURS], lists.counts(ann)[View.OPEN]) == (0, 0)
    assert [(row.referral, row.case) for row in lists.page(View.OVER, ann).rows] == [(draft, last)]


def test_what_is_due_next_to_a_case_is_asked_for_by_it_or_by_one_that_went_into_it(ann: User) -> None:
    made = a_sent_referral(ann)
    went, last = case_at_work(made), a_case(ann)
    bob = person("Bob")
    assert lists.running(ann, [went]) == {}, "the clock is off"
    calendar.seed()
    assert list(lists.running(ann, [went, last])) == list(lists.running(ann)) == [went.id]
    merging.merge(last, [went.number], ann)
    assert list(lists.running(ann, [last])) == [last.id]
    service.restrict(last, "police", ann)
    assert (list(lists.running(ann, [last])), lists.running(bob, [last])) == ([last.id], {})
    with clock.turned_to(clock.now() + timedelta(days=9)):
        assert lists.running(ann, [last]) == {}, "the party is reminded"
    answers.by_page(made, Verb.ANSWER, Told("Suspended"))
    assert lists.running(ann, [last]) == {}
