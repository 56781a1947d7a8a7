"""What becomes of a letter on its way stands on the letter, and who wrote it is told when it fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cert_portal.cases import notices, service
from cert_portal.cases.letterbook import letters_page
from cert_portal.cases.returned import letter_done, take_bounce
from cert_portal.cases.visible import find_case
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.mail import outbox, spool, transport
from cert_portal.core.mail.bounce import Verdict
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake.mail import take
from cert_portal.intake.models import Report
from tests.cases.desk import person
from workers.mail import DOWNSTREAM, send_letter


@pytest.fixture
def letter(report: Report, ann: User) -> Letter:
    """A letter from a case."""
    case = service.open_case([report], ann, title="x", kind="phishing")
    made = service.write_to_reporter(case, report, "Hello", "Dear Rita", ann)
    session.commit()
    return made


def leave(letter: Letter) -> None:
    """Run the job as another process would: no transaction of the test is open meanwhile."""
    number = letter.id
    session.rollback()
    send_letter(number)
    session.rollback()


def report_of(letter: Letter, words: bytes) -> None:
    """A mail system tells about the letter."""
    path = outbox.return_path(letter.id).encode()
    session.commit()
    head = b"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Undeliverable\nMessage-ID: <"
    take(spool.store(head + str(clock.now()).encode() + b"@mx>\nTo: " + path + b"\n\n" + words), DOWNSTREAM)
    session.commit()


def told(user: User) -> list[tuple[str, str]]:
    return [(each.kind, each.subject) for each in notices.listed(user)]


def test_the_words_of_the_server_stand_on_the_letter(letter: Letter, monkeypatch: Any) -> None:
    monkeypatch.setattr(transport, "send", lambda *_arguments: "250 queued as 4711")
    leave(letter)
    session.expire_all()
    assert (letter.state, letter.server_reply) == ("sent", "250 queued as 4711")


def test_a_letter_that_comes_back_says_why_and_its_author_is_told_once(letter: Letter, ann: User) -> None:
    outbox.sent(letter.id, "250 OK")
    report_of(letter, b"Action: failed\nStatus: 4.2.2\nDiagnostic-Code: smtp; 452 mailbox full\n")
    assert (letter.came_back, letter.came_back_reason) == ("soft", "smtp; 452 mailbox full")
    report_of(letter, b"Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown user\n")
    assert (letter.came_back, letter.came_back_reason) == ("hard", "smtp; 550 unknown user")
    report_of(letter, b"Action: failed\nStatus: 5.1.1\n")
    report_of(letter, b"Action: delivered\nStatus: 2.0.0\n")
    assert letter.came_back == "hard"
    events = [each for each in of_subjects([letter.about]) if each.kind == "letter.came_back"]
    assert [each.data["verdict"] for each in events] == ["soft", "hard"]
    number = notices.listed(ann)[0].subject
    assert number.startswith("C")
    assert told(ann) == [("letter", number), ("letter", number)]
    assert letters_page(ann, only_trouble=True).rows == [letter]


def test_a_delay_stands_on_the_letter_and_only_what_fails_later_is_told(letter: Letter, ann: User) -> None:
    report_of(letter, b"Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; 421 try again later\n")
    assert (letter.came_back, letter.came_back_reason) == ("delayed", "smtp; 421 try again later")
    assert told(ann) == []
    assert letters_page(ann, only_trouble=True).rows == []
    report_of(letter, b"Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 421 expired\n")
    report_of(letter, b"Action: delayed\nStatus: 4.4.1\n")
    assert letter.came_back == "soft"
    assert len(told(ann)) == 1


def test_that_a_letter_arrived_is_no_news(letter: Letter, ann: User) -> None:
    report_of(letter, b"Action: delivered\nStatus: 2.0.0\n")
    assert letter.came_back == "delivered"
    assert told(ann) == []


def test_a_letter_that_is_refused_or_held_is_told_too(letter: Letter, ann: User, monkeypatch: Any) -> None:
    def refuse(*_arguments: object) -> str:
        raise transport.SendRefused("550 no such person")

    monkeypatch.setattr(transport, "send", refuse)
    leave(letter)
    assert len(told(ann)) == 1
    letter.state = "held"
    letter_done(letter.id)
    letter_done(letter.id)
    assert len(told(ann)) == 2
    letter_done(10**9)


def test_who_may_not_see_the_case_any_more_is_told_without_its_number(letter: Letter, ann: User) -> None:
    bob = person("Bob")
    hide(letter, ann, bob)
    take_bounce(letter.id, Verdict.HARD)
    assert told(ann) == [("letter", ann.actor)]


def hide(letter: Letter, ann: User, bob: User) -> None:
    """Keep the case of the letter from its author."""
    from_event = next(each for each in of_subjects([letter.about]) if each.kind == "report.attached")
    found = find_case(from_event.data["case"], ann)
    assert found is not None
    service.give(found, bob, bob)
    service.restrict(found, "secret", bob)


def test_letters_that_nobody_wrote_and_letters_of_a_report(app: Flask, report: Report, ann: User) -> None:
    automatic = outbox.about([report.number])[0]
    take_bounce(automatic.id, Verdict.HARD)
    take_bounce(10**9, Verdict.HARD)
    assert told(ann) == []
    made = service.write_to_reporter(None, report, "Hello", "Dear Rita", ann)
    session.flush()
    with clock.turned_to(clock.now() + timedelta(days=3)):
        take_bounce(made.id, Verdict.SOFT)
    assert told(ann) == [("letter", report.number)]


def test_of_a_letter_whose_writer_left_the_owner_is_told_or_who_is_there(letter: Letter, ann: User) -> None:
    bob, cleo = person("Bob"), person("Cleo")
    from_event = next(each for each in of_subjects([letter.about]) if each.kind == "report.attached")
    found = find_case(from_event.data["case"], ann)
    assert found is not None
    accounts.change(ann, name="Ann", roles=["analyst"], active=False, actor=bob.actor)
    take_bounce(letter.id, Verdict.HARD)
    assert (told(ann), told(bob), told(cleo)) == ([], [("letter", found.number)], [("letter", found.number)])
    service.take(found, cleo)
    take_bounce(letter.id, Verdict.SOFT)
    assert (len(told(bob)), len(told(cleo))) == (1, 2)
