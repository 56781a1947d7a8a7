"""Mails that machines write for machines, read as data: ARF (RFC 5965), X-ARF 3 and 4, IODEF 2, Shadowserver's CSV."""

from __future__ import annotations

import email.utils
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import Any, cast

from cert_portal.core.mail import tree
from cert_portal.core.mail.message import Attachment, InboundMail, readable
from cert_portal.core.text import clean, whole
from cert_portal.guidance.kinds import by_code
from cert_portal.intake import iodef
from cert_portal.intake.incident import DocumentRefused, Incident, past
from cert_portal.monitoring import tables

_FEEDBACK = {"abuse": "spam", "fraud": "phishing", "virus": "malware", "not-spam": "other"}
_TYPES = {
    "phishing": "phishing", "fraud": "phishing", "malware": "malware", "spam": "spam", "bulk_messaging": "spam",
    "ddos": "ddos", "infected_host": "botnet", "botnet": "botnet", "login_attack": "intrusion",
    "port_scan": "intrusion", "sql_injection": "intrusion", "vulnerability_scan": "intrusion",
    "reconnaissance": "intrusion", "remote_compromise": "intrusion", "compromised_server": "intrusion",
    "exposed_data": "data_leak", "login": "intrusion",
}  # fmt: skip
_FLAT = re.compile(r"^([A-Za-z][\w-]{0,60}):[ \t]+(.{1,2000})$", re.MULTILINE)


class Unreadable(Exception):
    """It says that it is data of this kind, and is not; `code` goes with the report."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Seen:
    """One thing that a machine saw, before it is kept."""

    feed: str
    kind: str
    rsit: str = ""
    external_id: str = ""
    seen_at: datetime | None = None
    ip: str = ""
    asn: int | None = None
    url: str = ""
    domain: str = ""
    confidence: int | None = None
    restriction: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


def read(mail: InboundMail, raw: bytes) -> list[Seen]:
    """What the message reports as data; nothing for every other message. Raises Unreadable."""
    found: list[Seen] = []
    room = tables.Room()
    for each in mail.attachments:
        found.extend(_attachment(each, mail, room))
    if not found and (told := _feedback(mail, raw)) is not None:
        found = [_arf(told)]
    return found


def _attachment(part: Attachment, mail: InboundMail, room: tables.Room) -> list[Seen]:
    name = part.filename.lower()
    if "xarf" in name or part.media_type == "application/json" or name.endswith(("report.txt", ".yaml", ".yml")):
        return _xarf(part, certain="xarf" in name or "x-xarf" in mail.headers or "x-arf" in mail.headers)
    if iodef.NAMESPACE.encode() in part.data[:5000]:
        try:
            return [_of_incident(each) for each in iodef.read(part.data)]
        except DocumentRefused:
            raise Unreadable("iodef_unreadable") from None
    try:
        rows = tables.rows(part.filename, part.data, room)
    except tables.TooBig:
        raise Unreadable("table_too_big") from None
    return [_of_row(row, tables.type_of(part.filename)) for row in rows]


def _xarf(part: Attachment, *, certain: bool) -> list[Seen]:
    try:
        told = json.loads(_shallow(part.data), parse_constant=str)
    except (ValueError, RecursionError):
        told = dict(_FLAT.findall(part.data[:100_000].decode("utf-8", "replace")))
    if isinstance(told, dict) and "xarf_version" in told:
        return [_xarf4(told)]
    if isinstance(told, dict) and isinstance(told.get("Report"), dict):
        return [_xarf3({**told, **told["Report"]})]
    if isinstance(told, dict) and {"Report-Type", "Source"} <= told.keys():
        plain = {key: str(value).strip("'\" ") for key, value in told.items()}
        return [_xarf3({**plain, "ReportType": plain["Report-Type"], "ReportID": plain.get("Report-ID", "")})]
    if certain:
        raise Unreadable("xarf_unreadable")
    return []


def _shallow(data: bytes) -> bytes:
    """The data, unless it nests deeper than any report does."""
    if data.count(b"[") + data.count(b"{") > 2_000 or len(data) > 20_000_000:
        raise ValueError("too deep")
    return data


def _xarf4(told: dict[str, Any]) -> Seen:
    source = _word(told, "source_identifier")
    if not source or not _word(told, "type"):
        raise Unreadable("xarf_unreadable")
    reporter = told.get("reporter")
    domain = _word(reporter, "domain") if isinstance(reporter, dict) else ""
    return Seen(
        feed=f"xarf {domain}".strip()[:60],
        kind=_TYPES.get(_word(told, "type"), "other"),
        external_id=_word(told, "report_id")[:200],
        seen_at=past(_word(told, "timestamp")),
        url=_word(told, "url"),
        confidence=_per_cent(told.get("confidence")),
        raw={name: value for name, value in told.items() if name not in ("evidence", "_internal")},
        **_where(source),
    )


def _per_cent(told: Any) -> int | None:
    if not isinstance(told, int | float) or isinstance(told, bool) or not 0 <= told <= 100:
        return None
    return int(told * 100 if told <= 1 else told)


def _xarf3(told: dict[str, Any]) -> Seen:
    source = told.get("Source")
    place = _word(source, "IP") or _word(source, "URL") if isinstance(source, dict) else _word(told, "Source")
    place = place or _word(told, "SourceIp") or _word(told, "SourceUrl")
    if not place:
        raise Unreadable("xarf_unreadable")
    return Seen(
        feed="xarf",
        kind=_TYPES.get(_word(told, "ReportType").lower().replace("-", "_"), "other"),
        external_id=_word(told, "ReportID")[:200],
        seen_at=past(_word(told, "Date")),
        raw={name: value for name, value in told.items() if name not in ("Attachment", "Samples")},
        **_where(place),
    )


def _feedback(mail: InboundMail, raw: bytes) -> dict[str, str] | None:
    """The fields of the feedback part; None when the message has none."""
    if b"message/feedback-report" not in raw.lower() or "message_too_big" in mail.trouble:
        return None
    for part in tree.opened(raw)[0].walk():
        inner = part.get_payload()
        if part.get_content_type() == "message/feedback-report" and isinstance(inner, list) and inner:
            return _fields(cast(Message, inner[0]))
    return None


def _fields(message: Message) -> dict[str, str]:
    return {name.lower(): readable(str(value)) for name, value in message.raw_items()}


def _arf(told: dict[str, str]) -> Seen:
    where = _where(told.get("source-ip", "")) | {"url": told.get("reported-uri", "")}
    domain = told.get("reported-domain", "").lower()[:253]
    if not (told.get("feedback-type") and (where.get("ip") or where["url"] or domain)):
        raise Unreadable("arf_unreadable")
    return Seen(
        feed=f"arf {told.get('user-agent', '').partition('/')[0]}".strip()[:60],
        kind=_FEEDBACK.get(told["feedback-type"].lower(), "other"),
        seen_at=_mail_time(told.get("arrival-date") or told.get("received-date") or ""),
        **{**where, **({"domain": domain} if domain else {})},
        raw=dict(told),
    )


def _mail_time(told: str) -> datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return past(at.replace(tzinfo=at.tzinfo or UTC).isoformat())


def _of_incident(told: Incident) -> Seen:
    first = dict(reversed(told.observables))
    asn = first.get("asn", "").upper().removeprefix("AS")
    return Seen(
        feed=f"iodef {told.reference.partition(' ')[0]}"[:60],
        kind=told.kind,
        external_id=told.reference,
        seen_at=told.detected or told.started,
        ip=_where(first.get("ip", "")).get("ip", ""),
        asn=whole(asn, 10) or None,
        url=first.get("url", ""),
        domain=first.get("domain", "")[:253],
        restriction=told.restriction,
        raw={"description": told.description, "observables": [list(pair) for pair in told.observables]},
    )


def _of_row(row: dict[str, str], kind: str) -> Seen:
    asn = row.get("asn") or row.get("src_asn") or ""
    code = tables.KINDS.get(kind, ("other", "vulnerable/vulnerable-system"))
    where = _where(row.get("ip") or row.get("src_ip") or "")
    return Seen(
        feed=f"shadowserver {kind}".strip()[:60],
        kind=by_code(code[0]).code,
        rsit=code[1],
        seen_at=past(row.get("timestamp", "").replace(" UTC", "")),
        asn=whole(asn, 10) or None,
        domain=(row.get("hostname") or row.get("src_hostname") or "").lower()[:253],
        **{name: value for name, value in where.items() if name == "ip"},
        raw=dict(row),
    )


def _where(told: str) -> dict[str, Any]:
    """An IP address, a web address or a domain under its name."""
    plain = clean(told).strip()[:2000]
    if address := tables.address(plain):
        return {"ip": address}
    if "://" in plain:
        return {"url": plain}
    return {"domain": plain.lower()[:253]} if plain else {}


def _word(told: Any, name: str) -> str:
    value = told.get(name, "")
    return clean(value).strip()[:2000] if isinstance(value, str) else ""
