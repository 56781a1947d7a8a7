"""Who is on duty, who is away, and what becomes of their cases."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from cert_portal.cases import alarms, queue, roster, service
from cert_portal.cases.query import parse
from cert_portal.cases.roster import RosterRefused
from cert_portal.cases.workflow import today
from cert_portal.cases.workload import workload
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.directory import accounts, calendar
from cert_portal.directory.models import User
from tests.cases.desk import NOW, a_report, kinds_of, person

TODAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def clocks(context: object) -> None:
    calendar.seed()


@pytest.fixture
def carol(ann: User) -> User:
    return person("Carol", "supervisor")


def names(duties: list[roster.Duty]) -> list[str]:
    return [user.name for user, _shift in duties]


def test_who_is_on_duty_and_who_comes_next(ann: User, carol: User) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW):
        assert roster.next_on_duty() == []
        roster.plan(ann, TODAY, time(9), time(18), 2, carol)
        roster.plan(bob, TODAY, time(18), time(9), 1, carol)
        assert (names(roster.on_duty()), names(roster.next_on_duty())) == (["Ann"], ["Bob"])
    with clock.turned_to(NOW + timedelta(hours=15)):  # 01:00 of the next day in Hong Kong
        assert (names(roster.on_duty()), names(roster.next_on_duty())) == (["Bob"], ["Ann"])
    days = [(day, names(duties)) for day, duties in roster.days(TODAY, 3)]
    assert days == [(TODAY, ["Ann", "Bob"]), (date(2026, 5, 5), ["Ann"]), (date(2026, 5, 6), [])]
    with clock.turned_to(NOW - timedelta(days=3)):
        assert roster.next_on_duty() == [], "nobody is called days before"


def test_whoever_is_away_on_the_day_of_the_shift_does_not_come_next(ann: User, carol: User) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW):
        roster.plan(ann, TODAY + timedelta(days=1), time(7), time(9), 1, carol)
        roster.plan(bob, TODAY + timedelta(days=1), time(8), time(9), 1, carol)
        assert names(roster.next_on_duty()) == ["Ann"]
        roster.add_absence(ann, TODAY + timedelta(days=1), TODAY + timedelta(days=2), ann)
        assert names(roster.next_on_duty()) == ["Bob"], "and later that day somebody else does"
        roster.add_absence(bob, TODAY, TODAY, bob)
        assert names(roster.next_on_duty()) == ["Bob"], "away today and back by then"
        assert names(roster.next_on_duty(besides=bob)) == []


def test_whoever_left_or_lost_the_role_is_not_on_duty(ann: User, carol: User) -> None:
    bob = person("Bob")
    with clock.turned_to(NOW):
        for user in (ann, bob, carol):
            roster.plan(user, TODAY, time(9), time(18), 2, carol)
        accounts.change(ann, name="Ann", roles=["editor"], active=True, actor=carol.actor)
        accounts.change(bob, name="Bob", roles=["analyst"], active=False, actor=carol.actor)
        assert (names(roster.on_duty()), names(roster.next_on_duty())) == (["Carol"], ["Carol"])


def test_the_same_shift_twice_is_there_once_and_each_change_is_an_event(ann: User, carol: User) -> None:
    with clock.turned_to(NOW):
        first = roster.plan(ann, TODAY, time(9), time(18), 2, carol)
        assert len(roster.plan(ann, TODAY, time(9), time(18), 3, carol)) == 1
    roster.remove_shift(first[0].id, carol)
    roster.remove_shift(first[0].id, carol)
    assert [kind for kind in kinds_of(ann.actor) if kind.startswith("team.")] == [
        *["team.shift_added"] * 3,
        "team.shift_removed",
    ]


def test_shifts_of_one_person_do_not_overlap(ann: User, carol: User) -> None:
    with clock.turned_to(NOW):
        roster.plan(ann, TODAY + timedelta(days=2), time(9), time(17), 1, carol)
        for first, begins, ends, days in ((2, 10, 18, 1), (2, 9, 18, 1), (0, 23, 10, 3)):
            with pytest.raises(RosterRefused, match="overlaps"):
                roster.plan(ann, TODAY + timedelta(days=first), time(begins), time(ends), days, carol)
        assert len(roster.plan(ann, TODAY + timedelta(days=1), time(17), time(9), 2, carol)) == 2, "one after the other"
        assert len(roster.plan(carol, TODAY + timedelta(days=2), time(10), time(18), 1, carol)) == 1, "others may"


def test_the_days_of_a_shift_on_which_its_person_is_away_are_told(ann: User, carol: User) -> None:
    with clock.turned_to(NOW):
        roster.plan(ann, TODAY, time(18), time(9), 4, carol)
        assert roster.days_away(ann) == []
        roster.add_absence(ann, TODAY + timedelta(days=1), TODAY + timedelta(days=2), ann)
        assert roster.days_away(ann) == [TODAY + timedelta(days=1), TODAY + timedelta(days=2)]


@pytest.mark.parametrize("days", [0, 32])
def test_a_plan_has_its_bounds(ann: User, carol: User, days: int) -> None:
    with pytest.raises(RosterRefused, match="bad_days"):
        roster.plan(ann, TODAY, time(9), time(18), days, carol)
    with pytest.raises(RosterRefused, match="may_not_read"):
        roster.plan(person("Eva", "editor"), TODAY, time(9), time(18), 1, carol)


def test_a_shift_lasts_and_is_not_over(ann: User, carol: User) -> None:
    with clock.turned_to(NOW):
        with pytest.raises(RosterRefused, match="no_length"):
            roster.plan(ann, TODAY, time(9), time(9), 1, carol)
        with pytest.raises(RosterRefused, match="over"):
            roster.plan(ann, TODAY - timedelta(days=1), time(9), time(18), 1, carol)
        with pytest.raises(RosterRefused, match="over"):
            roster.plan(ann, TODAY, time(8), time(10), 1, carol)
        assert len(roster.plan(ann, TODAY - timedelta(days=1), time(18), time(11), 1, carol)) == 1, "it runs"


def test_the_same_absence_is_noted_once(ann: User, carol: User) -> None:
    with clock.turned_to(NOW):
        roster.add_absence(ann, TODAY, TODAY + timedelta(days=2), ann)
        for first, last in ((0, 2), (1, 1)):
            with pytest.raises(RosterRefused, match="is_away"):
                roster.add_absence(ann, TODAY + timedelta(days=first), TODAY + timedelta(days=last), carol)
        roster.add_absence(ann, TODAY, TODAY + timedelta(days=3), ann)
        roster.add_absence(carol, TODAY, TODAY, carol)


def test_whoever_is_away_is_not_on_duty_and_the_cases_are_offered(ann: User, carol: User) -> None:
    bob = person("Bob")
    case = service.open_case([a_report()], ann, title="x", kind="phishing")
    hidden = service.open_case([a_report("other")], ann, title="y", kind="phishing", restricted=True)
    for each in (case, hidden):
        service.take(each, ann)
    with clock.turned_to(NOW):
        roster.plan(ann, TODAY, time(9), time(18), 1, carol)
        row = roster.add_absence(ann, TODAY, TODAY + timedelta(days=2), ann)
        roster.add_absence(ann, TODAY, TODAY + timedelta(days=4), carol)
        assert roster.on_duty() == []
        assert roster.away() == {ann.id: TODAY + timedelta(days=4)}
        assert [each.number for each in queue.cases(parse("is:open is:away"), bob).rows] == [case.number]
        assert (alarms.left_alone(bob), alarms.left_alone(ann)) == (1, 2)
        roster.remove_absence(row.id, ann)
        roster.remove_absence(row.id, ann)
        assert len(roster.absences()) == 1
    with clock.turned_to(NOW + timedelta(days=5)):
        assert (roster.away(), roster.absences(), alarms.left_alone(bob)) == ({}, [], 0)


def test_absences_that_meet_are_one(ann: User) -> None:
    with clock.turned_to(NOW):
        for first, last in ((0, 2), (1, 4), (5, 6), (8, 9)):
            roster.add_absence(ann, TODAY + timedelta(days=first), TODAY + timedelta(days=last), ann)
        assert roster.away() == {ann.id: TODAY + timedelta(days=6)}, "the last one begins after a day at work"


def test_days_of_others_are_set_by_who_keeps_the_roster(ann: User, carol: User) -> None:
    bob, day = person("Bob"), today()
    row = roster.add_absence(bob, day, day, carol)
    for refused in (
        lambda: roster.add_absence(bob, day, day, ann),
        lambda: roster.remove_absence(row.id, ann),
    ):
        with pytest.raises(RosterRefused, match="not_yours"):
            refused()
    with pytest.raises(RosterRefused, match="order"):
        roster.add_absence(ann, day, day - timedelta(days=1), ann)
    with pytest.raises(RosterRefused, match="bad_days"):
        roster.add_absence(ann, day, day + timedelta(days=366), ann)


def test_workload_counts_what_one_may_see_and_nobody_the_rest(ann: User, carol: User) -> None:
    bob = person("Bob")
    person("Eva", "editor")
    with clock.turned_to(NOW - timedelta(days=400)):
        old = service.open_case([a_report()], ann, title="old", kind="phishing")
        service.take(old, ann)
    free = service.open_case([a_report("two")], ann, title="free", kind="phishing")
    hidden = service.open_case([a_report("three")], ann, title="hidden", kind="phishing", restricted=True)
    service.take(hidden, ann)
    old.level = 3
    played = a_report("four")
    played.drill = True
    drill = service.open_case([played], ann, title="drill", kind="phishing")
    service.take(drill, ann)

    def rows(reader: User) -> dict[str, int]:
        return {load.user.name if load.user else "": load.total for load in workload(reader)}

    assert rows(ann) == {"": 1, "Ann": 2, "Bob": 0, "Carol": 0}
    assert rows(bob) == rows(carol) == {"": 1, "Ann": 1, "Bob": 0, "Carol": 0}
    mine = next(load for load in workload(ann) if load.user is ann)
    assert (mine.levels, mine.last) == ({3: 1, "undecided": 1}, hidden.updated_at)
    hidden.level_rule = "attempt_no_effect"
    session.flush()
    assert next(load for load in workload(ann) if load.user is ann).levels == {3: 1, "no_level": 1}
    assert free.owner_id is None
