"""Messages as they came: what they would show, made safe, and their source; never as a page of the sender's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, request
from flask_babel import lazy_gettext as _l

from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.core.mail.charset import decode
from cert_portal.core.mail.safe_html import make_safe
from cert_portal.directory.permissions import Permission
from cert_portal.intake import opening
from cert_portal.intake.models import Report, ReportAddition
from cert_portal.web.staff.desk import Answer, desk, show
from cert_portal.web.staff.report import find

MOST_SHOWN = 300_000
HEADS: Mapping[str, Any] = {
    "from": _l("From"),
    "reply-to": _l("Answers to"),
    "to": _l("To"),
    "date": _l("Date"),
    "subject": _l("Subject"),
    "message-id": "Message-ID",
    "return-path": "Return-Path",
    "authentication-results": "Authentication-Results",
    "received-spf": "Received-SPF",
}
"""Lines of a message that are shown, with what they are called; without a word of ours as mail programs do."""


@desk.get("/reports/<number>/mail", Permission.READ_REPORTS)
def report_mail(number: str) -> Answer:
    """The message as a mail program would show it, with everything taken out that could do harm."""
    found = find(number)
    raw = _raw(found)
    session.rollback()  # opening runs gpg
    mail = opening.read(raw)
    shown = make_safe(mail.html) if mail.html else None
    heads = [(label, mail.headers[name]) for name, label in HEADS.items() if mail.headers.get(name)]
    facts: dict[str, Any] = {"mail": mail, "shown": shown, "heads": heads, "addition": _addition_id()}
    return show("report_mail", report=find(number), **facts)


@desk.get("/reports/<number>/source", Permission.READ_REPORTS)
def report_source(number: str) -> Answer:
    """Every byte of the message as text."""
    found = find(number)
    raw = _raw(found)
    text, _sure = decode(raw[:MOST_SHOWN], "")
    return show("report_source", report=found, text=text, size=len(raw), most=MOST_SHOWN, addition=_addition_id())


def _addition_id() -> int:
    told = request.args.get("addition", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0


def _raw(found: Report) -> bytes:
    """The message of the report, or of what was added to it later."""
    wanted, receipt = _addition_id(), found.receipt
    if wanted:
        row = session.get(ReportAddition, wanted)
        receipt = row.receipt if row is not None and row.report_id == found.id else None
    try:
        return spool.read(receipt or "")[1]
    except (FileNotFoundError, ValueError, BlobDamaged):
        abort(404)
