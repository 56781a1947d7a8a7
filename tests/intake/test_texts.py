"""Text messages add up: each way is counted from two sides, and what stands on one side only is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from cert_portal.core import clock
from cert_portal.core import sms as door
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.outgoing import LetterState
from cert_portal.core.sms import OutgoingText
from cert_portal.directory import accounts
from cert_portal.intake import reconcile, sms, texts
from cert_portal.intake.models import Report, ReportAddition, TextReceipt
from tests.intake.test_sms import MESSAGE, NOW
from workers.intake import prove_balance

pytestmark = pytest.mark.usefixtures("context")


def take(at: datetime = NOW) -> None:
    """One new report, one addition to it, and half a message."""
    with clock.turned_to(at):
        sms.take(MESSAGE)
        sms.take(replace(MESSAGE, id="g-2", text="One more thing"))
        sms.take(replace(MESSAGE, id="g-3", number="+85261234567", reference="r", part=1, parts=2))
    session.commit()


def test_all_that_came_and_left_is_counted_on_both_sides() -> None:
    assert texts.balances() == []
    take()
    with clock.turned_to(NOW + timedelta(minutes=1)):
        came, left = texts.balances()
    assert (came.taken, came.outcomes) == (3, {"reports": 1, "replies": 1, "waiting": 1})
    assert (left.taken, left.outcomes) == (1, {"sent": 0, "waiting": 1, "failed": 0})
    assert not any((came.unfinished, came.lost, left.unfinished, left.lost, came.difference, left.difference))
    door.sent(session.query(OutgoingText).one().id)
    assert texts.outgoing().outcomes["sent"] == 1


def test_what_stands_on_one_side_only_is_named() -> None:
    take()
    number = session.query(Report).one().number
    session.execute(delete(ReportAddition))
    with clock.turned_to(NOW + timedelta(hours=1)):
        came = texts.incoming()
    assert (came.unfinished, came.lost) == (["g-3"], ["g-2"])
    session.execute(delete(TextReceipt))
    assert texts.incoming().lost == [number]


def test_an_answer_without_a_row_and_a_row_that_the_record_tells_otherwise_are_named() -> None:
    take()
    row = session.query(OutgoingText).one()
    row.state = LetterState.SENT
    session.flush()
    assert texts.outgoing().lost == [f"text:{row.id}"], "nothing in the record says that it left"
    other = door.post("other", "R", "85291234567", "hello")
    assert f"text:{other.id}" in texts.outgoing().lost, "no event says why"
    session.execute(delete(OutgoingText))
    assert texts.outgoing().unfinished == [f"text:{row.id}"]


def test_the_daily_proof_holds_texts_too() -> None:
    accounts.add_user("ada@portal.example", "Ada", "four unrelated words", ["admin"])
    take()
    with clock.turned_to(NOW + timedelta(minutes=1)):
        prove_balance()
        assert not reconcile.is_alarmed()
        session.rollback()
    with clock.turned_to(NOW + timedelta(hours=1)):
        prove_balance()
        assert reconcile.is_alarmed()
    assert {each.mailbox for each in reconcile.proofs()} == {"sms", "sms-out"}
    assert "g-3" in session.query(Letter).filter_by(name="mail_unbalanced").one().text
