"""The proof that nothing was lost is counted from two places, and what differs is named."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.events import Event
from cert_portal.core.mail import spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import accounts
from cert_portal.intake import reconcile
from tests.intake.messages import letter
from workers.intake import prove_balance
from workers.mail import take_and_commit


def test_each_mailbox_is_counted_by_itself(context: Flask) -> None:
    take_and_commit(spool.store(letter(Message_ID="<1@x.example>"), "report"))
    take_and_commit(spool.store(letter(Message_ID="<2@x.example>"), "phishing"))
    take_and_commit(spool.store(letter(Message_ID="<2@x.example>"), "phishing"))
    found = {each.mailbox: each for each in reconcile.by_mailbox()}
    assert {name: each.taken for name, each in found.items()} == {"report": 1, "phishing": 2}
    assert found["phishing"].outcomes["duplicates"] == 1
    assert not any(each.difference for each in found.values())
    assert spool.mailbox_of("20260504T020000000000-0123abcd") == "report"


def test_what_does_not_add_up_raises_an_alarm(context: Flask) -> None:
    accounts.add_user("boss@portal.example", "Boss", "four unrelated words", ["supervisor"], language="zh-hant")
    accounts.add_user("ada@portal.example", "Ada", "four unrelated words", ["admin"])
    session.commit()
    waiting = spool.store(letter(), "abuse")
    prove_balance()
    assert session.query(Letter).count() == 0
    assert not reconcile.is_alarmed()
    gone = take_and_commit(spool.store(letter(Message_ID="<9@x.example>"), "report")).receipt
    spool._path(gone).unlink()
    with clock.turned_to(clock.now() + timedelta(minutes=20)):
        prove_balance()
    told = {each.recipient: each for each in session.query(Letter).filter_by(name="mail_unbalanced")}
    assert set(told) == {"boss@portal.example", "ada@portal.example"}
    assert waiting in told["ada@portal.example"].text
    assert gone in told["boss@portal.example"].text
    assert {each.subject for each in session.query(Event).filter_by(kind="mail.unbalanced")} == {
        "mail:abuse",
        "mail:report",
    }
    assert reconcile.is_alarmed()
    assert {row.mailbox for row in reconcile.proofs(2)} == {"abuse", "report"}
