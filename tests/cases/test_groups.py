"""A surge: many reports that say nearly the same wait as one line of the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cert_portal import config
from cert_portal.cases import queue, triage
from cert_portal.cases.models import Case, CaseReport
from cert_portal.cases.queue import View
from cert_portal.cases.workflow import State
from cert_portal.core import clock
from cert_portal.core.db import db, on_postgresql, session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.models import User
from cert_portal.intake import groups
from cert_portal.intake.models import Report, ReportState
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from tests.cases.desk import NOW, a_report, last

MAIL = (
    "I got a message from the post office that says parcel {number} is held and asks for a fee of 12 dollars by card "
    "on the page https://post-office-fee.example/pay within a day, I did not pay but opened the page on my telephone"
)


def many(count: int, start: int = 0) -> list[Report]:
    """That many people who got the same message."""
    return [a_report(MAIL.format(number=start + n), email=f"reader{start + n}@shop.example") for n in range(count)]


def rows(ann: User) -> list[Report]:
    """What the queue shows."""
    return list(queue.reports(View.TRIAGE, ann).rows)


@pytest.mark.slow
def test_five_hundred_reports_are_one_line_and_each_is_acknowledged_honestly(ann: User) -> None:
    with clock.turned_to(NOW):
        other = a_report("All files of our office are locked and a note asks for coins, the server is off", email="")
        reports = many(500)
    assert rows(ann) == [other, reports[0]]
    assert groups.sizes(rows(ann)) == {reports[0].id: 499}
    letters = session.query(Letter).filter_by(name="report_received").order_by(Letter.id).all()
    assert len(letters) == 500
    assert "Many people are reporting the same" not in letters[8].text
    assert all("Many people are reporting the same" in letter.text for letter in letters[9:])
    case = triage.open_case([reports[0], *groups.members(reports[0])], ann, title="Parcel fee", kind="phishing")
    assert rows(ann) == [other]
    assert session.query(CaseReport).filter_by(case_id=case.id).count() == 500


def test_a_few_alike_stand_for_themselves(ann: User) -> None:
    reports = many(9)
    assert rows(ann) == reports
    assert groups.members(reports[0]) == []
    assert groups.sizes(reports) == {}
    assert rows(ann) != [reports[0], *many(1, 9)]
    assert rows(ann) == [reports[0]]


def test_when_the_first_is_decided_alone_the_next_stands_for_the_rest(ann: User) -> None:
    reports = many(12)
    triage.refuse(reports[0], "spam", ann)
    session.expire_all()
    assert rows(ann) == [reports[1]]
    assert groups.members(reports[5]) == [*reports[1:5], *reports[6:]]
    triage.refuse(reports[4], "spam", ann)
    assert len(groups.members(reports[1])) == 9
    triage.return_to_queue(reports[0], ann)
    assert rows(ann) == [reports[0], reports[1]]


def test_two_groups_that_one_report_shows_to_be_one_become_one(ann: User) -> None:
    reports = many(10)
    reports[5].first_alike_id = None
    for each in reports[6:]:
        each.first_alike_id = reports[5].id
    session.flush()
    groups.mark([reports[5]])
    assert len(rows(ann)) == 10
    many(1, 10)
    session.expire_all()
    assert rows(ann) == [reports[0]]


def test_a_group_is_of_one_day_and_drills_stay_apart(ann: User) -> None:
    with clock.turned_to(NOW):
        first = many(1)[0]
        drill = a_report(MAIL.format(number=1), drill=True)
    with clock.turned_to(NOW + timedelta(hours=25)):
        late = many(1, 2)[0]
    assert [each.first_alike_id for each in (first, drill, late)] == [None, None, None]


def by_program(text: str) -> Report:
    """What a program reported."""
    report = receive(Submission(language=Language.EN, kind="phishing", description=text), Channel.API)
    process(report.id)
    session.flush()
    return report


def test_a_program_joins_the_one_case_that_shares_enough(ann: User) -> None:
    first = a_report("https://bad.example/login")
    case = triage.open_case([first], ann, title="x", kind="phishing")
    report = by_program("seen again: https://bad.example/login")
    assert triage.join_by_itself(report) is case
    assert report.state == ReportState.ATTACHED
    assert last(case.number).actor == last(report.number).actor == "system"
    assert triage.join_by_itself(report) is None


def test_a_program_joins_nothing_when_it_is_not_sure(ann: User) -> None:
    cases = [triage.open_case([a_report("https://bad.example/login")], ann, title="x", kind="phishing")]
    assert triage.join_by_itself(a_report("https://bad.example/login")) is None, "a person's report is only proposed"
    assert triage.join_by_itself(by_program("https://bad.example/other")) is None, "one value is too little"
    cases.append(triage.open_case([a_report("https://bad.example/login")], ann, title="y", kind="phishing"))
    assert triage.join_by_itself(by_program("https://bad.example/login")) is None, "two cases share as much"
    cases[0].restricted = True
    session.flush()
    assert triage.join_by_itself(by_program("https://bad.example/login")) is cases[1], "a restricted case gets nothing"
    cases[0].state = State.CLOSED
    assert triage.join_by_itself(by_program("https://bad.example/login")) is cases[1]
    config.use(replace(config.current(), machine_join=0))
    assert triage.join_by_itself(by_program("https://bad.example/login")) is None


def test_a_program_leaves_a_case_alone_that_somebody_is_changing(
    context: Flask, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = triage.open_case([a_report("https://bad.example/login")], ann, title="x", kind="phishing")
    session.commit()
    if on_postgresql():
        with db.engine.begin() as other:
            other.execute(select(Case.id).where(Case.id == case.id).with_for_update())
            assert triage.join_by_itself(by_program("https://bad.example/login")) is None
    monkeypatch.setattr(triage, "only_case_sharing", lambda *_: case)
    session.execute(update(Case).values(state=State.MERGED))
    report = by_program("https://bad.example/login")
    assert triage.join_by_itself(report) is None, "merged since it was looked for"
    assert report.state == ReportState.WAITING_TRIAGE
