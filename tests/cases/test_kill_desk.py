"""Acts of the desk on many rows, killed (-9) before every statement that they send: wholly done or not at all, nothing
lost, no letter twice."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from cert_portal.cases import bulk, bulk_reports, exchange, later, merging, service, taking_out, workflow
from cert_portal.cases.bulk import Act, Wish
from cert_portal.cases.bulk_reports import Decision, ReportAct
from cert_portal.cases.correspondence import PlannedLetter
from cert_portal.cases.exchange_file import FORMAT
from cert_portal.cases.models import BulkRun, Case, CaseMerge, CaseReport
from cert_portal.cases.team import Notice
from cert_portal.cases.visible import reports_of
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail import outbox
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.models import Holiday, User
from cert_portal.guidance import wordbook
from cert_portal.guidance.wordbook import Shelf
from cert_portal.intake.models import Report, ReportState
from tests.cases.desk import NOW, a_report, person
from tests.kills import kills
from workers.letters import leave_letters
from workers.mail import send_letter
from workers.team import tell_people


def counted(*what: object) -> int:
    """How many rows there are."""
    return session.scalar(select(func.count()).select_from(*what)) or 0  # type: ignore[arg-type]  # any table


def ann() -> User:
    return session.scalars(select(User).where(User.name == "Ann")).one()


def some_cases(count: int, state: workflow.State = workflow.State.NEW) -> list[str]:
    user = person()
    made = [
        service.open_case([a_report(f"Report {n}", email=f"p{n}@x.example")], user, title=f"{n}", kind="phishing")
        for n in range(count)
    ]
    for case in made:
        case.state, case.level_rule = state, "E1"
    session.commit()
    return [case.number for case in made]


def test_a_merge_is_done_wholly_or_not_at_all(context: Flask) -> None:
    into, *others = some_cases(3)

    def act() -> None:
        target = session.scalars(select(Case).where(Case.number == into)).one()
        merging.merge(target, others, ann(), "one wave")

    for _statement in kills(context, act, 3):
        merged = session.scalars(select(Case.state).where(Case.number.in_(others))).all()
        rows = counted(CaseMerge)
        reports = counted(CaseReport.__table__.join(Case.__table__))
        told = counted(select(Event).where(Event.kind == "case.merged").subquery())
        target = session.scalars(select(Case.id).where(Case.number == into)).one()
        in_target = counted(select(CaseReport).where(CaseReport.case_id == target).subquery())
        assert (set(merged), rows, reports, told, in_target) in (
            ({"new"}, 0, 3, 0, 1),
            ({"merged"}, 2, 3, 2, 3),
        )
    assert rows == 2


def test_closing_many_is_done_wholly_or_not_at_all(context: Flask) -> None:
    numbers = some_cases(3, workflow.State.IN_HANDLING)
    wish = Wish(Act.CLOSE, "fixed", letter="It is over.")

    def act() -> None:
        bulk.do(bulk.plan(numbers, wish, ann()), ann())

    for _statement in kills(context, act, 7):
        states = session.scalars(select(Case.state).where(Case.number.in_(numbers))).all()
        letters = counted(select(Letter).where(Letter.name == "case_closed").subquery())
        assert (set(states), letters, counted(BulkRun)) in (({"in_handling"}, 0, 0), ({"closed"}, 3, 1))
    assert letters == 3


def test_refusing_many_and_telling_their_reporters_is_done_wholly_or_not_at_all(context: Flask) -> None:
    person()
    numbers = [a_report(f"Report {n}", email=f"p{n}@x.example").number for n in range(3)]
    session.commit()

    def act() -> None:
        chosen = bulk_reports.choose(numbers, ann())
        bulk_reports.do(chosen, Decision(ReportAct.REFUSE, "not_enough", tell=True), ann())

    for _statement in kills(context, act, 5):
        states = session.scalars(select(Report.state)).all()
        letters = counted(select(Letter).where(Letter.name == "case_letter").subquery())
        assert (set(states), letters, counted(BulkRun)) in (
            ({ReportState.WAITING_TRIAGE}, 0, 0),
            ({ReportState.REFUSED}, 3, 1),
        )
    assert letters == 3


def test_calling_letters_back_is_done_wholly_or_not_at_all(context: Flask) -> None:
    user = person()
    numbers = [a_report(f"Report {n}", email=f"p{n}@x.example").number for n in range(3)]
    chosen = bulk_reports.choose(numbers, user)
    run_id = bulk_reports.do(chosen, Decision(ReportAct.REFUSE, "not_enough", tell=True), user).id
    session.commit()
    for _statement in kills(context, lambda: bulk_reports.undo(session.get_one(BulkRun, run_id), ann()), 5):
        states = session.scalars(select(Report.state)).all()
        letters = session.scalars(select(Letter.state).where(Letter.name == "case_letter")).all()
        assert (set(states), set(letters)) in (
            ({ReportState.REFUSED}, {"queued"}),
            ({ReportState.WAITING_TRIAGE}, {"recalled"}),
        )
    assert set(letters) == {"recalled"}


def test_taking_reports_out_is_done_wholly_or_not_at_all(context: Flask) -> None:
    first, second = some_cases(2)

    def found(number: str) -> Case:
        return session.scalars(select(Case).where(Case.number == number)).one()

    merging.merge(found(first), [second], ann())
    session.commit()

    def act() -> None:
        case = found(first)
        taking_out.take_out(case, reports_of(case, ann()), ann(), "another incident")

    for _statement in kills(context, act, 4):
        states = session.scalars(select(Report.state)).all()
        told = counted(select(Event).where(Event.kind == "report.taken_out").subquery())
        back = counted(select(Event).where(Event.kind == "report.returned").subquery())
        assert (set(states), counted(CaseReport), told) in (
            ({ReportState.ATTACHED}, 2, 0),
            ({ReportState.WAITING_TRIAGE}, 0, 2),
        )
        assert back in (0, told)
    assert told == 2


def test_undoing_what_was_done_to_many_is_done_wholly_or_not_at_all(context: Flask) -> None:
    numbers = some_cases(3)
    run_id = bulk.do(bulk.plan(numbers, Wish(Act.GIVE, str(ann().id)), ann()), ann()).id
    session.commit()
    for _statement in kills(context, lambda: bulk.undo(session.get_one(BulkRun, run_id), ann()), 2):
        owners = session.scalars(select(Case.owner_id).where(Case.number.in_(numbers))).all()
        is_undone = session.get_one(BulkRun, run_id).undone_at is not None
        assert (set(owners), is_undone) in (({ann().id}, False), ({None}, True))
    assert is_undone


def test_everybody_is_told_once_of_everything(context: Flask) -> None:
    numbers = some_cases(3)
    bob = person("Bob")
    for number in numbers:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        service.give(case, bob, ann())
    session.commit()
    for _statement in kills(context, tell_people, 2):
        notices = session.execute(select(Notice.subject, Notice.user_id)).all()
        letters = counted(select(Letter).where(Letter.name == "notice").subquery())
        assert len(notices) == len(set(notices))
        assert (len(notices), letters) in ((0, 0), (3, letters))
    session.remove()
    before = letters
    tell_people()
    assert counted(Notice) == 3
    assert counted(select(Letter).where(Letter.name == "notice").subquery()) == before


def test_the_cases_of_who_left_are_released_wholly_or_not_at_all(context: Flask) -> None:
    numbers = some_cases(3)
    bob = person("Bob")
    for case in session.scalars(select(Case).where(Case.number.in_(numbers))):
        service.give(case, bob, ann())
    bob.active, bobs = False, bob.id
    session.commit()
    for _statement in kills(context, tell_people, 2):
        owners = session.scalars(select(Case.owner_id)).all()
        told = select(Event).where(Event.kind == "case.owner_set", Event.actor == "system")
        assert (set(owners), counted(told.subquery())) in (({bobs}, 0), ({None}, 3))
    assert set(owners) == {None}


def test_a_settings_file_is_taken_wholly_or_not_at_all(context: Flask) -> None:
    person()
    session.commit()
    holidays = [{"day": f"2031-03-0{n}", "name_en": f"Day {n}", "name_zh_hant": f"日 {n}"} for n in range(1, 4)]
    tags = [{"code": "wave", "name_en": "Wave", "name_zh_hant": "一波"}]
    told = json.dumps({"format": FORMAT, "version": 1, "holidays": holidays, "tags": tags})

    for _statement in kills(context, lambda: exchange.take(exchange.read(told, ann()), ann()), 2):
        days = counted(select(Holiday).where(Holiday.name_en.like("Day %")).subquery())
        imported = counted(select(Event).where(Event.kind == "desk.settings_imported").subquery())
        assert (days, len(wordbook.entries(Shelf.TAG)), imported) in ((0, 0, 0), (3, 1, 1))
    assert imported == 1


def test_a_letter_that_may_not_leave_stops_and_its_author_is_told_once(context: Flask) -> None:
    number = some_cases(1)[0]
    with clock.turned_to(NOW):
        case = session.scalars(select(Case).where(Case.number == number)).one()
        later.plan(case, session.scalars(select(Report)).one(), "How is it?", "?", NOW + timedelta(hours=1), ann())
        session.commit()
    with clock.turned_to(NOW + timedelta(minutes=5)):
        case.closed_at = clock.now()
        session.commit()
        for _statement in kills(context, leave_letters):
            state = session.scalars(select(PlannedLetter.state)).one()
            assert (state, counted(Notice)) in (("waits", 0), ("stopped", 1))
        assert state == "stopped"


def test_a_letter_that_leaves_later_leaves_once(context: Flask) -> None:
    number = some_cases(1)[0]
    with clock.turned_to(NOW):
        case = session.scalars(select(Case).where(Case.number == number)).one()
        report = session.scalars(select(Report)).one()
        later.plan(case, report, "How is it?", "Is all well again?", NOW + timedelta(hours=1), ann())
        session.commit()
    with clock.turned_to(NOW + timedelta(hours=2)):
        for _statement in kills(context, leave_letters):
            state = session.scalars(select(PlannedLetter.state)).one()
            letters = session.scalars(select(Letter.id).where(Letter.name == "case_letter")).all()
            assert (state, len(letters)) in (("waits", 0), ("left", 1))
        assert (state, len(letters)) == ("left", 1)
        letter_id, message_id = letters[0], session.get_one(Letter, letters[0]).message_id
        ended = 0
        for _statement in kills(context, lambda: send_letter(letter_id)):
            row = session.get_one(Letter, letter_id)
            assert (row.message_id, counted(select(Letter).where(Letter.name == "case_letter").subquery())) == (
                message_id,
                1,
            )
            assert row.state in ("queued", "sending", "sent")
            ended += row.state == "sent"
            if row.state == "sending":  # its lease is over
                row.lease_until = NOW
                session.commit()
            if ended:
                break
        assert ended == 1
        assert letter_id not in outbox.unfinished()
