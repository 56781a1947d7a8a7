"""Text messages in: reports, additions, parts, caps (001-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from cert_portal.cases.triage import refuse
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.core.mail import exercise
from cert_portal.core.sms import OutgoingText, parts
from cert_portal.directory import accounts
from cert_portal.intake import exercises, sms, status
from cert_portal.intake.models import PublicState, Report, ReportAddition, TextReceipt
from cert_portal.intake.process import process
from cert_portal.intake.receive import receive
from cert_portal.intake.sms import Incoming, TextRefused
from cert_portal.intake.submission import Channel, Submission

pytestmark = pytest.mark.usefixtures("context")
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
MESSAGE = Incoming("g-1", "+85291234567", "I clicked on http://bad.example/ and typed my card")


def texts() -> list[OutgoingText]:
    return list(session.scalars(select(OutgoingText).order_by(OutgoingText.id)))


def reports() -> list[Report]:
    return list(session.scalars(select(Report).order_by(Report.id)))


def test_a_text_message_becomes_a_report_and_is_answered_in_its_language() -> None:
    row = sms.take(replace(MESSAGE, text="我按了連結，輸入了信用卡號碼"))
    (report,) = reports()
    assert (row.outcome, row.told) == ("report", report.number)
    assert (report.channel, report.telephone_key, report.language) == ("sms", "85291234567", "zh-hant")
    (answer,) = texts()
    assert (answer.number, answer.about) == ("85291234567", report.number)
    assert report.number in answer.text
    assert status.secret_of(report.number) in answer.text
    assert "已收到" in answer.text


@pytest.mark.parametrize("text", ["Help, my files are locked", "我的檔案被鎖"])
def test_the_answer_fits_two_messages(text: str) -> None:
    sms.take(replace(MESSAGE, text=text))
    assert parts(texts()[0].text) <= 2


def test_the_same_delivery_twice_is_one_message() -> None:
    first = sms.take(MESSAGE)
    assert sms.take(MESSAGE) is first
    assert (len(reports()), len(texts())) == (1, 1)


def test_a_second_message_joins_the_open_report_without_another_answer() -> None:
    sms.take(MESSAGE)
    process(reports()[0].id)
    row = sms.take(replace(MESSAGE, id="g-2", text="It was the Harbour bank"))
    assert (row.outcome, row.told) == ("reply", reports()[0].number)
    addition = session.scalars(select(ReportAddition)).one()
    assert (addition.channel, addition.text, addition.sender) == ("sms", "It was the Harbour bank", "+85291234567")
    assert (len(reports()), len(texts())) == (1, 1)


def test_a_report_by_telephone_takes_its_callers_text_messages() -> None:
    told = Submission(language=Language.EN, description="x", telephone="9123 4567")
    report = receive(told, Channel.TELEPHONE)
    assert sms.take(MESSAGE).told == report.number


def test_after_the_work_is_over_a_message_is_a_new_report() -> None:
    ann = accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["analyst"])
    sms.take(MESSAGE)
    process(reports()[0].id)
    refuse(reports()[0], "test", ann)
    assert sms.take(replace(MESSAGE, id="g-2")).outcome == "report"
    process(reports()[1].id)
    status.tell(reports()[1], PublicState.CLOSED)
    assert sms.take(replace(MESSAGE, id="g-3")).outcome == "report"


def test_chinese_in_two_parts_is_one_report_whatever_the_order() -> None:
    second = sms.take(replace(MESSAGE, id="b", text="輸入了密碼。", reference="77", part=2, parts=2))
    assert (second.outcome, reports()) == ("", [])
    first = sms.take(replace(MESSAGE, id="a", text="我收到假銀行短訊，", reference="77", part=1, parts=2))
    assert (first.outcome, second.outcome) == ("report", "report")
    assert [each.text for each in reports()] == ["我收到假銀行短訊，輸入了密碼。"]
    again = sms.take(replace(MESSAGE, id="c", text="再", reference="77", part=1, parts=2))
    assert again.outcome == "", "a reference that is used again begins anew"


def test_a_part_whose_other_never_comes_is_taken_after_five_minutes() -> None:
    with clock.turned_to(NOW):
        sms.take(replace(MESSAGE, id="a", text="alone", reference="7", part=1, parts=3))
        sms.take(replace(MESSAGE, id="b", text=" but not quite", reference="7", part=3, parts=3))
        assert sms.finish_parts() == 0
    with clock.turned_to(NOW + timedelta(minutes=5)):
        assert sms.finish_parts() == 1
        assert sms.finish_parts() == 0
    assert [each.text for each in reports()] == ["alone but not quite"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"part": 0},
        {"part": 3, "parts": 2, "reference": "1"},
        {"parts": 2},
        {"parts": 11, "reference": "1"},
        {"id": ""},
        {"id": "x" * 81},
        {"number": ""},
        {"number": "9" * 61},
        {"reference": "r" * 21},
        {"id": "a\0b"},
    ],
)
def test_what_no_gateway_should_send_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(TextRefused, match="malformed"):
        sms.take(replace(MESSAGE, **wrong))  # type: ignore[arg-type]  # wrong on purpose
    assert session.scalars(select(TextReceipt)).all() == []


def test_a_sender_that_is_a_name_is_a_report_and_gets_no_answer() -> None:
    assert sms.take(replace(MESSAGE, number="PARCEL")).outcome == "report"
    assert sms.take(replace(MESSAGE, id="g-2", number="PARCEL")).outcome == "report", "a name joins nothing"
    assert texts() == []
    reasons = session.scalars(select(Event.data).where(Event.kind == "report.text_not_answered"))
    assert [each["reason"] for each in reasons] == ["no_number", "no_number"]


def test_one_number_is_answered_three_times_an_hour_and_heard_sixty_times() -> None:
    ann = accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["analyst"])
    with clock.turned_to(NOW):
        for number in range(4):
            row = sms.take(replace(MESSAGE, id=f"a{number}"))
            report = session.scalars(select(Report).where(Report.number == row.told)).one()
            process(report.id)
            refuse(report, "spam", ann)
        assert (len(reports()), len(texts())) == (4, 3)
        for number in range(56):
            sms.take(replace(MESSAGE, id=f"b{number}"))
        with pytest.raises(TextRefused, match="too_many"):
            sms.take(replace(MESSAGE, id="last"))
    with clock.turned_to(NOW + timedelta(hours=1)):
        assert sms.take(replace(MESSAGE, id="last")).outcome == "reply"


def test_while_an_exercise_runs_a_players_number_belongs_to_it_and_the_answer_says_so() -> None:
    exercise.add("+852 9123-4567", "A player", "user:1")
    assert [each.address for each in exercise.listed()] == ["+85291234567"]
    run = exercises.begin("Spring", "user:1")
    sms.take(MESSAGE)
    sms.take(replace(MESSAGE, id="g-2", number="+85290000000"))
    exercises.end(run, "user:1")
    assert [each.drill for each in reports()] == [True, False]
    assert [each.text.startswith("[EXERCISE 演習] ") for each in texts()] == [True, False]
