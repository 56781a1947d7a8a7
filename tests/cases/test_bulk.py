"""One act on many cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.event import listen, remove

from cert_portal.cases import bulk, bulk_after, labels, queue, service, tags, workflow
from cert_portal.cases.bulk import Act, Wish
from cert_portal.cases.bulk_after import Post
from cert_portal.cases.handling import HandlingRefused
from cert_portal.cases.models import Case, CaseTag
from cert_portal.cases.query import parse
from cert_portal.cases.visible import reports_of
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import record_many
from cert_portal.core.mail import exercise, outbox
from cert_portal.core.tlp import TLP
from cert_portal.directory.models import User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf, Word
from tests.cases.desk import NOW, a_report, kinds_of, person

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def cases(ann: User) -> list[Case]:
    return [service.open_case([], ann, title=f"case {number}", kind="phishing") for number in range(4)]


def numbers(cases: list[Case]) -> list[str]:
    return [case.number for case in cases]


def left_out(plan: bulk.Plan) -> dict[str, str]:
    return {case.title: why for case, why in plan.left_out}


def dismiss(case: Case, ann: User) -> None:
    service.close(case, workflow.Verb.DISMISS, ann, outcome="no_incident", reason="x")


def test_giving_leaves_out_what_cannot_be_given_and_says_why(cases: list[Case], ann: User, bob: User) -> None:
    service.give(cases[0], bob, ann)
    dismiss(cases[1], ann)
    service.restrict(cases[2], "police", ann)
    plan = bulk.plan(numbers(cases), Wish(Act.GIVE, str(bob.id)), ann)
    assert left_out(plan) == {"case 0": "is_so", "case 1": "closed", "case 2": "not_named"}
    run = bulk.do(plan, ann)
    session.expire_all()
    assert [case.owner_id for case in cases] == [bob.id, None, None, bob.id]
    assert (run.done, len(run.left_out)) == ([[cases[3].number, None]], 3)
    assert kinds_of(cases[3].number)[-1] == "case.owner_set"


def test_giving_is_undone_where_nobody_did_anything_since(cases: list[Case], ann: User, bob: User) -> None:
    service.take(cases[0], ann)
    run = bulk.do(bulk.plan(numbers(cases), Wish(Act.GIVE, str(bob.id)), ann), ann)
    session.expire_all()
    service.take(cases[1], ann)
    assert bulk.may_undo(run)
    assert bulk.undo(run, ann) == 3
    assert [case.owner_id for case in cases] == [ann.id, ann.id, None, None]
    left_out, kept = bulk_after.apart(bulk.seen(run, ann)[1])
    assert (left_out, kept) == ([], [(cases[1].number, "kept_owner")])
    assert bulk.undo(run, ann) is None
    assert not bulk.may_undo(run)


def test_nobody_gets_back_what_he_may_not_have_any_more(cases: list[Case], ann: User, bob: User) -> None:
    service.take(cases[0], ann)
    run = bulk.do(bulk.plan(numbers(cases[:1]), Wish(Act.GIVE), bob), bob)
    session.expire_all()
    assert cases[0].owner_id is None
    ann.active = False
    assert bulk.undo(run, bob) == 0
    assert run.left_out == [[cases[0].number, "kept_may_not_own"]]


def test_what_was_closed_since_is_not_given_back(cases: list[Case], ann: User, bob: User) -> None:
    run = bulk.do(bulk.plan(numbers(cases[:1]), Wish(Act.GIVE, str(bob.id)), ann), ann)
    session.expire_all()
    dismiss(cases[0], ann)
    assert bulk.undo(run, ann) == 0
    assert run.left_out == [[cases[0].number, "kept_closed"]]


def test_a_close_says_how_many_letters_go_to_how_many_and_who_has_no_address(ann: User) -> None:
    told = [a_report("1"), a_report("2", email="Rita@victim.example"), a_report("3", email="")]
    cases = [service.open_case([each], ann, title="x", kind="phishing") for each in told]
    plan = bulk.plan(numbers(cases), Wish(Act.DISMISS, "no_incident", letter="Nothing.", reason="x"), ann)
    expected = Post(2, 1, [told[2].number])
    assert bulk_after.post_of_plan(plan.cases, "Nothing.", ann) == expected
    assert bulk_after.post_of_plan(plan.cases, " ", ann) is None
    run = bulk.do(plan, ann)
    assert bulk_after.post_of_run(run, ann) == expected
    silent = [service.open_case([a_report("4")], ann, title="x", kind="phishing")]
    run = bulk.do(bulk.plan(numbers(silent), Wish(Act.DISMISS, "no_incident", reason="x"), ann), ann)
    assert bulk_after.post_of_run(run, ann) is None
    service.restrict(cases[0], "police", ann)
    before = bulk.run_of(run.id - 1, ann)
    assert before is not None
    assert bulk_after.post_of_run(before, person("Eve")) == Post(1, 1, [told[2].number])


def test_the_last_acts_of_a_person_are_found_for_a_day(cases: list[Case], ann: User, bob: User) -> None:
    with clock.turned_to(NOW):
        bulk.do(bulk.plan(numbers(cases), Wish(Act.TAG, "old"), ann), ann)
    with clock.turned_to(NOW + timedelta(hours=25)):
        run = bulk.do(bulk.plan(numbers(cases), Wish(Act.TAG, "wave"), ann), ann)
        bulk.do(bulk.plan(numbers(cases), Wish(Act.DISMISS, "no_incident", reason="x"), ann), ann)
        assert [(each.value, each.may_undo) for each in bulk_after.recent(ann)] == [
            ("no_incident", False),
            ("wave", True),
        ]
        bulk.undo(run, ann)
        assert not bulk_after.recent(ann)[1].may_undo
        assert bulk_after.recent(bob) == []


def test_tags_go_on_and_off_and_back(cases: list[Case], ann: User) -> None:
    for _ in range(2):
        tags.tag(cases[0], "wave", ann)
    plan = bulk.plan(numbers(cases), Wish(Act.TAG, " WAVE "), ann)
    assert left_out(plan) == {"case 0": "is_so"}
    run = bulk.do(plan, ann)
    assert all(tags.of_cases(cases)[case.id] == ["wave"] for case in cases)
    assert bulk.undo(run, ann) == 3
    assert set(tags.of_cases(cases)) == {cases[0].id}
    off = bulk.do(bulk.plan(numbers(cases), Wish(Act.UNTAG, "wave"), ann), ann)
    assert (tags.of_cases(cases), len(off.left_out)) == ({}, 3)
    session.expire_all()
    assert bulk.undo(off, ann) == 1
    assert tags.in_use(ann) == ["wave"]
    tags.untag(cases[0], "wave", ann)
    tags.untag(cases[0], "wave", ann)
    assert kinds_of(cases[0].number)[-2:] == ["case.tagged", "case.untagged"]
    nothing = bulk.do(bulk.plan([], Wish(Act.TAG, "wave"), ann), ann)
    assert (nothing.done, bulk.may_undo(nothing)) == ([], False)


def test_a_tag_is_named_by_its_word_in_either_language(cases: list[Case], ann: User) -> None:
    wordbook.put(Shelf.TAG, "spring", Word("Spring wave", "春季"), ann.actor)
    wordbook.put(Shelf.TAG, "winter", Word("Winter wave", "冬季"), ann.actor)
    assert [tags.tag(cases[0], each, ann) for each in ("冬季", "Spring wave", "冬天")] == ["winter", "spring", "冬天"]
    assert tags.of_cases(cases) == {cases[0].id: ["spring", "winter", "冬天"]}
    for name in ("Winter Wave", "春季", "冬天"):
        tags.untag(cases[0], name, ann)
    assert tags.of_cases(cases) == {}
    tags.tag(cases[0], "plain", ann)
    assert tags.rename("plain", "bare", ann) == "bare"
    assert tags.of_cases(cases) == {cases[0].id: ["bare"]}
    assert tags.rename("spring", "winter", ann) == "winter"
    assert (list(wordbook.entries(Shelf.TAG)), wordbook.of(Shelf.TAG, "winter").name_en) == (["winter"], "Winter wave")


def test_a_tag_of_many_is_the_same_tag_as_of_one(cases: list[Case], ann: User) -> None:
    wordbook.put(Shelf.TAG, "winter", Word("Winter wave", "冬季"), ann.actor)
    run = bulk.do(bulk.plan(numbers(cases[:2]), Wish(Act.TAG, "冬季"), ann), ann)
    assert (run.value, tags.counted(ann)) == ("winter", {"winter": 2})
    off = bulk.do(bulk.plan(numbers(cases), Wish(Act.UNTAG, "Winter Wave"), ann), ann)
    assert tags.counted(ann) == {}
    wordbook.put(Shelf.TAG, "winter", Word("Winter wave", "冬季", retired=True), ann.actor)
    with pytest.raises(HandlingRefused, match="tag_retired"):
        bulk.plan(numbers(cases), Wish(Act.TAG, "winter"), ann)
    assert bulk.undo(off, ann) == 2, "what was there comes back, also when it is offered no longer"
    assert tags.counted(ann) == {"winter": 2}


def test_a_tag_has_one_spelling_however_wide_it_is_typed(cases: list[Case], ann: User) -> None:
    wordbook.put(Shelf.TAG, "winter", Word("Ｗinter wave", "冬季"), ann.actor)
    told = ("ＶＩＰ", "V\u200bI\u00adP", "\u202evip", "Winter Wave", "Ｗｉｎｔｅｒ\u3000ｗａｖｅ")
    assert [tags.tag(cases[0], each, ann) for each in told] == ["vip", "vip", "vip", "winter", "winter"]
    for each in ("ＶＩＰ", "v\u200bip"):
        assert queue.numbers(parse(f'tag:"{each}"'), ann, 10) == [cases[0].number]
    tags.untag(cases[0], "ＶＩＰ", ann)
    assert tags.of_cases(cases) == {cases[0].id: ["winter"]}


def test_what_hangs_in_a_wide_spelling_is_found_taken_off_and_spelled_anew(cases: list[Case], ann: User) -> None:
    session.add_all([CaseTag(case_id=each.id, tag="ｖｉｐ") for each in cases])
    session.flush()
    for told in ("tag:ｖｉｐ", "tag:ＶＩＰ", "tag:vip"):
        assert len(queue.numbers(parse(told), ann, 10)) == 4, told
    assert not tags.hang(cases[0], "vip", ann)
    assert tags.untag(cases[0], "ｖｉｐ", ann)
    assert tags.untag(cases[1], "vip", ann)
    plan = bulk.plan(numbers(cases), Wish(Act.UNTAG, "vip"), ann)
    assert left_out(plan) == {"case 0": "is_so", "case 1": "is_so"}
    plan = bulk.plan(numbers(cases[:3]), Wish(Act.UNTAG, "ｖｉｐ"), ann)
    bulk.do(plan, ann)
    assert tags.of_cases(cases) == {cases[3].id: ["ｖｉｐ"]}
    assert tags.rename("ｖｉｐ", "vip", ann) == "vip"
    assert tags.of_cases(cases) == {cases[3].id: ["vip"]}


def test_a_tag_that_is_too_long_is_refused_and_not_cut(cases: list[Case], ann: User) -> None:
    for act in (lambda: tags.tag(cases[0], "w" * 41, ann), lambda: bulk.plan([], Wish(Act.TAG, "w" * 41), ann)):
        with pytest.raises(HandlingRefused, match="tag_long"):
            act()
    wordbook.put(Shelf.TAG, "winter", Word("w" * 60, ""), ann.actor)
    assert tags.tag(cases[0], "w" * 60, ann) == "winter"
    with pytest.raises(HandlingRefused, match="empty"):
        tags.tag(cases[0], "\u200b", ann)
    tags.tag(cases[0], "x" * 40, ann)
    assert queue.numbers(parse(f"tag:{'x' * 60}"), ann, 10) == [cases[0].number], "as it was cut until now"


def test_tags_of_closed_cases_are_taken_back_too_and_only_what_changed_counts(cases: list[Case], ann: User) -> None:
    dismiss(cases[0], ann)
    run = bulk.do(bulk.plan(numbers(cases), Wish(Act.TAG, "wrong"), ann), ann)
    tags.untag(cases[1], "wrong", ann)
    assert bulk.undo(run, ann) == 3
    assert run.left_out == [[cases[1].number, "kept_tag"]]
    assert tags.counted(ann) == {}


def test_planning_an_end_with_a_letter_asks_the_same_however_many_they_are(ann: User) -> None:
    def planned(cases: list[Case]) -> int:
        told: list[str] = []
        session.flush()
        listen(session.get_bind(), "before_cursor_execute", note := lambda *more: told.append(more[2]))
        plan = bulk.plan(numbers(cases), Wish(Act.CLOSE, "fixed", letter="It is over, {reporter}."), ann)
        remove(session.get_bind(), "before_cursor_execute", note)
        assert len(plan.cases) == len(cases)
        return len(told)

    cases = [
        service.open_case([a_report(f"{n}"), a_report(f"and {n}")], ann, title=f"case {n}", kind="phishing")
        for n in range(6)
    ]
    for case in cases:
        case.state = workflow.State.RESOLVED
    assert planned(cases) == planned(cases[:1])


def test_a_letter_of_an_exercise_leaves_its_case_out_where_the_address_is_not_registered(ann: User) -> None:
    one, two = (
        service.open_case([a_report(f"{n}", email=email, drill=True)], ann, title=f"case {n}", kind="phishing")
        for n, email in enumerate(("rita@victim.example", "lee@players.example"))
    )
    for case in (one, two):
        case.state = workflow.State.RESOLVED
    exercise.add("@players.example", "", ann.actor)
    plan = bulk.plan(numbers([one, two]), Wish(Act.CLOSE, "fixed", letter="It is over."), ann)
    assert left_out(plan) == {"case 0": "exercise"}


def test_closing_tells_each_reporter_once_and_cannot_be_undone(ann: User) -> None:
    cases = [service.open_case([a_report(f"{n}")], ann, title=f"case {n}", kind="phishing") for n in range(2)]
    other = service.open_case([], ann, title="handled", kind="phishing")
    workflow.move(other, workflow.Verb.TRIAGE, ann)
    other.state = workflow.State.IN_HANDLING
    plan = bulk.plan(numbers([*cases, other]), Wish(Act.DISMISS, "no_incident", letter="It was nothing."), ann)
    assert left_out(plan) == {"handled": "in_work"}
    run = bulk.do(plan, ann)
    assert {case.state for case in cases} == {"closed"}
    letters = [
        letter.name for case in cases for letter in outbox.about([each.number for each in reports_of(case, ann)])
    ]
    assert letters.count("case_closed") == 2
    assert not bulk.may_undo(run)


def test_what_closing_refuses_is_told(cases: list[Case], ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for case in cases[:2]:
        case.state = workflow.State.RESOLVED
    plan = bulk.plan(numbers(cases[:2]), Wish(Act.CLOSE, "fixed", reason="known"), ann)
    monkeypatch.setattr("cert_portal.cases.handling.waits_for_release", lambda case: case is cases[0])
    run = bulk.do(plan, ann)
    assert (run.done, run.left_out) == ([[cases[1].number, None]], [[cases[0].number, "refused"]])
    assert cases[0].state == workflow.State.RESOLVED


def test_cases_in_handling_are_resolved_and_closed_in_one_go(cases: list[Case], ann: User) -> None:
    states = [workflow.State.IN_HANDLING, workflow.State.RESOLVED, workflow.State.MONITORING, workflow.State.NEW]
    for case, state in zip(cases, states, strict=True):
        case.state, case.level_rule = state, "E1" if state != workflow.State.MONITORING else ""
    before = bulk.look(numbers(cases), Act.CLOSE, ann)
    assert left_out(before) == {"case 2": "no_level", "case 3": "not_handled"}
    assert {case.title for case in before.cases} == {"case 0", "case 1"}
    plan = bulk.plan(numbers(cases), Wish(Act.CLOSE, "fixed", reason="known"), ann)
    assert left_out(plan) == left_out(before)
    bulk.do(plan, ann)
    assert [case.state for case in cases] == ["closed", "closed", "monitoring", "new"]
    assert kinds_of(cases[0].number)[-3:] == ["case.resolved", "case.phase_set", "case.closed"]
    assert kinds_of(cases[1].number)[-1:] == ["case.closed"]
    again = bulk.look(numbers(cases), Act.CLOSE, ann)
    assert left_out(again) == {**left_out(before), "case 0": "closed", "case 1": "closed"}
    assert left_out(bulk.look(numbers(cases[:1]), Act.DISMISS, ann)) == {"case 0": "closed"}


def test_a_case_of_a_member_waits_for_its_release(
    cases: list[Case], ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases[0].state = workflow.State.RESOLVED
    monkeypatch.setattr("cert_portal.cases.bulk_ends.waiting_for_release", lambda some: {some[0].id})
    assert left_out(bulk.look(numbers(cases[:1]), Act.CLOSE, ann)) == {"case 0": "release"}


def test_a_letter_that_cannot_leave_leaves_its_case_out(ann: User) -> None:
    told, red, alone = (
        service.open_case([a_report(f"{n}", email=email)], ann, title=f"case {n}", kind="phishing")
        for n, email in enumerate(("rita@victim.example", "lee@victim.example", ""))
    )
    for case in (told, red, alone):
        case.state = workflow.State.RESOLVED
    labels.set_label(red, TLP.RED, "", ann)
    plan = bulk.plan(numbers([told, red, alone]), Wish(Act.CLOSE, "fixed", letter="It is over."), ann)
    assert left_out(plan) == {"case 1": "red", "case 2": "nobody_to_tell"}
    with_reason = Wish(Act.CLOSE, "fixed", letter="It is over.", reason="anonymous")
    assert left_out(bulk.plan(numbers([told, red, alone]), with_reason, ann)) == {"case 1": "red"}
    blank = bulk.plan(numbers([told]), Wish(Act.CLOSE, "fixed", letter="On [[day]]"), ann)
    assert left_out(blank) == {"case 0": "letter_blanks"}
    plan = bulk.plan(numbers([told, red]), Wish(Act.CLOSE, "fixed", letter="It is over."), ann)
    labels.set_label(told, TLP.RED, "", ann)  # between the look and the act
    run = bulk.do(plan, ann)
    assert (run.done, told.state) == ([], workflow.State.RESOLVED)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(Act.TAG, '" ,'), "empty"),
        (Wish(Act.GIVE, "nobody"), "may_not_handle"),
        (Wish(Act.GIVE, "999999"), "may_not_handle"),
        (Wish(Act.CLOSE, "no_incident", reason="x"), "unknown_reason"),
        (Wish(Act.DISMISS, "no_incident"), "reason_missing"),
    ],
)
def test_a_wish_that_suits_no_case(wish: Wish, reason: str, ann: User, cases: list[Case]) -> None:
    with pytest.raises(HandlingRefused) as refused:
        bulk.plan(numbers(cases), wish, ann)
    assert refused.value.reason == reason


def test_nobody_acts_on_what_he_may_not_see(cases: list[Case], ann: User, bob: User) -> None:
    service.restrict(cases[0], "police", ann)
    plan = bulk.plan(numbers(cases), Wish(Act.TAG, "wave"), bob)
    assert cases[0] not in plan.cases
    assert "case 0" not in left_out(plan)
    run = bulk.do(plan, bob)
    assert bulk.run_of(run.id, bob) is run
    service.restrict(cases[1], "police", ann)
    assert bulk.seen(run, bob) == ([cases[3].number, cases[2].number], [])
    assert bulk.seen(run, ann)[0] == [case.number for case in reversed(cases[1:])]


def test_an_event_that_lacks_a_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="carries"):
        record_many(tags.TAGGED, "user:1", [("C1", {"colour": "red"})])
