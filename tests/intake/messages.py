"""Messages as people and machines send them, and their way in."""

from __future__ import annotations

from email.message import EmailMessage

from sqlalchemy import select

from cert_portal.core import crypto
from cert_portal.core.db import session
from cert_portal.core.mail import compose, spool
from cert_portal.intake.models import MailReceipt, Report, ReportAddition
from workers.mail import take_and_commit


def deliver(raw: bytes) -> MailReceipt:
    """Hand a message over as the mail server does."""
    return take_and_commit(spool.store(raw))


def letter(subject: str = "Help", text: str = "My shop is hacked http://bad.example/x", **headers: str) -> bytes:
    """A message of a reporter; header names with an underscore instead of a dash."""
    message = EmailMessage()
    message["From"] = "Ann <ann@shop.example>"
    message["To"] = "report@portal.example"
    message["Subject"] = subject
    message["Message-ID"] = "<one@shop.example>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def with_file(filename: str, data: bytes, **headers: str) -> bytes:
    """A message with an attachment."""
    message = EmailMessage()
    message["From"] = "ann@shop.example"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content("See the file")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=filename)
    return message.as_bytes()


def sealed(part: bytes, key: str, **headers: str) -> bytes:
    """A PGP/MIME message to the desk."""
    block = crypto.desk().encrypt(part, [key])
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return b"From: ann@shop.example\r\nMIME-Version: 1.0\r\n" + head.encode() + compose.encrypted(block)


def report(number: str) -> Report:
    """The report of a number."""
    return session.scalars(select(Report).where(Report.number == number)).one()


def additions() -> list[ReportAddition]:
    """What was added to reports so far."""
    return list(session.scalars(select(ReportAddition).order_by(ReportAddition.id)))
