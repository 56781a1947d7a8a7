"""A message that comes as a file: the suspicious mail itself, saved by a mail program (000-23)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

from cert_portal.core.mail import outlook
from cert_portal.core.mail.message import Attachment, InboundMail, html_to_text, parse

_HEAD = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:From |(?:Return-Path|Received|Delivered-To|From|To|Date|Subject|Message-ID|MIME-Version"
    rb"|X-[\w-]+|ARC-[\w-]+|DKIM-Signature|Authentication-Results|Reply-To|Content-Type)[ \t]*:)",
    re.IGNORECASE,
)
_FIELD = re.compile(rb"^[A-Za-z][A-Za-z0-9-]*[ \t]*:", re.MULTILINE)


def is_message(filename: str, data: bytes) -> bool:
    """Whether a file is a message in its raw form, by its name or by at least three header fields at its top."""
    head = data[:20_000].partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    return filename.lower().endswith(".eml") or bool(_HEAD.match(head) and len(_FIELD.findall(head)) >= 3)


def read(filename: str, data: bytes) -> InboundMail | None:
    """The message in a file, raw or from Outlook; None when it is none that can be read."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        try:
            return _from_outlook(outlook.read_msg(data))
        except outlook.NotReadable:
            return None
    return parse(data) if is_message(filename, data) else None


def _from_outlook(found: outlook.OutlookMessage) -> InboundMail:
    mail = parse(found.headers.encode("utf-8", "surrogateescape") + b"\r\n\r\n")
    text = found.text or html_to_text(found.html)
    return replace(
        mail,
        subject=mail.subject or found.subject,
        sender=mail.sender or found.sender,
        sender_name=mail.sender_name or found.sender_name,
        message_id=mail.message_id or found.message_id,
        text=text.replace("\r\n", "\n").strip(),
        html=found.html,
        attachments=[Attachment(name, kind, data) for name, kind, data in found.attachments],
    )


def facts(mail: InboundMail) -> dict[str, Any]:
    """What an analyst looks at first: who, by which way, and what came with it; as JSON."""
    return {
        "from": mail.headers.get("from", "") or f"{mail.sender_name} <{mail.sender}>".strip(),
        "reply_to": mail.headers.get("reply-to", ""),
        "return_path": mail.return_path,
        "to": mail.headers.get("to", ""),
        "subject": mail.subject,
        "date": mail.headers.get("date", ""),
        "message_id": mail.message_id,
        "authentication": mail.headers.get("authentication-results", ""),
        "received": mail.received,
        "attachments": [
            {"filename": each.filename, "size": len(each.data), "sha256": hashlib.sha256(each.data).hexdigest()}
            for each in mail.attachments
        ],
        "trouble": sorted(set(mail.trouble)),
    }
