"""Notices to a person: each once, never of what the person may not see, in the ways that the person chose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from cert_portal import config
from cert_portal.cases import alarms, bulk, notices, queue, roster, service, telling
from cert_portal.cases.bulk import Act, Wish
from cert_portal.cases.models import Case
from cert_portal.cases.notices import Kind
from cert_portal.cases.query import parse
from cert_portal.cases.queue import Sort
from cert_portal.cases.severity import Halt, Impact, Leak, Tampering
from cert_portal.cases.workflow import Verb
from cert_portal.coordination.notices import RULES
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts, calendar
from cert_portal.directory.models import User
from cert_portal.intake.models import Report
from cert_portal.intake.status import add
from cert_portal.intake.submission import Channel
from tests.cases.desk import NOW, a_report, last, person

MAJOR = Impact(Leak.SENSITIVE, Tampering.NONE, Halt.NONE)


@pytest.fixture
def case(ann: User, report: Report) -> Case:
    return service.open_case([report], ann, title="Secret title", kind="phishing")


@pytest.fixture
def major(ann: User) -> Case:
    """A case of level 3 or 4 that nobody owns from NOW on."""
    with clock.turned_to(NOW):
        case = service.open_case([a_report()], ann, title="x", kind="phishing")
        service.set_level(case, MAJOR, ann)
    assert case.level is not None
    assert case.level >= 3
    return case


@pytest.fixture(autouse=True)
def clocks(context: object) -> None:
    calendar.seed()


def tell() -> None:
    telling.tell_people(RULES)
    session.flush()


def told(user: User) -> list[tuple[str, str]]:
    return [(each.kind, each.subject) for each in notices.listed(user)]


def mails(user: User) -> list[Letter]:
    rows = select(Letter).where(Letter.name == "notice", Letter.recipient == user.email)
    return list(session.scalars(rows.order_by(Letter.id)))


def test_a_mention_in_a_note_of_what_happened_days_ago_is_told(case: Case, ann: User, bob: User) -> None:
    told = clock.now() - timedelta(days=3)
    service.note(case, "@Bob called then", ann, at=told)
    service.note(case, "@Bob it was Eve", ann, line="e1")
    tell()
    tell()
    assert [each.kind for each in notices.listed(bob)] == [Kind.MENTIONED, Kind.MENTIONED]


def test_a_case_that_was_given_is_told_once_in_both_ways(case: Case, ann: User, bob: User) -> None:
    tell()
    service.give(case, bob, ann)
    for _ in range(2):
        tell()
    assert (told(bob), notices.unread(bob), told(ann)) == ([("given", case.number)], 1, [])
    (letter,) = mails(bob)
    assert letter.subject == f"[{case.number}] You were given a case"
    assert f"/staff/cases/{case.number}" in letter.text
    assert "Secret" not in letter.text


def test_ones_own_doing_is_no_news(case: Case, ann: User, bob: User) -> None:
    tell()
    service.take(case, bob)
    service.note(case, "Remember, @Bob", bob)
    service.give(case, None, ann)
    tell()
    assert told(bob) == []


def test_a_mention_and_an_answer(case: Case, report: Report, ann: User, bob: User) -> None:
    tell()
    add(report, Channel.WEB, "to a case without an owner", [])
    tell()
    service.take(case, ann)
    service.note(case, "@Bob look", ann)
    add(report, Channel.WEB, "One thing more", [])
    tell()
    assert (told(bob), told(ann)) == ([("mentioned", case.number)], [("answered", case.number)])
    assert mails(ann) == [], "an answer is told by mail only to those who ask for it"


def test_what_is_added_after_the_end_is_told_to_the_owner_unless_another_case_goes_on(
    case: Case, report: Report, ann: User, bob: User
) -> None:
    tell()
    service.take(case, ann)
    service.move(case, Verb.TRIAGE, ann)
    service.close(case, Verb.DISMISS, ann, outcome="no_incident", reason="x")
    add(report, Channel.WEB, "And another thing", [])
    tell()
    assert told(ann) == [("answered", case.number)]
    other = service.open_case([], ann, title="Again", kind="phishing")
    service.attach(other, [report], ann)
    service.take(other, bob)
    add(report, Channel.WEB, "And a third", [])
    tell()
    assert (told(ann), told(bob)) == ([("answered", case.number)], [("answered", other.number)])


def test_what_is_added_changes_the_cases_that_show_it(report: Report, ann: User, bob: User) -> None:
    with clock.turned_to(NOW):
        case = service.open_case([report], ann, title="Seen", kind="phishing")
        kept, other = (service.open_case([], ann, title=title, kind="phishing") for title in ("Kept", "Other"))
        hidden = a_report("https://hidden.example/")
        service.attach(kept, [hidden], ann)
        service.attach(other, [hidden], ann)
        service.restrict(kept, "police", ann)
        tell()
    later = NOW + timedelta(hours=3)
    with clock.turned_to(later):
        add(report, Channel.WEB, "One thing more", [])
        add(hidden, Channel.WEB, "Another", [])
        tell()
    assert [each.updated_at for each in (case, kept, other)] == [later, later, NOW]
    assert queue.cases(parse("is:open"), bob, sort=Sort.CHANGED).rows[0] == case
    with clock.turned_to(later + timedelta(minutes=1)):
        tell()
    assert case.updated_at == later


def test_everybody_chooses(case: Case, ann: User, bob: User) -> None:
    tell()
    notices.choose(["overdue", "dragon"], ["answered"], bob)
    assert notices.chosen(bob) == notices.Chosen(frozenset({"overdue"}), frozenset({"answered"}))
    service.give(case, bob, ann)
    tell()
    notices.choose(list(Kind), list(Kind), bob)
    tell()
    assert (told(bob), mails(bob)) == ([], []), "another choice does not bring up the past"


def test_a_restricted_case_is_told_to_nobody_who_may_not_see_it(case: Case, ann: User, bob: User) -> None:
    tell()
    service.give(case, bob, ann)
    service.note(case, "@Bob", ann)
    service.restrict(case, "a colleague", ann)
    service.give(case, ann, ann)
    service.revoke(case, bob, ann)
    tell()
    assert (told(bob), mails(bob)) == ([], [])


def test_a_notice_of_before_is_hidden_when_the_case_is_restricted(case: Case, ann: User, bob: User) -> None:
    tell()
    service.give(case, bob, ann)
    tell()
    (row,) = notices.listed(bob)
    service.give(case, ann, ann)
    service.restrict(case, "a colleague", ann)
    assert (told(bob), notices.unread(bob), notices.read(row.id, bob)) == ([], 0, None)


def test_what_is_restricted_before_the_mail_leaves_is_not_told(case: Case, ann: User, bob: User) -> None:
    notices.tell_of_case(Kind.GIVEN, bob, case, "1")
    service.restrict(case, "a colleague", ann)
    assert notices.send() == 0
    bob.active = False
    service.unrestrict(case, "over", ann)
    notices.tell(Kind.GIVEN, bob, case.number, "2")
    assert notices.send() == 0
    assert mails(bob) == []


def test_reading(case: Case, ann: User, bob: User) -> None:
    for key in ("1", "2", "3"):
        notices.tell_of_case(Kind.GIVEN, bob, case, key)
    first = notices.listed(bob)[-1]
    with clock.turned_to(NOW):
        assert notices.read(first.id, bob) is first
    assert notices.read(first.id, bob) is first
    assert notices.read(first.id, ann) is None
    assert (first.read_at, notices.unread(bob)) == (NOW, 2)
    notices.read_all(bob)
    assert (first.read_at, notices.unread(bob)) == (NOW, 0)


def test_many_cases_at_once_make_one_letter(ann: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "NAMED_IN_A_LETTER", 2)
    tell()
    made = [service.open_case([a_report(f"no {n}")], ann, title="x", kind="phishing") for n in range(3)]
    bulk.do(bulk.plan([each.number for each in made], Wish(Act.GIVE, str(bob.id)), ann), ann)
    tell()
    (letter,) = mails(bob)
    assert letter.subject == "You were given a case"
    assert "and 1 more" in letter.text
    assert len(told(bob)) == 3


def test_an_overdue_case_is_told_to_its_owner_once(ann: User, bob: User) -> None:
    with clock.turned_to(NOW):
        late, free = (service.open_case([a_report(each)], ann, title=each, kind="phishing") for each in "ab")
        service.take(late, ann)
    with clock.turned_to(NOW + timedelta(days=100)):
        for _ in range(2):
            tell()
        assert told(ann) == [("overdue", late.number)]
        service.give(late, bob, bob)
        tell()
        assert told(bob) == [("overdue", late.number)], "the next owner is told, too"
    assert free.owner_id is None


def at(minutes: float) -> None:
    with clock.turned_to(NOW + timedelta(minutes=minutes)):
        tell()


def test_a_major_case_without_an_owner_alarms_duty_and_supervisors_once(major: Case, ann: User, bob: User) -> None:
    carol, case = person("Carol", "supervisor"), major
    with clock.turned_to(NOW):
        roster.plan(bob, date(2026, 5, 4), time(9), time(18), 1, carol)
    at(29)
    assert told(bob) == told(carol) == []
    at(31)
    with clock.turned_to(NOW + timedelta(minutes=31)):
        assert [(each.case.number, each.since) for each in alarms.unowned_for(ann, 3)[0]] == [(case.number, NOW)]
    at(45)
    assert told(bob) == told(carol) == [("unowned", case.number)]
    assert told(ann) == [], "neither on duty nor a supervisor"
    assert [letter.subject for letter in mails(carol)] == [f"[{case.number}] Alarm: a major case without an owner"]
    with clock.turned_to(NOW + timedelta(minutes=50)):
        service.take(case, ann)
        service.set_level(case, MAJOR, ann)
    at(100)
    with clock.turned_to(NOW + timedelta(minutes=110)):
        service.give(case, None, ann)
    at(120)
    assert len(told(bob)) == 1
    at(141)
    assert told(bob) == told(carol) == [("unowned", case.number)] * 2, "left alone again, told again"


def test_of_a_restricted_case_those_are_alarmed_who_may_see_it(ann: User, bob: User) -> None:
    carol = person("Carol", "supervisor")
    with clock.turned_to(NOW):
        hidden = service.open_case([a_report()], ann, title="x", kind="phishing", restricted=True)
        service.set_level(hidden, MAJOR, ann)
    at(31)
    assert (told(ann), told(bob), told(carol)) == ([("unowned", hidden.number)], [], [])
    assert mails(carol) == []


def test_the_alarm_can_be_switched_off(major: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    carol = person("Carol", "supervisor")
    here = config.current()
    monkeypatch.setattr("cert_portal.cases.alarms.current", lambda: replace(here, unowned_minutes=0))
    at(600)
    assert ("unowned", major.number) not in told(carol)


def test_a_case_that_is_opened_again_is_left_alone_from_then_on(major: Case, ann: User) -> None:
    carol, case = person("Carol", "supervisor"), major
    with clock.turned_to(NOW):
        service.move(case, Verb.TRIAGE, ann)
        service.close(case, Verb.DISMISS, ann, outcome="no_incident", reason="x")
    at(31)
    assert told(carol) == []
    with clock.turned_to(NOW + timedelta(minutes=40)):
        service.move(case, Verb.REOPEN, ann, reason="it was one")
    at(60)
    assert told(carol) == []
    at(71)
    assert told(carol) == [("unowned", case.number)]


def test_both_languages(case: Case, ann: User, bob: User) -> None:
    accounts.set_language(bob, "zh-hant")
    notices.tell_of_case(Kind.GIVEN, bob, case, "1")
    notices.tell(Kind.HANDOVER, bob, "handover:1", "1")
    notices.choose([], list(Kind), bob)
    notices.tell(Kind.HANDOVER, bob, "handover:2", "2")
    assert notices.send() == 2
    assert [letter.subject for letter in mails(bob)] == [f"[{case.number}] 有個案交給你處理", "有交更紀錄待你確認"]
    assert "/staff/team/handovers/2" in mails(bob)[1].text


def test_a_notice_says_who_mentioned_one_or_gave_the_case(ann: User, bob: User, case: Case) -> None:
    tell()
    service.give(case, bob, ann)
    service.note(case, "@Bob look", ann)
    tell()
    rows = notices.listed(bob)
    assert [each.kind for each in rows] == ["mentioned", "given"]
    assert notices.senders(rows) == {each.id: ann.actor for each in rows}
    for letter in session.scalars(select(Letter).where(Letter.name == "notice")):
        assert f"{case.number} (by Ann): http" in letter.text


def test_with_nobody_on_duty_and_the_supervisor_away_everybody_who_is_there_is_alarmed(major: Case, bob: User) -> None:
    carol = person("Carol", "supervisor")
    with clock.turned_to(NOW):
        roster.add_absence(carol, date(2026, 5, 4), date(2026, 5, 4), carol)
        roster.plan(carol, date(2026, 5, 4), time(9), time(18), 1, carol)
    at(31)
    assert told(bob) == [("unowned", major.number)]
    assert told(carol) == []


def test_where_everybody_is_away_everybody_is_alarmed(major: Case, ann: User) -> None:
    with clock.turned_to(NOW):
        roster.add_absence(ann, date(2026, 5, 4), date(2026, 5, 4), ann)
    at(31)
    assert told(ann) == [("unowned", major.number)]


def test_cases_of_somebody_who_left_have_no_owner_any_more(major: Case, case: Case, ann: User, bob: User) -> None:
    with clock.turned_to(NOW):
        service.take(major, bob)
        service.take(case, ann)
        accounts.change(bob, name="Bob", roles=["editor"], active=True, actor="user:1")
    at(1)
    assert (major.owner_id, case.owner_id) == (None, ann.id)
    event = last(major.number)
    assert (event.kind, event.actor, event.data) == ("case.owner_set", "system", {"before": bob.id, "after": None})
    at(30)
    assert told(ann) == []
    at(31)
    assert told(ann) == [("unowned", major.number)], "the only one who is there"
