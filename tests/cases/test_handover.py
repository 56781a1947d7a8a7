"""The note at the change of shifts."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from cert_portal.cases import handover, notices, roster, service
from cert_portal.cases.handover import HandoverRefused
from cert_portal.cases.models import Case
from cert_portal.cases.notices import Kind
from cert_portal.cases.team import Notice
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import erase_text
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import calendar
from cert_portal.directory.models import User
from tests.cases.desk import NOW, a_report, kinds_of, last, person


@pytest.fixture(autouse=True)
def clocks(context: object) -> None:
    calendar.seed()


def a_case(ann: User, **more: object) -> Case:
    case = service.open_case([a_report(str(more))], ann, title="x", kind="phishing", restricted="restricted" in more)
    for name, value in more.items():
        setattr(case, name, value)
    session.flush()
    return case


def told() -> dict[int, str]:
    return {row.user_id: row.subject for row in session.scalars(select(Notice).where(Notice.kind == "handover"))}


def test_a_handover_lists_what_waits_and_the_next_confirms(ann: User) -> None:
    bob, zoe = person("Bob"), person("Zoe")
    with clock.turned_to(NOW):
        major, hidden = a_case(ann, level=3), a_case(ann, level=4, restricted=True)
        due = a_case(ann, state=State.WAITING, waiting_until=date(2026, 5, 4))
        late = a_case(ann, opened_at=NOW - timedelta(days=400))
        a_case(ann, state=State.WAITING, waiting_until=date(2026, 5, 5))
        row = handover.write(" Look at the bank \n", bob, ann)
        assert [each.id for each in handover.waiting_for(bob)] == [row.id]
        assert handover.waiting_for(ann) == handover.waiting_for(zoe) == []
        assert told() == {bob.id: row.subject}
        with pytest.raises(HandoverRefused, match="not_for_you"):
            handover.confirm(row, zoe)
        handover.confirm(row, bob)
        handover.confirm(row, zoe)
        assert (row.read_at, row.read_by_id) == (NOW, bob.id)
    assert handover.waiting_for(bob) == []
    assert kinds_of(row.subject) == ["team.handed_over", "team.handover_read"]
    assert handover.said(handover.recent()) == {row.id: "Look at the bank"}
    assert numbers(row, ann) == {
        "major": [hidden.number, major.number],
        "overdue": [late.number],
        "waiting": [due.number],
    }
    assert numbers(row, bob)["major"] == [major.number], "who may not see a restricted case does not meet it here"


def numbers(row: handover.Handover, user: User) -> dict[str, list[str]]:
    return {name: [case.number for case in part.cases] for name, part in handover.listed(row, user).items()}


def test_without_a_name_it_is_for_whoever_comes_next(ann: User) -> None:
    bob, zoe = person("Bob"), person("Zoe")
    carol = person("Carol", "supervisor")
    with clock.turned_to(NOW):
        for user, begins in ((ann, time(9)), (bob, time(10)), (zoe, time(18))):
            roster.plan(user, date(2026, 5, 4), begins, time(19), 1, carol)
        row = handover.write("Quiet", None, ann)
        assert told() == {bob.id: row.subject, zoe.id: row.subject}
        with pytest.raises(HandoverRefused, match="not_for_you"):
            handover.confirm(row, ann)
        handover.confirm(row, zoe)
    erase_text(next(iter([last(row.subject)])))
    assert handover.said([row]) == {row.id: "Quiet"}


def test_what_was_confirmed_waits_in_no_notice_and_leaves_in_no_letter(ann: User) -> None:
    bob, zoe = person("Bob"), person("Zoe")
    for user in (bob, zoe):
        notices.choose(list(Kind), list(Kind), user)
    row, other = handover.write("Look at the bank", bob, ann), handover.write("And at the shop", zoe, ann)
    notices.tell(Kind.HANDOVER, zoe, row.subject, str(row.id))
    assert (notices.unread(bob), notices.unread(zoe)) == (1, 2)
    handover.confirm(row, bob)
    assert (notices.unread(bob), notices.unread(zoe)) == (0, 1)
    assert notices.send() == 1
    (letter,) = session.scalars(select(Letter).where(Letter.name == "notice"))
    assert (letter.recipient, handover.waiting_for(zoe)) == (zoe.email, [other])


def test_while_somebody_is_away_it_is_for_whoever_comes_next_too(ann: User) -> None:
    bob, zoe, carol = person("Bob"), person("Zoe"), person("Carol", "supervisor")
    with clock.turned_to(NOW):
        roster.plan(zoe, NOW.date(), time(9), time(18), 1, carol)
        roster.add_absence(bob, NOW.date(), NOW.date() + timedelta(days=2), carol)
        row = handover.write("Look at the bank", bob, ann)
        assert told() == {bob.id: row.subject, zoe.id: row.subject}
        assert [handover.waiting_for(user) for user in (ann, bob, zoe, carol)] == [[], [row], [row], [row]]
        with pytest.raises(HandoverRefused, match="not_for_you"):
            handover.confirm(row, ann)
    with clock.turned_to(NOW + timedelta(days=3)):
        assert handover.waiting_for(zoe) == [], "Bob is back"
    bob.active = False
    session.flush()
    handover.confirm(row, zoe)
    assert row.read_by_id == zoe.id


def test_what_cannot_be_handed_over(ann: User) -> None:
    with pytest.raises(HandoverRefused, match="empty"):
        handover.write("  ", None, ann)
    with pytest.raises(HandoverRefused, match="may_not_read"):
        handover.write("x", person("Eva", "editor"), ann)


def test_a_long_list_says_how_many_more(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "MOST", 1)
    for level in (3, 4):
        a_case(ann, level=level)
    part = handover.left_behind(ann)["major"]
    assert ([case.level for case in part.cases], part.more) == ([4], 1)


def test_nobody_comes_next_to_oneself(ann: User) -> None:
    bob, carol = person("Bob"), person("Carol", "supervisor")
    with clock.turned_to(NOW):
        roster.plan(ann, NOW.date(), time(12), time(15), 1, carol)
        roster.plan(bob, NOW.date(), time(15), time(18), 1, carol)
        assert [user for user, _shift in roster.next_on_duty()] == [ann]
        assert [user for user, _shift in roster.next_on_duty(besides=ann)] == [bob]
        assert [user for user, _shift in roster.next_on_duty(besides=bob)] == [ann]
        handover.write("Call the bank", None, ann)
    assert [each.user_id for each in session.scalars(select(Notice))] == [bob.id]
