"""What a reporter may see and add with the number and the secret, without an account."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cert_portal.config import current
from cert_portal.core import clock, numbers
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.events import record
from cert_portal.core.i18n import Language
from cert_portal.core.mail import nature, spool
from cert_portal.core.mail.message import parse
from cert_portal.core.text import clean
from cert_portal.directory.models import User
from cert_portal.intake import consents, events, files
from cert_portal.intake.compare import compare
from cert_portal.intake.editing import set_language
from cert_portal.intake.models import PublicState, Report, ReportAddition
from cert_portal.intake.submission import Channel

_HEADERS = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class ReportStatus:
    """The reporter's view of a report: plain states and dates, nothing about anybody else."""

    number: str
    state: str
    language: str
    kind: str
    received_at: datetime
    first_response_at: datetime | None
    additions: list[tuple[datetime, str]]
    files: list[str]
    consents: list[str]
    consents_withdrawn_at: datetime | None
    is_written_to: bool


def secret_of(number: str) -> str:
    """The secret that goes with a report number: derived, so that a repeated request gives the same answer."""
    mark = hmac.new(current().secret_key.encode(), f"report {number}".encode(), hashlib.sha256).digest()
    plain = base64.b32encode(mark)[:12].decode().replace("O", "8").replace("I", "9")
    return "-".join((plain[:4], plain[4:8], plain[8:]))


def read_secret(report: Report, actor: User) -> str:
    """The secret for somebody of the desk, to be told to the reporter; each showing is an event."""
    record(events.SECRET_READ, report.number, actor.actor)
    return secret_of(report.number)


def find(number: str, secret: str) -> Report | None:
    """The report of this pair. A wrong pair and an unknown number cost the same work and give the same answer.

    The secret is derived from the number, so it is judged before anything is looked for.
    """
    normal = numbers.normalise(number) or "R00-000000-0"
    told = "".join(c for c in unicodedata.normalize("NFKC", secret[:64]).upper() if c.isalnum())
    told = told.replace("O", "8").replace("I", "9").replace("0", "8").replace("1", "9")
    right = hmac.compare_digest(secret_of(normal).replace("-", "").encode(), told.encode())
    target = numbers.resolve(normal) if right else None
    return session.get(Report, target[1]) if target and target[0] is numbers.NumberKind.REPORT else None


def look_up(number: str, secret: str) -> ReportStatus | None:
    """What the reporter may see; None for a wrong pair as for an unknown number."""
    report = find(number, secret)
    if report is None:
        return None
    rows = select(ReportAddition).where(ReportAddition.report_id == report.id, ReportAddition.channel == Channel.WEB)
    added = session.scalars(rows.order_by(ReportAddition.id)).all()
    theirs = {None, *(row.id for row in added)}  # not what somebody mailed: anybody can write a number
    return ReportStatus(
        number=report.number,
        state=report.public_state or report.state,
        language=report.language,
        kind=report.kind,
        received_at=report.received_at,
        first_response_at=report.first_response_at,
        additions=[(row.at, row.text) for row in added],
        files=[file.filename for file in report.files if file.addition_id in theirs],
        consents=consents.given(report),
        consents_withdrawn_at=consents.withdrawn_at(report),
        is_written_to=bool(report.reporter_email),
    )


def tell(report: Report, state: PublicState) -> None:
    """Say on the reporter's page that an answer is wanted (until something is added), or that the work is done."""
    report.public_state = state


def add_information(number: str, secret: str, text: str, sent: list[tuple[str, bytes]]) -> bool:
    """Add words and files to a report; False for a wrong pair. Raises FileRefused and then adds nothing."""
    report = find(number, secret)
    if report is None:
        return False
    for position, (filename, data) in enumerate(sent):
        files.check(filename, data, len(report.files) + position)
    add(report, Channel.WEB, clean(text).strip(), sent)
    return True


def withdraw_consents(number: str, secret: str) -> bool:
    """Take back what the reporter allowed us to pass on; False for a wrong pair."""
    report = find(number, secret)
    if report is not None:
        consents.withdraw(report)
    return report is not None


def choose_language(number: str, secret: str, language: Language) -> bool:
    """The reporter says in which language to write from now on; False for a wrong pair."""
    report = find(number, secret)
    if report is not None:
        set_language(report, language, "reporter")
    return report is not None


def add(
    report: Report,
    channel: Channel,
    text: str,
    sent: list[tuple[str, bytes]],
    *,
    sender: str = "",
    known_sender: bool = True,
    receipt: str | None = None,
) -> ReportAddition:
    """Join further words and files to a report, whatever they are.

    Mail of another sender, or of a program such as a ticket system, is kept and is not the answer that we wait for.
    """
    now, by_machine = clock.now(), receipt is not None and _is_by_machine(receipt)
    addition = ReportAddition(
        report_id=report.id,
        at=now,
        channel=channel,
        sender=sender,
        known_sender=known_sender and not by_machine,
        text=text,
        receipt=receipt,
        read_at=now if by_machine else None,
    )
    session.add(addition)
    session.flush()
    files.keep_all(sent, report.id, addition.id)
    report.updated_at = now
    if report.public_state == PublicState.WAITING_FOR_YOU and (channel != Channel.EMAIL or addition.known_sender):
        tell(report, PublicState.NOTHING)
    session.flush()
    compare(report)
    if by_machine:
        record(events.MACHINE_ADDED, report.number, "reporter", channel=channel, files=len(sent))
    else:
        record(events.ADDED, report.number, "reporter", channel=channel, known_sender=known_sender, files=len(sent))
    return addition


def _is_by_machine(receipt: str) -> bool:
    """Whether the headers of a stored message, as they came, say that a program wrote it."""
    try:
        raw = spool.read(receipt)[1]
    except (FileNotFoundError, ValueError, BlobDamaged):
        return False
    return nature.is_by_machine(parse(_HEADERS.split(raw, maxsplit=1)[0] + b"\r\n\r\n"))
