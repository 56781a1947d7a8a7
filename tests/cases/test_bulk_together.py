"""Acts on many by several people: at the same moment, and of which each sees another part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from cert_portal.cases import bulk, bulk_after, bulk_reports, merging, queue, service, tags, taking_out
from cert_portal.cases.bulk import Act, Wish
from cert_portal.cases.bulk_reports import Decision, ReportAct
from cert_portal.cases.models import BulkRun, Case
from cert_portal.cases.queue import View
from cert_portal.cases.triage import TriageRefused
from cert_portal.cases.visible import find_case, reports_of, standing_numbers
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.directory.models import User
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import a_report, person, together


def people() -> list[int]:
    return [person(name).id for name in ("Ann", "Ben")]


def some_cases(user_id: int, count: int) -> list[str]:
    user = session.get_one(User, user_id)
    return [service.open_case([], user, title=f"case {n}", kind="phishing").number for n in range(count)]


def test_the_same_tag_hung_by_two_at_once_is_hung_once(app: Flask) -> None:
    start_writing()
    with app.app_context():
        ids = people()
        numbers = some_cases(ids[0], 30)
        session.commit()

    def act(user_id: int) -> tuple[int, set[str]]:
        user = session.get_one(User, user_id)
        run = bulk.do(bulk.plan(numbers, Wish(Act.TAG, "wave"), user, hold=True), user)
        return len(run.done), {why for _number, why in run.left_out}

    found = together(app, *(partial(act, each) for each in ids))
    assert sorted(found, key=lambda each: each[0]) == [(0, {"is_so"}), (30, set())]


def test_a_tag_hung_on_one_case_by_two_at_once_is_hung_once(app: Flask) -> None:
    start_writing()
    with app.app_context():
        ids = people()
        (number,) = some_cases(ids[0], 1)
        session.commit()

    def act(user_id: int) -> str:
        user = session.get_one(User, user_id)
        case = find_case(number, user)
        assert case is not None
        return tags.tag(case, "wave", user)

    assert together(app, *(partial(act, each) for each in ids)) == ["wave", "wave"]


def test_an_undo_pressed_by_two_at_once_is_done_once(app: Flask) -> None:
    start_writing()
    with app.app_context():
        ids = people()
        numbers = some_cases(ids[0], 5)
        ann = session.get_one(User, ids[0])
        run_id = bulk.do(bulk.plan(numbers, Wish(Act.TAG, "wave"), ann), ann).id
        session.commit()

    def act(user_id: int) -> int | None:
        return bulk.undo(session.get_one(BulkRun, run_id), session.get_one(User, user_id))

    found = together(app, *(partial(act, each) for each in ids))
    assert sorted(found, key=str) == [5, None]
    with app.app_context():
        assert session.get_one(BulkRun, run_id).left_out == []


def test_an_undo_of_reports_pressed_by_two_at_once_is_done_once(app: Flask) -> None:
    start_writing()
    with app.app_context():
        ids = people()
        ann = session.get_one(User, ids[0])
        numbers = [a_report(str(n)).number for n in range(4)]
        run_id = bulk_reports.do(bulk_reports.choose(numbers, ann), Decision(ReportAct.REFUSE, "spam"), ann).id
        session.commit()

    def act(user_id: int) -> int | None:
        return bulk_reports.undo(session.get_one(BulkRun, run_id), session.get_one(User, user_id))

    found = together(app, *(partial(act, each) for each in ids))
    assert sorted(found, key=str) == [4, None]
    with app.app_context():
        assert session.get_one(BulkRun, run_id).left_out == []


def test_reports_refused_and_taken_into_a_case_at_once_are_decided_once(app: Flask) -> None:
    start_writing()
    with app.app_context():
        ids = people()
        (case,) = some_cases(ids[0], 1)
        numbers = [a_report(str(n)).number for n in range(3)]
        session.commit()

    def act(user_id: int, wish: Decision) -> int | str:
        user = session.get_one(User, user_id)
        chosen = bulk_reports.choose(numbers, user)
        assert [each.number for each in chosen.reports] == numbers or chosen.left_out
        try:
            return len(bulk_reports.do(chosen, wish, user).done)
        except TriageRefused as error:
            session.rollback()
            return error.reason

    wishes = (Decision(ReportAct.REFUSE, "spam"), Decision(ReportAct.ATTACH, case))
    acts = [partial(act, *pair) for pair in zip(ids, wishes, strict=True)]
    assert sorted(together(app, *acts), key=str) == [3, "taken"]


def test_what_others_decided_after_the_look_is_left_out_and_told_with_who_was_quicker(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    one, two, three = [a_report(str(n)) for n in range(3)]
    chosen = bulk_reports.choose([each.number for each in (one, two, three)], ann)
    service.refuse(one, "spam", ben)
    case = service.open_case([two], ben, title="x", kind="phishing")
    run = bulk_reports.do(chosen, Decision(ReportAct.ATTACH, case.number), ann)
    assert bulk_reports.seen(run, ann) == ([three.number], [(one.number, "taken"), (two.number, "taken")])
    assert bulk_reports.deciders([one.number, two.number]) == {one.number: ben.actor, two.number: ben.actor}
    assert one.state == ReportState.REFUSED


def left(run: BulkRun, user: User) -> Sequence[str]:
    return bulk_after.standing(run, bulk.seen(run, user)[0]).left


def test_what_somebody_cannot_see_stays_to_be_put_back_by_those_who_do(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    open_, hidden = (session.query(Case).filter_by(number=each).one() for each in some_cases(ann.id, 2))
    run = bulk.do(bulk.plan([open_.number, hidden.number], Wish(Act.TAG, "wave"), ann), ann)
    service.restrict(hidden, "police", ann)
    assert bulk.undo(run, ben) == 1
    assert (left(run, ben), left(run, ann)) == ([], [hidden.number])
    done = bulk.seen(run, ben)[0]
    assert bulk_after.standing(run, done).undone_at is not None
    assert bulk.undo(run, ben) is None, "to him it is undone"
    assert tags.counted(ann) == {"wave": 1}
    assert run.undone_at is None
    (mine,) = bulk_after.recent(ann)
    assert mine.may_undo
    assert bulk.undo(run, ann) == 1
    assert tags.counted(ann) == {}
    assert (run.undone_at is None, left(run, ann)) == (False, [])
    assert bulk.undo(run, ann) is None
    assert not bulk_after.recent(ann)[0].may_undo


def test_nothing_is_offered_to_be_undone_of_what_the_person_sees_no_more(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    one, two = (session.query(Case).filter_by(number=each).one() for each in some_cases(ann.id, 2))
    run = bulk.do(bulk.plan([one.number, two.number], Wish(Act.TAG, "wave"), ben), ben)
    service.restrict(one, "police", ann)
    bulk.undo(run, ben)
    assert (run.undone_at, bulk_after.recent(ben)[0].may_undo) == (None, False)
    assert bulk_after.recent(ben)[0].undone_at is not None
    assert left(run, ann) == [one.number]


def test_a_run_is_open_to_who_sees_something_of_it_and_to_who_did_it(context: Flask) -> None:
    ann, ben, eve = person(), person("Ben"), person("Eve")
    one, two = (session.query(Case).filter_by(number=each).one() for each in some_cases(ann.id, 2))
    tags.tag(two, "wave", ann)
    service.restrict(one, "police", ann)
    run = bulk.do(bulk.plan([one.number, two.number], Wish(Act.TAG, "wave"), ann), ann)
    assert (bulk.run_of(run.id, ann), bulk.run_of(run.id, ben)) == (run, run)
    assert bulk.seen(run, ben) == ([], [(two.number, "is_so")])
    service.restrict(two, "police", ann)
    assert bulk.run_of(run.id, ben) is None
    assert bulk.run_of(0, ann) is None
    run.user_id = eve.id
    assert bulk.run_of(run.id, eve) is run, "it is the own act"
    assert bulk.seen(run, eve) == ([], [])


def test_a_refusal_is_open_to_who_sees_one_of_the_reports(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    report = a_report()
    run = bulk_reports.do(bulk_reports.choose([report.number], ann), Decision(ReportAct.REFUSE, "spam"), ann)
    assert bulk_reports.run_of(run.id, ben) is run
    service.return_to_queue(report, ann)
    service.open_case([report], ann, title="x", kind="phishing", restricted=True)
    assert bulk_reports.run_of(run.id, ben) is None
    assert bulk_reports.run_of(run.id, ann) is run
    assert bulk_reports.undo(run, ben) is None


def hide(report: Report, ann: User) -> None:
    """Take a report into a restricted case as well."""
    secret = service.open_case([], ann, title="secret", kind="phishing", restricted=True)
    service.attach(secret, [report], ann)


def test_reports_that_somebody_cannot_see_stay_in_the_case_until_others_take_them_out(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    reports = [a_report(str(n)) for n in range(2)]
    wish = Decision(ReportAct.OPEN, title="One wave", kind="phishing")
    run = bulk_reports.do(bulk_reports.choose([each.number for each in reports], ann), wish, ann)
    hide(reports[1], ann)
    assert bulk_reports.undo(run, ben) == 1
    case = find_case(run.value, ann)
    assert case is not None
    assert (reports_of(case, ann), case.state) == ([reports[1]], State.NEW)
    assert bulk_reports.undo(run, ben) is None
    assert bulk_reports.seen(run, ben)[0] == [reports[0].number]
    assert bulk_reports.undo(run, ann) == 1
    assert (reports_of(case, ann), case.state, case.outcome) == ([], State.CLOSED, "mistake")
    assert run.undone_at is not None


def test_so_with_reports_that_joined_a_case(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    reports = [a_report(str(n)) for n in range(2)]
    (number,) = some_cases(ann.id, 1)
    wish = Decision(ReportAct.ATTACH, number)
    run = bulk_reports.do(bulk_reports.choose([each.number for each in reports], ann), wish, ann)
    hide(reports[0], ann)
    assert (bulk_reports.undo(run, ben), bulk_reports.undo(run, ben)) == (1, None)
    assert run.left_out == []
    assert list(queue.reports(View.TRIAGE, ann).rows) == [reports[1]]
    assert bulk_reports.undo(run, ann) == 1
    case = find_case(number, ann)
    assert case is not None
    assert reports_of(case, ann) == []


def test_acts_into_a_case_that_is_hidden_since_are_not_among_the_last_ones(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    (number,) = some_cases(ann.id, 1)
    bulk_reports.do(bulk_reports.choose([a_report().number], ben), Decision(ReportAct.ATTACH, number), ben)
    assert len(bulk_after.recent(ben)) == 1
    case = find_case(number, ann)
    assert case is not None
    service.restrict(case, "police", ann)
    assert bulk_after.recent(ben) == []


def test_a_case_that_was_merged_is_told_as_one(context: Flask) -> None:
    ann = person()
    numbers = some_cases(ann.id, 3)
    into, one, _other = (session.query(Case).filter_by(number=each).one() for each in numbers)
    run = bulk.do(bulk.plan(numbers[1:2], Wish(Act.GIVE, str(ann.id)), ann), ann)
    session.expire_all()
    merging.merge(into, [one.number], ann)
    for wish in (Wish(Act.GIVE, str(person("Ben").id)), Wish(Act.CLOSE, "fixed", reason="x")):
        told = {case.number: why for case, why in bulk.plan([one.number], wish, ann).left_out}
        assert told == {one.number: "merged"}
    assert bulk.undo(run, ann) == 0
    assert run.left_out == [[one.number, "kept_merged"]]


def test_the_undo_of_a_tag_leaves_a_merged_case_as_it_is_and_says_so(context: Flask) -> None:
    ann = person()
    numbers = some_cases(ann.id, 3)
    into, one, two = (session.query(Case).filter_by(number=each).one() for each in numbers)
    tags.tag(two, "wave", ann)
    hung = bulk.do(bulk.plan([one.number], Wish(Act.TAG, "storm"), ann), ann)
    taken = bulk.do(bulk.plan([two.number], Wish(Act.UNTAG, "wave"), ann), ann)
    session.expire_all()
    merging.merge(into, [one.number, two.number], ann)
    for run, number in ((hung, one.number), (taken, two.number)):
        assert bulk.undo(run, ann) == 0
        assert run.left_out == [[number, "kept_merged"]]
    assert tags.of_cases([into, two]) == {into.id: ["storm"]}


def test_what_somebody_did_by_hand_since_is_not_undone(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    numbers = some_cases(ann.id, 2)
    one, two = (session.query(Case).filter_by(number=each).one() for each in numbers)
    hung = bulk.do(bulk.plan(numbers, Wish(Act.TAG, "wave"), ann), ann)
    given = bulk.do(bulk.plan(numbers, Wish(Act.GIVE, str(ben.id)), ann), ann)
    session.expire_all()
    with clock.turned_to(clock.now() + timedelta(minutes=1)):
        tags.untag(one, "wave", ben)
        tags.tag(one, "wave", ben)
        service.give(one, ann, ann)
        service.give(one, ben, ann)
        assert (bulk.undo(hung, ann), bulk.undo(given, ann)) == (1, 1)
    assert (hung.left_out, given.left_out) == ([[one.number, "kept_tag"]], [[one.number, "kept_owner"]])
    assert tags.of_cases([one, two]) == {one.id: ["wave"]}
    assert (one.owner_id, two.owner_id) == (ben.id, None)


def test_a_tag_that_was_renamed_since_is_undone_under_its_new_name(context: Flask) -> None:
    ann = person()
    numbers = some_cases(ann.id, 2)
    cases = [session.query(Case).filter_by(number=each).one() for each in numbers]
    hung = bulk.do(bulk.plan(numbers, Wish(Act.TAG, "wave"), ann), ann)
    session.expire_all()
    with clock.turned_to(clock.now() + timedelta(minutes=1)):
        tags.rename("wave", "surge", ann)
        tags.rename("surge", "storm", ann)
        assert bulk.undo(hung, ann) == 2
    assert tags.of_cases(cases) == {}
    again = bulk.do(bulk.plan(numbers, Wish(Act.TAG, "bank"), ann), ann)
    session.expire_all()
    for each in cases:
        tags.untag(each, "bank", ann)
    assert bulk.undo(again, ann) == 0
    assert bulk_after.standing(again, numbers) == bulk_after.Standing(again.undone_at, [], put_back=False)
    told = {each.id: each.undone_at is None for each in bulk_after.recent(ann)}
    assert told == {hung.id: False, again.id: True}, "nothing was put back: that is no undo"


def test_nothing_is_undone_in_a_case_that_is_hidden_since(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    report, (number,) = a_report(), some_cases(ann.id, 1)
    run = bulk_reports.do(bulk_reports.choose([report.number], ben), Decision(ReportAct.ATTACH, number), ben)
    case = find_case(number, ann)
    assert case is not None
    taking_out.take_out(case, [report], ann)
    service.restrict(case, "police", ann)
    with pytest.raises(TriageRefused, match="closed"):
        bulk_reports.undo(run, ben)


def test_a_merge_of_merges_leads_to_the_case_that_stands(context: Flask) -> None:
    ann, ben = person(), person("Ben")
    numbers = some_cases(ann.id, 3)
    for into, other in ((1, 0), (2, 1)):
        case = find_case(numbers[into], ann)
        assert case is not None
        merging.merge(case, [numbers[other]], ann)
    standing = find_case(numbers[2], ann)
    assert standing is not None
    assert standing_numbers(numbers, ben) == dict.fromkeys(numbers[:2], numbers[2])
    service.restrict(standing, "police", ann)
    assert standing_numbers(numbers, ben) == {}
