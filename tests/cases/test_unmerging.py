"""A case that comes out of another one is as it was, but for what somebody did to it since."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from cert_portal.cases import (
    access,
    exercising,
    labels,
    letterbook,
    links,
    merging,
    search,
    service,
    tags,
    taking_out,
    timeline,
    unsent,
)
from cert_portal.cases.access import explained
from cert_portal.cases.models import Case
from cert_portal.cases.outside import answered, is_unread, read_in_case
from cert_portal.cases.visible import reports_of
from cert_portal.cases.workflow import Verb
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import NOW, a_report, kinds_of
from tests.cases.test_merging import numbers, opened

pytestmark = pytest.mark.usefixtures("context")


def state(case: Case, ann: User, bob: User) -> tuple[object, ...]:
    """What a merge may change of a case."""
    held = (set(numbers(case, ann)), set(tags.of_cases([case]).get(case.id, [])), set(unsent.of_user(case, bob)))
    return (*held, case.state, case.answered_at, bool(answered([case], ann)))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_went_in_comes_out_again(ann: User, bob: User, seed: int) -> None:
    random = Random(seed)
    reports = [a_report() for _ in range(4)]
    cases = [opened(ann, each) for each in reports]
    for case in cases:
        service.attach(case, random.sample(reports, random.randint(0, 3)), ann)
        for name in random.sample(["wave", "bank", "shop"], random.randint(0, 2)):
            tags.tag(case, name, ann)
        case.answered_at = random.choice([None, NOW])
    unsent.keep(cases[1], "letter", {"letter": ["Dear Rita"]}, bob)
    before = [state(each, ann, bob) for each in cases]
    into, *others = cases
    for each in random.sample(others, 3):
        merging.merge(into, [each.number], ann)
    assert set(numbers(into, ann)) == {each.number for each in reports}
    assert answered([into], ann) == ({into.id} if any(each[4] for each in before) else set())
    for each in random.sample(others, 3):
        merging.unmerge(each, ann)
    assert [state(each, ann, bob) for each in cases] == before


def test_an_answer_that_was_taken_up_since_is_taken_up(ann: User) -> None:
    into, one = opened(ann), opened(ann)
    one.answered_at = NOW
    merging.merge(into, [one.number], ann)
    assert answered([into, one], ann) == {into.id}
    read_in_case(into, ann)
    merging.unmerge(one, ann)
    assert answered([into, one], ann) == set()


def test_what_is_called_an_exercise_meanwhile_is_one(ann: User) -> None:
    into, one = opened(ann), opened(ann)
    merging.merge(into, [one.number], ann)
    exercising.mark_case(into, True, "They play", ann)
    merging.unmerge(one, ann)
    assert (one.drill, [each.drill for each in reports_of(one, ann)]) == (True, [True])
    assert "case.drill_set" in kinds_of(one.number), "figures leave it out"
    exercising.mark_case(one, False, "", ann)
    assert not one.drill


def test_a_case_that_was_restricted_in_another_one_stays_so_with_its_reasons(ann: User, bob: User) -> None:
    into, one = opened(ann), opened(ann)
    labels.set_label(one, TLP.CLEAR, "Known to all", ann)
    merging.merge(into, [one.number], ann)
    with clock.turned_to(clock.now() + timedelta(minutes=1)):
        access.restrict(into, "A bank", ann)
        access.grant(into, bob, "Knows the bank", ann)
        merging.unmerge(one, ann)
    assert (one.restricted, one.tlp) == (True, TLP.AMBER)
    found = {each.user.id: each for each in explained(one)}
    assert (found[bob.id].reason, found[bob.id].by) == ("Knows the bank", "Ann")
    assert [each for each in kinds_of(one.number) if each in ("case.restricted", "case.access_granted")] == [
        "case.restricted",
        "case.access_granted",
    ]


def test_a_label_that_was_narrowed_meanwhile_holds_for_what_comes_out(ann: User) -> None:
    into, one = opened(ann), opened(ann)
    labels.set_label(into, TLP.AMBER_STRICT, "", ann)
    merging.merge(into, [one.number], ann)
    merging.unmerge(one, ann)
    assert one.tlp == TLP.AMBER, "its own, as it was before"
    merging.merge(into, [one.number], ann)
    labels.set_label(into, TLP.RED, "", ann)
    merging.unmerge(one, ann)
    assert (into.tlp, one.tlp) == (TLP.RED, TLP.RED)


def test_a_tag_hung_on_by_hand_since_stays(ann: User) -> None:
    into, one = opened(ann), opened(ann)
    tags.tag(one, "wave", ann)
    merging.merge(into, [one.number], ann)
    with clock.turned_to(clock.now() + timedelta(minutes=1)):
        tags.untag(into, "wave", ann)
        tags.tag(into, "wave", ann)
        merging.unmerge(one, ann)
    assert tags.of_cases([into, one]) == {into.id: ["wave"], one.id: ["wave"]}


def test_a_draft_that_was_written_on_since_stays(ann: User, bob: User) -> None:
    into, one = opened(ann), opened(ann)
    unsent.keep(one, "note", {"note": ["Look at"]}, bob)
    merging.merge(into, [one.number], ann)
    with clock.turned_to(clock.now() + timedelta(minutes=1)):
        unsent.keep(into, "note", {"note": ["Look at the bank"]}, bob)
    merging.unmerge(one, ann)
    assert (set(unsent.of_user(into, bob)), unsent.of_user(one, bob)) == ({"note"}, {})


def test_links_of_all_that_went_in_are_shown_with_every_reason(ann: User) -> None:
    into, one, other = opened(ann), opened(ann), opened(ann)
    links.link(into, other, "The same host", ann)
    links.link(one, other, "The same gang", ann)
    merging.merge(into, [one.number], ann)
    (found,) = links.links_of(into, ann)
    assert (found.case, set(found.reasons)) == (other, {"The same host", "The same gang"})


def test_what_was_added_is_read_where_it_was_read(ann: User, bob: User) -> None:
    """A report of two cases: each is answered until somebody took it up there; who may not see it reads nothing."""
    report = a_report()
    one, two = opened(ann, report), opened(bob, a_report(), restricted=True)
    service.attach(two, [report], bob)
    add(report, Channel.EMAIL, "It came back", [])
    assert answered([one, two], bob) == {one.id, two.id}
    service.note(one, "Nothing new", ann)
    assert answered([one, two], bob) == {one.id, two.id}, "Ann cannot see the report"
    service.note(one, "Look at the report", bob)
    assert answered([one, two], bob) == {two.id}
    add(report, Channel.EMAIL, "And again", [])
    assert answered([one, two], bob) == {one.id, two.id}
    service.note(two, "Seen", bob)
    service.note(one, "Seen here, too", bob)
    assert answered([one, two], bob) == set()


def test_what_was_read_in_the_case_that_stays_open_is_no_news_once_that_is_closed(ann: User) -> None:
    report = a_report()
    one, two = opened(ann, report), opened(ann, a_report())
    service.attach(two, [report], ann)
    add(report, Channel.EMAIL, "It came back", [])
    service.note(one, "Seen", ann)
    taking_out.take_out(two, [report], ann)
    service.close(one, Verb.DISMISS, ann, outcome="no_incident", reason="They know")
    assert not is_unread(report)


def test_a_report_that_joins_is_no_look_at_the_case(ann: User) -> None:
    report = a_report()
    case = opened(ann, report)
    add(report, Channel.EMAIL, "It came back", [])
    case.answered_at = NOW
    service.attach(case, [a_report()], ann)
    assert (answered([case], ann), case.answered_at) == ({case.id}, NOW)


def letter_of(case: Case, report: Report, ann: User) -> int:
    return service.write_to_reporter(case, report, "Hello", "TOPSECRETWORDS", ann).id


def lines(entries: list[timeline.Entry]) -> list[tuple[int, str]]:
    return [(each.letter.id, each.who) for each in entries if each.letter and each.letter.name == "case_letter"]


def test_a_letter_of_a_restricted_case_stays_as_restricted_as_the_case(ann: User, bob: User) -> None:
    report = a_report()
    case = opened(ann, report, a_report(), restricted=True)
    letter = letter_of(case, report, ann)
    taking_out.take_out(case, [report], ann)
    session.flush()
    assert lines(timeline.of_report(report, bob)) == []
    assert letterbook.find(letter, bob) is None
    assert letter not in {each.id for each in letterbook.letters_page(bob).rows}
    assert search.find("TOPSECRETWORDS", bob).letters.rows == []
    assert [each.id for each in search.find("TOPSECRETWORDS", ann).letters.rows] == [letter]
    assert letterbook.find(letter, ann) is not None
    assert lines(timeline.of_report(report, ann)) == [(letter, "Ann")]


def test_a_letter_stays_in_the_timeline_of_its_case_with_its_author(ann: User, bob: User) -> None:
    report = a_report()
    case = opened(ann, report, a_report())
    letter = letter_of(case, report, bob)
    made = service.open_case([], ann, title="Other", kind="phishing")
    taking_out.take_out(case, [report], ann)
    service.attach(made, [report], ann)
    assert lines(timeline.of_case(case, ann)) == [(letter, "Bob")]
    assert lines(timeline.of_case(made, ann)) == [(letter, "Bob")]
    access.restrict(made, "A bank", ann)
    assert lines(timeline.of_case(case, bob)) == [], "its report is kept to others now"
    assert lines(timeline.of_case(case, ann)) == [(letter, "Bob")]


def test_two_drafts_of_one_person_are_apart_again(ann: User, bob: User) -> None:
    into, one = opened(ann), opened(ann)
    told = {"subject": ["The host"], "letter": ["Which host?"]}
    unsent.keep(one, "letter", told, bob)
    unsent.keep(into, "letter", {"letter": ["Dear Lee"]}, bob)
    merging.merge(into, [one.number], ann)
    assert unsent.of_user(into, bob)["letter"].fields["letter"] == [
        f"Dear Lee\n\n[{one.number}] The host\n\nWhich host?"
    ]
    merging.unmerge(one, ann)
    assert unsent.of_user(into, bob)["letter"].fields["letter"] == ["Dear Lee"]
    assert unsent.of_user(one, bob)["letter"].fields == told
    merging.merge(into, [one.number], ann)
    unsent.forget(into, "letter", bob)
    merging.unmerge(one, ann)
    assert (unsent.of_user(into, bob), unsent.of_user(one, bob)["letter"].fields) == ({}, told)


def test_a_tag_that_was_renamed_meanwhile_goes_out_with_its_case(ann: User) -> None:
    into, one = opened(ann), opened(ann)
    tags.tag(one, "wave", ann)
    merging.merge(into, [one.number], ann)
    with clock.turned_to(clock.now() + timedelta(minutes=1)):
        tags.rename("wave", "surge", ann)
        merging.unmerge(one, ann)
    assert tags.of_cases([into, one]) == {one.id: ["surge"]}
