"""Who lost the number or the secret of a report is reminded at the address that the report has, and at no other."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from cert_portal.core import clock
from cert_portal.core.db import session
from cert_portal.core.i18n import Language
from cert_portal.core.mail import letters, outbox
from cert_portal.core.tlp import TLP
from cert_portal.intake.models import Report
from cert_portal.intake.status import secret_of

MOST = 20


def remind(address: str, language: Language) -> bool:
    """Post a letter with the pairs of the latest reports of this address; at most one an hour. False when none left."""
    same = func.lower(Report.reporter_email) == address.lower()
    rows = select(Report).where(same).order_by(Report.id.desc())
    found = session.scalars(rows.limit(MOST)).all()
    if not found or outbox.count_to(address, "report_lost", clock.now() - timedelta(hours=1)):
        return False
    pairs = [(each.number, secret_of(each.number), each.received_at.date().isoformat()) for each in found]
    subject, text = letters.render("report_lost", language, {"pairs": pairs, "tlp": TLP.AMBER})
    outbox.post(
        outbox.Draft(
            name="report_lost",
            about=found[0].number,
            language=language,
            recipient=found[0].reporter_email,
            subject=subject,
            text=text,
            automatic="auto-replied",
            null_sender=True,
        )
    )
    return True
