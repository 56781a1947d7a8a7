"""Messages taken together by a process that is killed (-9) before every step: nothing is lost, nothing comes twice."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from cert_portal.core import blobs
from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake import process, reconcile
from cert_portal.intake.models import MailReceipt, Report, ReportFile, ReportState
from tests.intake.messages import with_file
from tests.intake.test_together import different
from tests.kills import kills
from workers.mail import take_and_commit, take_together

FILES = 2


def some(first: int) -> list[bytes]:
    """Messages like no other; two have a file."""
    texts = [different(first + place) for place in range(3)]
    for place in range(3, 3 + FILES):
        name = f"f{first + place}"
        who = {"From": f"{name}@shop.example", "Message_ID": f"<{name}@shop.example>", "Subject": f"Sample {name}"}
        texts.append(with_file("bad.bin", f"sample {first + place}".encode() * 20, **who))
    return texts


def test_messages_taken_together_are_there_wholly_or_not_at_all(context: Flask) -> None:
    serial = 0
    receipts: list[str] = []

    def act() -> None:
        take_together(receipts)

    def store() -> list[str]:
        nonlocal serial
        serial += 10
        return [spool.store(raw) for raw in some(serial)]

    receipts = store()
    outcomes: set[int] = set()
    for _step in kills(context, act):
        outcomes.add(len(session.scalars(select(MailReceipt).where(MailReceipt.receipt.in_(receipts))).all()))
        session.rollback()
        for receipt in receipts:
            take_and_commit(receipt, at_once=False)
        for report_id in session.scalars(select(Report.id).where(Report.state == ReportState.RECEIVED)).all():
            process.process(report_id)
        session.commit()
        assert_whole(receipts)
        receipts = store()
    assert outcomes == {0, len(receipts)}
    assert reconcile.reconcile().unfinished == receipts


def assert_whole(receipts: list[str]) -> None:
    """Each has one report in the queue with one letter, and its file can be read."""
    reports = session.scalars(select(Report).where(Report.receipt.in_(receipts))).all()
    assert sorted(each.receipt or "" for each in reports) == sorted(receipts)
    assert {each.state for each in reports} == {ReportState.WAITING_TRIAGE}
    numbers = [each.number for each in reports]
    assert sorted(session.scalars(select(Letter.about).where(Letter.about.in_(numbers)))) == sorted(numbers)
    ids = [each.id for each in reports]
    kept = session.scalars(select(ReportFile.blob_key).where(ReportFile.report_id.in_(ids))).all()
    assert [blobs.get(key)[:6] for key in kept] == [b"sample"] * FILES
