"""Merging cases and taking them apart again, linking and splitting them."""

from __future__ import annotations

import pytest

from cert_portal.cases import (
    access,
    handling,
    labels,
    links,
    merging,
    related,
    reviewing,
    search,
    service,
    splitting,
    tags,
    timeline,
    values,
)
from cert_portal.cases import family as families
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case, CaseReport, Verdict
from cert_portal.cases.visible import find_case, find_merged, reports_brought, reports_of
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from cert_portal.intake.models import PublicState, Report
from cert_portal.monitoring import findings
from cert_portal.monitoring.machine_mail import Seen
from cert_portal.monitoring.models import Finding
from tests.cases.desk import NOW, a_report, kinds_of, last


def opened(ann: User, *reports: Report, **more: object) -> Case:
    """A case of these reports."""
    told = {"title": "Fake bank", "kind": "phishing", **more}
    return service.open_case(list(reports) or [a_report()], ann, **told)  # type: ignore[arg-type]


def numbers(case: Case, ann: User) -> list[str]:
    """The reports of a case."""
    return [each.number for each in reports_of(case, ann)]


def with_finding(case: Case, ann: User, place: int = 1) -> Finding:
    """A finding that lies in a case."""
    findings.keep([Seen("a feed", "phishing", url=f"https://bad.example/{place}", raw={"n": place})], None)
    session.flush()
    found = session.query(Finding).order_by(Finding.id.desc()).limit(1).one()
    service.attach_findings(case, [found], ann)
    return found


def test_many_become_one_and_everything_they_hold_is_found_there(ann: User) -> None:
    into, one, two = (opened(ann) for _ in range(3))
    mine, first, second = (numbers(each, ann)[0] for each in (into, one, two))
    finding = with_finding(one, ann)
    tags.tag(one, "wave", ann)
    tags.tag(into, "bank", ann)
    tags.tag(two, "bank", ann)
    handling.note(one, "seen before", ann)
    plan = merging.plan(into, [one.number, two.number], ann)
    assert [(each.case, each.reports, each.findings, each.tags) for each in plan.entries] == [
        (one, 1, 1, ["wave"]),
        (two, 1, 0, ["bank"]),
    ]
    assert one.state == State.NEW, "looking changes nothing"
    done = merging.merge(into, [one.number, two.number], ann, "One wave")
    assert not done.left_out
    assert numbers(into, ann) == [mine, first, second]
    assert (numbers(one, ann), one.state, one.closed_at is None) == ([], State.MERGED, False)
    assert finding.case_number == into.number
    assert tags.of_cases([into])[into.id] == ["bank", "wave"]
    assert find_case(one.number, ann) == find_case(two.number, ann) == into
    assert search.find(one.number, ann).straight == into
    assert find_merged(one.number, ann) == one
    assert find_merged(into.number, ann) is None
    assert find_merged("nonsense", ann) is None
    row = families.merge_of(one)
    assert row is not None
    assert [each.number for each in reports_brought(row, ann)] == [first]
    event = last(one.number)
    assert (event.kind, event.text, event.data) == ("case.merged", "One wave", {"case": into.number})
    told = [each for each in of_subjects([into.number]) if each.kind == "case.took_in"]
    assert told[0].data == {"case": one.number, "reports": 1, "findings": 1}
    shown = {(each.kind, each.about) for each in timeline.of_case(into, ann)}
    assert ("case.noted", one.number) in shown
    assert ("report.received", first) in shown
    assert last(first).data == {"case": into.number}


def test_the_original_shows_what_it_had_and_what_happened_until_then(ann: User) -> None:
    with clock.turned_to(NOW):
        into, one = opened(ann), opened(ann)
        report = reports_of(one, ann)[0]
        merging.merge(into, [one.number], ann)
    service.log_call(report, "Later", ann)
    row = families.merge_of(one)
    assert row is not None
    shown = [each.kind for each in timeline.of_merged(one, reports_brought(row, ann), ann)]
    assert "report.received" in shown
    assert "case.merged" in shown
    assert "report.called" not in shown
    assert "case.took_in" not in shown


def test_a_case_comes_out_again_as_it_was(ann: User) -> None:
    both = a_report()
    into, one = opened(ann), opened(ann, a_report(), both)
    service.attach(into, [both], ann)
    finding = with_finding(one, ann)
    tags.tag(one, "wave", ann)
    before = (numbers(into, ann), numbers(one, ann))
    merging.merge(into, [one.number], ann)
    undone = merging.unmerge(one, ann, "Wrong")
    assert (undone.into, undone.reports, undone.stayed) == (into, 2, 0)
    assert (numbers(into, ann), numbers(one, ann)) == before
    assert (one.state, one.closed_at, find_case(one.number, ann)) == (State.NEW, None, one)
    assert finding.case_number == one.number
    assert tags.of_cases([into, one]) == {one.id: ["wave"]}
    assert kinds_of(one.number)[-1] == "case.unmerged"
    assert "case.gave_back" in kinds_of(into.number)
    with pytest.raises(HandlingRefused, match="not_merged"):
        merging.unmerge(one, ann)
    merging.merge(into, [one.number], ann)
    assert find_case(one.number, ann) == into, "and it may go in again"


def test_a_merge_is_planned_without_a_word_of_hidden_reports(ann: User, bob: User) -> None:
    both, secret = a_report(), a_report()
    into, one = opened(ann), opened(ann, both, secret)
    closed = opened(ann, restricted=True)
    service.attach(closed, [secret], ann)
    told = {each: merging.plan(into, [one.number], each).entries[0].reports for each in (ann, bob)}
    assert told == {ann: 2, bob: 1}


def test_what_was_moved_since_stays_where_it_is(ann: User) -> None:
    into, one = opened(ann), opened(ann, a_report(), a_report())
    finding, tag = with_finding(one, ann), tags.tag(one, "wave", ann)
    first, second = reports_of(one, ann)
    merging.merge(into, [one.number], ann)
    made = splitting.split(into, [second], ann, title="Another", kind="malware")
    finding.case_number = made.number
    tags.untag(into, tag, ann)
    undone = merging.unmerge(one, ann)
    assert (undone.reports, undone.stayed) == (1, 1)
    assert (numbers(one, ann), numbers(made, ann)) == ([first.number], [second.number])
    assert finding.case_number == made.number


def test_a_tag_that_was_retired_meanwhile_goes_over_too(ann: User) -> None:
    one, into = opened(ann), opened(ann)
    tags.tag(one, "wave", ann)
    wordbook.put(Shelf.TAG, "wave", Word(retired=True), ann.actor)
    merging.merge(into, [one.number], ann)
    assert tags.of_cases([into]) == {into.id: ["wave"]}


def test_a_tag_that_two_cases_brought_stays_as_long_as_one_is_in(ann: User) -> None:
    into, one, two = (opened(ann) for _ in range(3))
    for each in (one, two):
        tags.tag(each, "wave", ann)
    merging.merge(into, [one.number, two.number], ann)
    merging.unmerge(one, ann)
    assert tags.of_cases([into])[into.id] == ["wave"]


def test_merges_follow_each_other_and_come_apart_from_the_outside(ann: User) -> None:
    last_one, into, one = (opened(ann) for _ in range(3))
    merging.merge(into, [one.number], ann)
    merging.merge(last_one, [into.number], ann)
    assert find_case(one.number, ann) == last_one
    assert families.merged_into(last_one) == [into, one]
    with pytest.raises(HandlingRefused, match="target_merged"):
        merging.unmerge(one, ann)
    merging.unmerge(into, ann)
    merging.unmerge(one, ann)
    assert [len(numbers(each, ann)) for each in (last_one, into, one)] == [1, 1, 1]


def test_what_cannot_go_in_is_left_out_with_the_reason(ann: User, bob: User) -> None:
    into, closed, hidden, drill = opened(ann), opened(ann), opened(ann), opened(ann, a_report(drill=True))
    handling.close(closed, handling.Verb.DISMISS, ann, outcome="no_incident", reason="none")
    access.restrict(hidden, "A name", ann)
    unseen = opened(bob, restricted=True)
    told = [into.number, closed.number, hidden.number, drill.number, unseen.number, "C26-999999-9"]
    plan = merging.plan(into, told, ann)
    assert not plan.entries
    assert dict(plan.left_out) == {
        into.number: "itself",
        closed.number: "closed",
        hidden.number: "other_people",
        drill.number: "drill",
        unseen.number: "unknown",
        "C26-999999-9": "unknown",
    }
    with pytest.raises(HandlingRefused, match="nothing_to_merge"):
        merging.merge(into, told, ann)
    with pytest.raises(HandlingRefused, match="none_chosen"):
        merging.plan(into, [], ann)
    with pytest.raises(HandlingRefused, match="closed"):
        merging.plan(closed, [into.number], ann)


def test_more_than_one_merge_takes_is_left_out_by_name(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "MOST", 2)
    into, *others = [opened(ann) for _n in range(5)]
    told = [each.number for each in others]
    done = merging.merge(into, [told[0], *told], ann)
    assert [each.case for each in done.entries] == others[:2]
    assert done.left_out == [(told[2], "too_many"), (told[3], "too_many")]
    assert [each.state for each in others[2:]] == [State.NEW, State.NEW]


def test_what_went_into_a_restricted_case_is_as_restricted(ann: User, bob: User) -> None:
    into, one = opened(ann), opened(ann)
    handling.give(one, bob, ann)
    merging.merge(into, [one.number], ann)
    access.restrict(into, "A name", ann)
    assert (find_case(one.number, bob), find_merged(one.number, bob)) == (None, None)
    assert find_merged(one.number, ann) == one
    access.grant(into, bob, "He knows", ann)
    assert find_merged(one.number, bob) == one
    access.revoke(into, bob, ann)
    assert find_merged(one.number, bob) is None
    merging.unmerge(one, ann)
    assert (one.restricted, one.owner_id, find_case(one.number, bob)) == (True, None, None)
    both = opened(ann, restricted=True)
    merging.merge(into, [one.number, both.number], ann)
    access.unrestrict(into, "All may know", ann)
    assert find_merged(both.number, bob) == both


def test_a_reporter_reads_closed_only_when_the_case_that_took_in_is_closed(ann: User) -> None:
    into, one = opened(ann), opened(ann)
    report = reports_of(one, ann)[0]
    merging.merge(into, [one.number], ann)
    assert report.public_state == PublicState.NOTHING
    handling.close(into, handling.Verb.DISMISS, ann, outcome="no_incident", reason="none")
    assert report.public_state == PublicState.CLOSED
    merging.unmerge(one, ann)
    assert report.public_state == PublicState.NOTHING, "it is worked on again"


def test_cases_are_proposed_that_name_the_same(ann: User, bob: User) -> None:
    into, alike = opened(ann), opened(ann)
    opened(ann, a_report("Nothing of the sort at https://other.example/"))
    opened(bob, restricted=True)
    assert related.cases_sharing(into, ann) == [(alike, ["bad[.]example", "hxxps://bad[.]example/login"])]


def test_a_link_is_shown_on_both_and_taken_away(ann: User, bob: User) -> None:
    one, two = opened(ann), opened(ann)
    links.link(two, one, "The same sender", ann)
    links.link(one, two, "The same gang", ann)
    assert [(each.case, each.reasons) for each in links.links_of(one, ann)] == [(two, ("The same gang",))]
    assert [(each.case, each.reasons) for each in links.links_of(two, ann)] == [(one, ("The same gang",))]
    assert "case.linked" in [each.kind for each in timeline.of_case(one, bob)]
    access.restrict(two, "A name", ann)
    assert links.links_of(one, bob) == []
    assert "case.linked" not in [each.kind for each in timeline.of_case(one, bob)]
    assert "case.linked" in [each.kind for each in timeline.of_case(one, ann)]
    links.unlink(one, two, ann)
    links.unlink(one, two, ann)
    assert links.links_of(two, ann) == []
    assert kinds_of(two.number).count("case.unlinked") == 1
    for other, reason, why in ((one, "x", "itself"), (two, " ", "reason_missing")):
        with pytest.raises(HandlingRefused, match=why):
            links.link(one, other, reason, ann)


def test_links_follow_a_merge(ann: User) -> None:
    into, one, other = (opened(ann) for _ in range(3))
    links.link(one, other, "The same sender", ann)
    links.link(one, into, "Perhaps the same", ann)
    merging.merge(into, [one.number], ann)
    assert [each.case for each in links.links_of(into, ann)] == [other]
    assert [each.case for each in links.links_of(other, ann)] == [into]
    links.unlink(into, other, ann)
    assert links.links_of(other, ann) == []


def test_reports_become_a_case_of_their_own_and_merging_undoes_it(ann: User, bob: User) -> None:
    case = opened(ann, a_report(), a_report(), restricted=True)
    access.grant(case, bob, "He knows", ann)
    first, second = reports_of(case, ann)
    made = splitting.split(case, [second], ann, title="Another  bank", kind="malware")
    assert (made.title, made.kind, made.state, made.restricted) == ("Another bank", "malware", State.NEW, True)
    assert (numbers(case, ann), numbers(made, bob)) == ([first.number], [second.number])
    assert [(each.case, each.reasons) for each in links.links_of(case, ann)] == [(made, (links.SPLIT,))]
    assert "case.split" in kinds_of(case.number)
    merging.merge(case, [made.number], ann)
    assert numbers(case, ann) == [first.number, second.number]
    assert links.links_of(case, ann) == []


def test_a_split_and_a_merge_let_nothing_travel_further(ann: User) -> None:
    case = opened(ann, a_report(), a_report())
    labels.set_label(case, TLP.RED, "names a source", ann)
    _first, second = reports_of(case, ann)
    made = splitting.split(case, [second], ann, title="Another", kind="malware")
    assert made.tlp == TLP.RED
    into, strict, plain = (opened(ann) for _ in range(3))
    labels.set_label(strict, TLP.AMBER_STRICT, "", ann)
    told = [plain.number, strict.number]
    assert merging.plan(into, told[:1], ann).label == TLP.AMBER
    assert merging.plan(into, told, ann).label == TLP.AMBER_STRICT
    merging.merge(into, told, ann)
    assert into.tlp == TLP.AMBER_STRICT
    assert kinds_of(into.number).count("case.tlp_set") == 1
    merging.unmerge(strict, ann)
    assert (into.tlp, strict.tlp, plain.tlp) == (TLP.AMBER_STRICT, TLP.AMBER_STRICT, TLP.AMBER)


def test_what_was_said_since_of_a_value_that_a_merge_brought_stays(ann: User) -> None:
    into, one = opened(ann, a_report("nothing")), opened(ann, a_report("neither"))
    reviewing.paste(one, "a.example\nb.example", ann)
    merging.merge(into, [one.number], ann)
    both = {each.value: each for each in values.of_case(into, ann)}
    reviewing.judge(into, [both["a.example"]], Verdict.CONFIRMED, ann)
    merging.unmerge(one, ann)
    assert [(each.value, each.verdict) for each in values.of_case(into, ann)] == [("a.example", Verdict.CONFIRMED)]
    assert [each.verdict for each in values.of_case(one, ann)] == [Verdict.NEW, Verdict.NEW]


def test_a_split_leaves_something_and_takes_something(ann: User) -> None:
    case, other = opened(ann), a_report()
    reports = reports_of(case, ann)
    told = {"title": "Another", "kind": "malware"}
    with pytest.raises(HandlingRefused, match="no_report"):
        splitting.split(case, [other], ann, **told)
    with pytest.raises(HandlingRefused, match="nothing_left"):
        splitting.split(case, reports, ann, **told)
    with_finding(case, ann)
    made = splitting.split(case, reports, ann, **told)
    assert session.query(CaseReport).filter_by(case_id=made.id).count() == 1
    handling.close(case, handling.Verb.DISMISS, ann, outcome="no_incident", reason="none")
    with pytest.raises(HandlingRefused, match="closed"):
        splitting.split(case, reports, ann, **told)


def test_an_unassigned_number_stands_for_the_case_itself(ann: User) -> None:
    case = opened(ann)
    assert families.standing(Case(number="C26-000000-1", id=case.id)).number == "C26-000000-1"


def test_a_case_that_is_not_held_is_looked_at_again(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that took in what was named, between the two looks."""
    into, other = opened(ann, a_report()), opened(ann, a_report())
    monkeypatch.setattr(merging, "_hold", lambda _told: {into.id})
    with pytest.raises(HandlingRefused, match="other_now"):
        merging.merge(into, [other.number], ann)


def test_of_a_merged_number_the_case_is_held_that_it_stands_for(ann: User) -> None:
    into, other, third = (opened(ann, a_report()) for _ in range(3))
    merging.merge(other, [third.number], ann)
    assert [each.case for each in merging.merge(into, [third.number], ann).entries] == [other]
