"""Messages as they came: what they would show, made safe, and their source; never as a page of the sender's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, request, url_for
from flask_babel import lazy_gettext as _l

from cert_portal.cases.models import Case
from cert_portal.coordination.lists import case_of
from cert_portal.coordination.models import ReferralMessage
from cert_portal.coordination.visible import find_referral
from cert_portal.core.blobs import BlobDamaged
from cert_portal.core.db import session
from cert_portal.core.mail import spool
from cert_portal.core.mail.charset import decode
from cert_portal.core.mail.message import InboundMail
from cert_portal.core.mail.safe_html import make_safe
from cert_portal.core.text import unturned, whole
from cert_portal.directory.permissions import Permission
from cert_portal.intake import opening
from cert_portal.intake.models import Report, ReportAddition
from cert_portal.web.staff.desk import Answer, desk, me, show
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
    mail = _opened(_raw(find(number)))
    back, other = (url_for(place, number=number) for place in ("staff.report", "staff.report_source"))
    return _mail(mail, find(number), number, back, _with("addition", other))


@desk.get("/reports/<number>/source", Permission.READ_REPORTS)
def report_source(number: str) -> Answer:
    """Every byte of the message as text."""
    found = find(number)
    whole = "" if _id("addition") else url_for("staff.report_original", number=number)
    return _source(_raw(found), found, number, _with("addition", url_for("staff.report_mail", number=number)), whole)


@desk.get("/referrals/<number>/mail", Permission.READ_CASES)
def referral_mail(number: str) -> Answer:
    """What a party wrote by mail, likewise."""
    mail = _opened(_answer(number)[1])
    back, other = (url_for(place, number=number) for place in ("staff.referral", "staff.referral_source"))
    return _mail(mail, _answer(number)[0], number, back, _with("message", other))


@desk.get("/referrals/<number>/source", Permission.READ_CASES)
def referral_source(number: str) -> Answer:
    """Every byte of it as text."""
    case, raw = _answer(number)
    return _source(raw, case, number, _with("message", url_for("staff.referral_mail", number=number)), "")


def _mail(mail: InboundMail, about: Report | Case, number: str, back: str, other: str) -> Answer:
    shown = make_safe(mail.html) if mail.html else None
    heads = [(label, mail.headers[name]) for name, label in HEADS.items() if mail.headers.get(name)]
    facts: dict[str, Any] = {"mail": mail, "shown": shown, "heads": heads, "back": back, "other": other}
    return show("report_mail", about=about, number=number, **facts)


def _source(raw: bytes, about: Report | Case, number: str, other: str, whole: str) -> Answer:
    text, _sure = decode(raw[:MOST_SHOWN], "")
    facts: dict[str, Any] = {
        "text": unturned(text),
        "size": len(raw),
        "most": MOST_SHOWN,
        "other": other,
        "whole": whole,
    }
    return show("report_source", about=about, number=number, **facts)


def _opened(raw: bytes) -> InboundMail:
    session.rollback()  # opening runs gpg
    return opening.read(raw)


def _id(name: str) -> int:
    return whole(request.args.get(name, ""))


def _with(name: str, address: str) -> str:
    """The address of another view of the same message."""
    return f"{address}?{name}={_id(name)}" if _id(name) else address


def _raw(found: Report) -> bytes:
    """The message of the report, or of what was added to it later."""
    wanted, receipt = _id("addition"), found.receipt
    if wanted:
        row = session.get(ReportAddition, wanted)
        receipt = row.receipt if row is not None and row.report_id == found.id else None
    return _read(receipt)


def _answer(number: str) -> tuple[Case, bytes]:
    """A message of a party to a referral that the person may see, and the case that it is about."""
    found = find_referral(number, me()) or abort(404)
    row = session.get(ReferralMessage, _id("message"))
    return case_of(found, me()), _read(row.receipt if row is not None and row.referral_id == found.id else None)


def _read(receipt: str | None) -> bytes:
    try:
        return spool.read(receipt or "")[1]
    except (FileNotFoundError, ValueError, BlobDamaged):
        abort(404)
