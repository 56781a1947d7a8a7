"""Reports taken down by a person, and calls (001-20)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.i18n import Language
from cert_portal.directory import accounts
from cert_portal.directory.models import User
from cert_portal.intake import by_hand, calls
from cert_portal.intake.files import FileRefused
from cert_portal.intake.models import Call, CallKind, ReportAddition
from cert_portal.intake.submission import Channel, Origin, Submission

pytestmark = pytest.mark.usefixtures("context")
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
TOLD = Submission(language=Language.ZH_HANT, description="有人轉了帳", telephone="2345 6789", name="陳小姐")


@pytest.fixture
def ann(context: Flask) -> User:
    return accounts.add_user("ann@portal.example", "Ann", "four unrelated words", ["operator"])


def kinds(subject: str) -> list[str]:
    return list(session.scalars(select(Event.kind).where(Event.subject == subject).order_by(Event.id)))


def test_a_report_by_telephone_counts_its_call(ann: User) -> None:
    report = by_hand.take_down(TOLD, Channel.TELEPHONE, ann, origin=Origin.OVERSEAS)
    assert (report.channel, report.origin, report.telephone_key) == ("telephone", "overseas", "85223456789")
    call = session.scalars(select(Call)).one()
    assert (call.kind, call.number, call.report_id, call.handled_by) == ("answered", "2345 6789", report.id, ann.id)
    assert kinds(report.number) == ["report.received", "report.taken_down"]
    assert kinds(f"call:{call.id}") == ["call.answered"]


def test_an_anonymous_caller_leaves_no_number_anywhere(ann: User) -> None:
    told = Submission(language=Language.EN, description="x", telephone="2345 6789", anonymous=True)
    report = by_hand.take_down(told, Channel.TELEPHONE, ann, origin=Origin.LOCAL)
    assert (report.reporter_telephone, report.telephone_key) == ("", "")
    assert session.scalars(select(Call)).one().number == ""


def test_a_letter_has_its_own_day_and_its_scan(ann: User) -> None:
    came = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
    with clock.turned_to(NOW):
        scan = [("letter.pdf", b"%PDF-1.4 x")]
        report = by_hand.take_down(TOLD, Channel.LETTER, ann, origin=Origin.LOCAL, received_at=came, sent=scan)
    session.refresh(report)
    assert (report.channel, report.received_at, [each.filename for each in report.files]) == (
        "letter",
        came,
        ["letter.pdf"],
    )
    assert session.scalars(select(Call)).all() == []


def test_a_refused_file_stores_nothing(ann: User) -> None:
    with pytest.raises(FileRefused):
        by_hand.take_down(TOLD, Channel.LETTER, ann, origin=Origin.LOCAL, sent=[("a.txt", b"")])
    report = by_hand.take_down(TOLD, Channel.TELEPHONE, ann, origin=Origin.LOCAL)
    with pytest.raises(FileRefused):
        by_hand.join(report, TOLD, Channel.TELEPHONE, ann, [("a.txt", b"")])
    assert session.scalars(select(ReportAddition)).all() == []


@pytest.mark.parametrize(("number", "known"), [("+852 2345 6789", True), ("9876 5432", False), ("", False)])
def test_a_second_call_joins_the_report(ann: User, number: str, known: bool) -> None:
    report = by_hand.take_down(TOLD, Channel.TELEPHONE, ann, origin=Origin.LOCAL)
    more = Submission(language=Language.EN, description="again", telephone=number)
    by_hand.join(report, more, Channel.TELEPHONE, ann)
    addition = session.scalars(select(ReportAddition)).one()
    assert (addition.text, addition.known_sender, addition.channel) == ("again", known, "telephone")
    assert len(session.scalars(select(Call)).all()) == 2


def test_missed_calls_and_voicemail_wait_until_somebody_called_back(ann: User) -> None:
    missed = calls.note(CallKind.MISSED, "2345 6789", "", ann)
    message = calls.note(CallKind.VOICEMAIL, "", "Please call", ann)
    done = calls.note(CallKind.ANSWERED, "1", "a question", ann)
    assert ([each.id for each in calls.waiting()], calls.latest()) == ([missed.id, message.id], [done])
    assert calls.called_back(missed.id, False, "engaged", ann) is missed
    assert (missed.handled_at, missed.note) == (None, "engaged")
    assert calls.called_back(missed.id, True, "", ann) is missed
    assert (missed.handled_by, calls.waiting()) == (ann.id, [message])
    assert calls.called_back(missed.id, True, "", ann) is None
    assert calls.called_back(999, True, "", ann) is None
    assert kinds(f"call:{missed.id}") == ["call.missed", "call.returned", "call.returned"]
    assert kinds(f"call:{message.id}") == ["call.voicemail"]
