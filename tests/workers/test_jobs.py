"""Jobs: a context, one commit, harmless when run twice, and nothing stays undone after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from cert_portal.core import clock, queue
from cert_portal.core.db import session
from cert_portal.core.events import Seal, SealedHead
from cert_portal.core.i18n import Language
from cert_portal.core.mail import outbox, spool, transport
from cert_portal.core.mail.outbox import Draft, Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.intake import drafts, lost, mail
from cert_portal.intake.mail import Downstream
from cert_portal.intake.models import MailReceipt, Report, ReportDraft, ReportState
from cert_portal.intake.receive import receive
from cert_portal.intake.reconcile import reconcile
from cert_portal.intake.submission import Channel, Submission
from tests.intake.messages import letter
from workers import audit, intake, job
from workers.mail import send_letter, take_and_commit, take_message
from workers.sweep import sweep


def a_report() -> int:
    number = receive(Submission(language=Language.EN, description="x", email="ann@shop.example"), Channel.WEB).id
    session.commit()
    return number


def test_a_worker_without_context_makes_its_own_application(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "create_app", lambda: app)
    job.application.cache_clear()
    with app.app_context():
        number = a_report()
        session.remove()
    intake.process_report(number)
    assert job.application() is app
    job.application.cache_clear()
    with app.app_context():
        assert session.get_one(Report, number).state == ReportState.WAITING_TRIAGE


def test_an_error_rolls_back_and_fails_the_job(context: Flask) -> None:
    @job.job
    def breaks(_number: int) -> None:
        receive(Submission(language=Language.EN, description="x"), Channel.WEB)
        raise LookupError("odd")

    with pytest.raises(LookupError):
        breaks(1)
    session.rollback()
    assert session.query(Report).count() == 0


def test_processing_twice_leaves_one_letter(context: Flask) -> None:
    number = a_report()
    intake.process_report(number)
    intake.process_report(number)
    assert session.query(Letter).count() == 1


def test_old_drafts_go(context: Flask) -> None:
    drafts.start(Language.EN)
    session.commit()
    with clock.turned_to(clock.now() + timedelta(days=15)):
        intake.expire_drafts()
        intake.expire_drafts()
    assert session.query(ReportDraft).count() == 0


def test_events_are_sealed_and_yesterday_signed_once(context: Flask) -> None:
    a_report()
    session.remove()
    audit.seal_events()
    audit.seal_events()
    assert session.query(Seal).count() > 0
    assert session.query(SealedHead).count() == 1
    session.rollback()


def test_without_a_key_nothing_is_signed(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    here = type("Here", (), {"zone": clock.now().tzinfo, "desk_key": ""})()
    monkeypatch.setattr(audit, "current", lambda: here)
    a_report()
    session.remove()
    audit.seal_events()
    assert session.query(SealedHead).count() == 0
    session.rollback()


def test_a_message_taken_twice_has_one_outcome(context: Flask) -> None:
    receipt = spool.store(letter())
    take_message(receipt)
    take_message(receipt)
    assert (reconcile().difference, session.query(Report).count()) == (0, 1)


def test_who_comes_second_hears_what_the_first_did(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = spool.store(letter())
    calls: list[str] = []
    really = mail.take_new

    def race(each: Sequence[str], downstream: Downstream) -> list[MailReceipt]:
        calls.extend(each)
        really(each, downstream)
        raise IntegrityError("insert", {}, ValueError("unique"))

    monkeypatch.setattr(mail, "take_new", race)
    assert take_and_commit(receipt).outcome == "report"
    assert (calls, session.query(Report).count()) == ([receipt], 1)


def post(**more: Any) -> int:
    facts = {"recipient": "ann@shop.example", "subject": "s", "text": "t", "language": "en"} | more
    made = outbox.post(Draft(name="test", about="R26-000417-0", **facts)).id
    session.commit()
    return made


def test_a_letter_is_sent_once(context: Flask) -> None:
    number = post()
    for _ in range(2):
        send_letter(number)
    assert session.get_one(Letter, number).state == LetterState.SENT
    assert session.get_one(Letter, number).tries == 1
    session.rollback()


def test_a_letter_that_was_sealed_before_the_kill_keeps_its_bytes(context: Flask) -> None:
    number = post()
    envelope = outbox.claim(number)
    session.commit()
    assert envelope is not None
    sealed = outbox.seal(envelope)
    outbox.keep(sealed)
    outbox.keep(sealed)
    session.commit()
    bytes_before = session.get_one(Letter, number).head
    session.rollback()
    with clock.turned_to(clock.now() + timedelta(minutes=2)):
        send_letter(number)
    assert session.get_one(Letter, number).head == bytes_before
    assert session.get_one(Letter, number).state == LetterState.SENT
    session.rollback()


def test_a_letter_that_cannot_be_sealed_is_held(context: Flask) -> None:
    number = post(encrypt_to="0" * 40)
    send_letter(number)
    assert session.get_one(Letter, number).state == LetterState.HELD
    session.rollback()


@pytest.mark.parametrize(
    ("error", "state"),
    [(transport.SendLater, LetterState.QUEUED), (transport.SendRefused, LetterState.FAILED)],
)
def test_what_the_other_side_says_is_kept(
    context: Flask, monkeypatch: pytest.MonkeyPatch, error: type[Exception], state: LetterState
) -> None:
    def answer(*_arguments: object) -> None:
        raise error("450 not now")

    monkeypatch.setattr(transport, "send", answer)
    number = post()
    send_letter(number)
    assert session.get_one(Letter, number).state == state
    session.rollback()


def test_the_sweep_takes_up_what_the_queue_lost(context: Flask, run_jobs: Any) -> None:
    a_report()
    post()
    spool.store(letter())
    lost.ask("rita@victim.example", Language.EN)
    session.commit()
    queue.connect(context.extensions["settings"].redis).flushdb()
    session.remove()
    with clock.turned_to(clock.now() + timedelta(seconds=61)):
        sweep()
    assert sum(queue.lengths().values()) == 4
    run_jobs()
    assert {report.state for report in session.query(Report)} == {ReportState.WAITING_TRIAGE}
    assert {each.state for each in session.query(Letter)} == {LetterState.SENT}
    assert reconcile().difference == 0
    session.remove()
    sweep()
    assert sum(queue.lengths().values()) == 0
