"""Who lost the number or the secret of a report is reminded at the address that the report has, and at no other.

Asking writes a row and nothing else: how long the answer takes tells nobody whether we know the address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from cert_portal.config import current
from cert_portal.core import clock
from cert_portal.core.db import Base, BigId, session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.queue import REMIND_REPORTER, after_commit
from cert_portal.core.tlp import TLP
from cert_portal.intake.models import Report
from cert_portal.intake.status import secret_of

MOST = 20


class Reminder(Base):
    """That somebody asked for the pairs of an address, known or not; gone when it was looked into."""

    __tablename__ = "reminders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    language: Mapped[Language] = mapped_column(String(8))
    at: Mapped[datetime]


def ask(address: str, language: Language) -> None:
    """Have the reports of an address looked for after the commit."""
    row = Reminder(address=address, language=language, at=clock.now())
    session.add(row)
    session.flush()
    after_commit(REMIND_REPORTER, row.id)


def remind(reminder_id: int) -> bool:
    """Post a letter with the pairs of the latest reports of the address; at most one an hour. False when none left."""
    asked = session.get(Reminder, reminder_id, with_for_update=True)
    if asked is None:
        return False
    session.delete(asked)
    same = func.lower(Report.reporter_email) == asked.address.lower()
    rows = select(Report).where(same).order_by(Report.id.desc())
    found = session.scalars(rows.limit(MOST)).all()
    if not found or outbox.count_to(asked.address, "report_lost", clock.now() - timedelta(hours=1)):
        return False
    pairs = [(each.number, secret_of(each.number), each.received_at.date().isoformat()) for each in found]
    subject, text = letters.render("report_lost", asked.language, {"pairs": pairs, "tlp": TLP.AMBER})
    outbox.post(
        outbox.Draft(
            name="report_lost",
            about=found[0].number,
            language=asked.language,
            recipient=found[0].reporter_email,
            subject=subject,
            text=text,
            automatic="auto-replied",
            null_sender=True,
        )
    )
    return True


def unfinished(limit: int = 100) -> list[int]:
    """What nobody looked into yet, oldest first; twice is harmless."""
    before = clock.now() - timedelta(seconds=current().lease_seconds)
    return list(session.scalars(select(Reminder.id).where(Reminder.at <= before).order_by(Reminder.id).limit(limit)))
