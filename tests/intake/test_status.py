"""What number and secret open, and nothing else does."""

from __future__ import annotations

import pytest
from flask import Flask

from cert_portal.core.db import session
from cert_portal.core.events import of_subjects
from cert_portal.core.i18n import Language
from cert_portal.core.numbers import NumberKind, assign, issue
from cert_portal.intake import status
from cert_portal.intake.files import FileRefused
from cert_portal.intake.models import PublicState, Report, ReportAddition
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission


@pytest.fixture
def report(context: Flask) -> Report:
    made = receive(Submission(language=Language.EN, description="x", email="ann@shop.example"), Channel.WEB)
    session.commit()
    return made


def test_the_pair_opens_however_it_is_typed(report: Report) -> None:
    secret = status.secret_of(report.number)
    assert secret == status.secret_of(report.number)
    assert not set(secret) & set("OI01")
    for typed in (secret, secret.lower().replace("-", " "), secret.replace("8", "0").replace("9", "1")):
        found = status.look_up(report.number.lower().replace("-", ""), typed)
        assert found is not None
        assert (found.number, found.state, found.additions, found.files) == (report.number, "received", [], [])


def test_a_wrong_pair_and_an_unknown_number_open_nothing(report: Report) -> None:
    secret = status.secret_of(report.number)
    case, reserved = issue(NumberKind.CASE), issue(NumberKind.REPORT)
    assign(case, report.id)
    pairs = [
        (report.number, "wrong"),
        (report.number, ""),
        ("R26-000001-9", secret),
        ("nonsense\x00", secret),
        (case, status.secret_of(case)),
        (reserved, status.secret_of(reserved)),
    ]
    assert [status.look_up(*pair) for pair in pairs] == [None] * 6
    assert not status.add_information(report.number, "wrong", "words", [])


def test_words_and_files_are_added(report: Report) -> None:
    secret = status.secret_of(report.number)
    before = report.updated_at
    assert status.add_information(report.number, secret, " more\x00 words ", [("a.txt", b"a"), ("b.txt", b"b")])
    status.add(report, Channel.EMAIL, "by mail", [("e.txt", b"e")], sender="eve@other.example", known_sender=False)
    session.commit()
    found = status.look_up(report.number, secret)
    assert found is not None
    assert [words for _at, words in found.additions] == ["more words"]
    assert found.files == ["a.txt", "b.txt"], "what others mail is not the reporter's to see"
    assert [file.filename for file in report.files] == ["a.txt", "b.txt", "e.txt"]
    assert report.updated_at >= before


def test_one_bad_file_and_nothing_is_added(report: Report) -> None:
    secret = status.secret_of(report.number)
    with pytest.raises(FileRefused, match="type_lies"):
        status.add_information(report.number, secret, "words", [("a.txt", b"a"), ("b.pdf", b"b")])
    assert session.query(ReportAddition).count() == 0


def test_twenty_files_in_all(report: Report) -> None:
    secret = status.secret_of(report.number)
    assert status.add_information(report.number, secret, "", [(f"{n}.txt", b"x") for n in range(19)])
    session.commit()
    with pytest.raises(FileRefused, match="too_many"):
        status.add_information(report.number, secret, "", [("a.txt", b"x"), ("b.txt", b"x")])


def test_waiting_for_the_reporter_ends_with_their_answer(report: Report) -> None:
    secret = status.secret_of(report.number)
    status.tell(report, PublicState.WAITING_FOR_YOU)
    found = status.look_up(report.number, secret)
    assert found is not None
    assert found.state == PublicState.WAITING_FOR_YOU
    status.add_information(report.number, secret, "here it is", [])
    found = status.look_up(report.number, secret)
    assert found is not None
    assert found.state == "received"


def test_a_consent_is_taken_back_once(context: Flask) -> None:
    told = Submission(language=Language.EN, description="x", consents=["police", "isp"])
    report = receive(told, Channel.WEB)
    session.commit()
    secret = status.secret_of(report.number)
    found = status.look_up(report.number, secret)
    assert found is not None
    assert (found.consents, found.consents_withdrawn_at) == (["police", "isp"], None)
    assert not status.withdraw_consents(report.number, "wrong")
    assert status.withdraw_consents(report.number, secret)
    assert status.withdraw_consents(report.number, secret), "a second press is no error"
    session.commit()
    found = status.look_up(report.number, secret)
    assert found is not None
    assert found.consents == []
    assert found.consents_withdrawn_at is not None
    events = [each for each in of_subjects([report.number]) if each.kind == "report.consent_withdrawn"]
    assert [(each.actor, each.data) for each in events] == [("reporter", {"consents": ["police", "isp"]})]


def test_a_reply_whose_original_is_gone_is_held_to_be_a_persons(report: Report) -> None:
    status.tell(report, PublicState.WAITING_FOR_YOU)
    status.add(report, Channel.EMAIL, "here I am", [], sender="ann@shop.example", receipt="gone")
    assert report.public_state == PublicState.NOTHING
