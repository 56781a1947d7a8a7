"""A referral dated for later by a process that is killed (-9) before every step: it leaves once."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from cert_portal.coordination import later
from cert_portal.coordination.models import PlannedReferral, Referral
from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory.models import User
from tests.cases.desk import NOW, kinds_of
from tests.coordination.desk import a_referral
from tests.kills import kills
from workers.letters import leave_letters


def test_a_referral_that_leaves_later_leaves_once(ann: User, context: Flask) -> None:
    with clock.turned_to(NOW):
        made = a_referral(ann)
        number = made.number
        later.plan(made, NOW + timedelta(hours=1), ann)
        session.commit()
    states = set()
    with clock.turned_to(NOW + timedelta(hours=2)):
        for _step in kills(context, leave_letters):
            state, letter_id = session.execute(select(Referral.state, Referral.letter_id)).one()
            waits = len(session.scalars(select(PlannedReferral.referral_id)).all())
            letters = session.scalars(select(Letter.id).where(Letter.about == number)).all()
            told = kinds_of(number).count("referral.sent")
            assert (state, waits, letters, told) in (("draft", 1, [], 0), ("sent", 0, [letter_id], 1))
            states.add(state)
    assert states == {"draft", "sent"}
