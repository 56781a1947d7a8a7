"""Who lost a number is reminded once, though the process is killed (-9) before every step."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake import lost
from cert_portal.intake.lost import Reminder
from cert_portal.intake.receive import receive
from cert_portal.intake.submission import Channel, Submission
from tests.kills import kills
from workers.intake import remind_reporter


def test_who_lost_a_number_is_reminded_once(context: Flask) -> None:
    receive(Submission(language=Language.EN, description="x", email="ann@shop.example"), Channel.WEB)
    lost.ask("ann@shop.example", Language.EN)
    session.commit()
    asked = session.scalars(select(Reminder.id)).one()
    seen = set()
    for _step in kills(context, lambda: remind_reporter(asked)):
        waiting = session.scalar(select(func.count(Reminder.id)))
        letters = session.scalar(select(func.count(Letter.id)).where(Letter.name == "report_lost"))
        assert (waiting, letters) in ((1, 0), (0, 1))
        seen.add(letters)
    assert seen == {0, 1}
