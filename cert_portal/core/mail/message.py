"""Reading a message as it really comes: no header, charset or part may make us lose it.

The standard parser in its old `compat32` mode never raises on parsing; every header and part is then read with care,
because `policy.default` raises on real mail. Nothing here decides what a message means for the centre.
"""

from __future__ import annotations

import binascii
import email.utils
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import cast

import nh3

from cert_portal.core.mail import outlook, tree
from cert_portal.core.mail.charset import decode
from cert_portal.core.text import clean, one_line, unturned

MAX_PARTS = 400
MAX_DEPTH = 20
MAX_TEXT = 1_000_000
MAX_TAGS = 10_000
MAX_HOPS = 50
MAX_LINKS = 200
MAX_FORWARDED = 20
MAX_PACKETS = 5
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_ENCODED = re.compile(r"(\?=)\s+(=\?)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\]{1,64}@[^\s<>()\[\],;:\"\\]{1,253}")
_ANGLED = re.compile(rf"<\s*({_ADDRESS.pattern})\s*>")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_LINK = re.compile(r"<a\b[^<>]{0,2000}?href\s*=\s*[\"']?(https?:[^\"'<>\s]{1,2000}+)[^<>]{0,2000}+>", re.IGNORECASE)
_TARGET = re.compile(
    r"<(?:a|area|base|button|form|input)\b[^<>]{0,2000}?\b(?:href|(?:form)?action)\s{0,9}=\s{0,9}[\"']?\s{0,9}"
    r"((?:https?|ftp):[^\"'<>\s]{3,2000}+)",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_BLOCK = re.compile(r"</?(?:p|div|br|tr|li|h[1-6]|table|blockquote|ul|ol|pre)\b[^>]*>", re.IGNORECASE)
_AMPERSAND = "\x01"
"""Stands for & in the cleaner, whose time grows with the square of their number."""
_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "ul", "ol", "pre"}


@dataclass(frozen=True)
class Attachment:
    """A part that is not the text: name and type as the sender says, bytes as they are."""

    filename: str
    media_type: str
    data: bytes


@dataclass
class InboundMail:
    """What a message says, as far as it can be read. `trouble` names what could not be.

    `links` are those behind the words of the HTML, `forwarded` the heads of messages that it holds.

    `sealing` (encrypted, pgp, inline or smime), `signature` (see crypto.Signature, smime.SmimeVerdict) and `signer` (a
    fingerprint, or the addresses of a certificate) are filled in by whoever opens it.
    """

    message_id: str = ""
    sender: str = ""
    sender_name: str = ""
    return_path: str | None = None
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    html: str = ""
    references: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    forwarded: list[InboundMail] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)
    content_type: str = "text/plain"
    report_type: str = ""
    trouble: list[str] = field(default_factory=list)
    sealing: str = ""
    signature: str = ""
    signer: str = ""


def parse(raw: bytes) -> InboundMail:
    """Read a message. Never raises on what a stranger sent; what cannot be read is named in `trouble`."""
    message, trouble = tree.opened(raw)
    mail = InboundMail(trouble=trouble)
    _read_headers(message, mail)
    _read_parts(message, mail)
    mail.html = clean(mail.html)
    mail.links = _links(mail.html)
    if "\x00" in mail.text:
        mail.trouble.append("nul_bytes")
    mail.text = clean(mail.text)[:MAX_TEXT].strip()
    return mail


def header(message: Message, name: str) -> str:
    """One header as readable text on one line, whatever was done to it."""
    wanted = name.lower()
    return next((one_line(readable(str(value))) for key, value in message.raw_items() if key.lower() == wanted), "")


def readable(raw: str) -> str:
    """A raw header value with its encoded words read, raw 8-bit bytes guessed, folding and control characters gone."""
    plain = decode(tree.as_bytes(raw), "")[0]
    plain = _BETWEEN_ENCODED.sub(r"\1\2", plain)
    return " ".join(clean(_ENCODED.sub(_encoded_word, plain[:20_000])).split())


def _encoded_word(match: re.Match[str]) -> str:
    charset, how, words = match[1].partition("*")[0], match[2].lower(), match[3]
    data = words.encode("ascii", "ignore")
    if how == "b":
        return decode(_base64(data), charset)[0]
    return decode(quopri.decodestring(data, header=True), charset)[0]


def _base64(data: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def html_to_text(source: str, tags: int = MAX_TAGS) -> str:
    """The words of an HTML mail, up to so many tags: link targets kept, everything that runs or loads dropped."""
    linked = _LINK.sub(r" \1 ", clean(source[:MAX_TEXT])).replace("&", _AMPERSAND)
    few = "<".join(linked.split("<", tags)[:tags])  # the cleaner's time grows with the square of the depth
    safe = nh3.clean(few, tags=_BLOCKS, attributes={}, link_rel=None)
    plain = html.unescape(email.utils.unquote(_BLOCK.sub("\n", safe)).replace(_AMPERSAND, "&"))
    lines = (" ".join(line.split()) for line in plain.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _links(source: str) -> list[str]:
    found = (html.unescape(each) for each in _TARGET.findall(source[:MAX_TEXT]))
    return list(dict.fromkeys(found))[:MAX_LINKS]


def _read_headers(message: Message, mail: InboundMail) -> None:
    mail.subject = header(message, "Subject")[:1000]
    mail.message_id = next(iter(_MESSAGE_ID.findall(header(message, "Message-ID"))), header(message, "Message-ID"))[
        :998
    ]
    mail.sender_name, mail.sender = _mailbox(header(message, "Reply-To") or header(message, "From"))
    mail.return_path = _return_path(message)
    mail.date = _date(header(message, "Date"))
    threads = f"{header(message, 'In-Reply-To')} {header(message, 'References')}"
    mail.references = list(dict.fromkeys(_MESSAGE_ID.findall(threads)))[:50]
    told = " ".join(header(message, name) for name in ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"))
    mail.recipients = [each.lower() for each in _ADDRESS.findall(told)[:100]]
    for name, value in list(message.raw_items())[:300]:
        mail.headers.setdefault(name.lower(), readable(str(value))[:2000])
        if name.lower() == "received" and len(mail.received) < MAX_HOPS:
            mail.received.append(readable(str(value))[:2000])
    mail.content_type = message.get_content_type()
    mail.report_type = _parameter(message, "report-type").lower()


def _mailbox(value: str) -> tuple[str, str]:
    """Name and address of the first mailbox; an address that stands in a name is a name."""
    pieces = [each for each in _QUOTED.sub("", value).split(",") if _ADDRESS.search(each)] or [value]
    angled, plain = _ANGLED.search(pieces[0]), _ADDRESS.search(pieces[0]) or _ADDRESS.search(value)
    found = angled[1] if angled else plain[0] if plain else ""
    place = value.find(f"<{found}") if angled else value.find(found) if found else len(value)
    return _name(value[: max(place, 0)].strip())[:200], found.strip(".'")


def _name(told: str) -> str:
    """A display name as people read it: without the quotes around it, and those within without what protects them."""
    quoted = _QUOTED.fullmatch(told)
    return re.sub(r"\\(.)", r"\1", told[1:-1]).strip(" '") if quoted else told.strip(" \"'<")


def _return_path(message: Message) -> str | None:
    value = header(message, "Return-Path")
    if not value:
        return None
    found = _ADDRESS.search(value)
    return found[0] if found else ""


def _date(value: str) -> datetime | None:
    try:
        told = email.utils.parsedate_to_datetime(value)
        told = told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return told if 1990 <= told.year <= 2200 else None


def _parameter(part: Message, name: str) -> str:
    return readable(email.utils.collapse_rfc2231_value(part.get_param(name, "")))


def _filename(part: Message) -> str:
    return unturned(readable(part.get_filename(""))).replace("/", "_").replace("\\", "_")[:200]


@dataclass
class _Reading:
    """How much of a message is still read: parts, tags of HTML that become words, and files of Outlook."""

    mail: InboundMail
    parts: int = MAX_PARTS
    tags: int = MAX_TAGS
    packets: int = MAX_PACKETS


def _read_parts(message: Message, mail: InboundMail) -> None:
    mail.text = "\n\n".join(text for text in _texts(message, _Reading(mail)) if text.strip())


def _texts(message: Message, reading: _Reading, depth: int = 0) -> list[str]:
    """The words of a message and of those that it holds, in order; of HTML only where a message has no others."""
    texts: list[str] = []
    own: list[str] = []
    source: list[str] = []
    for part, deep in _leaves(message, reading.mail, depth):
        if reading.parts == 0:
            reading.mail.trouble.append("too_many_parts")
            break
        reading.parts -= 1
        if part.is_multipart():
            inner = _inside(part)
            texts += [_forwarded_heading(inner, reading.mail), *_texts(inner, reading, deep)]
            continue
        before = len(own)
        _read_part(part, reading, own, source)
        texts += own[before:]
    whole = "".join(source)
    reading.mail.html += whole
    if whole and not any(text.strip() for text in own):
        texts.insert(0, html_to_text(whole, reading.tags))
        reading.tags = max(1, reading.tags - whole.count("<"))
    return texts


def _leaves(message: Message, mail: InboundMail, depth: int) -> Iterator[tuple[Message, int]]:
    """The parts that hold no others, and the messages inside this one, each with how deep it lies."""
    if depth > MAX_DEPTH:
        mail.trouble.append("nested_too_deep")
        return
    if not message.is_multipart():  # asking for the payload would decode it, with whatever charset is named
        yield message, depth
        return
    for part in cast(list[Message], message.get_payload()):
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            yield part, depth + 2
        else:
            yield from _leaves(part, mail, depth + 1)


def _inside(part: Message) -> Message:
    """The message that a part holds; some programs put it into base64, which they must not (RFC 2046, 5.2.1)."""
    inner = cast(list[Message], part.get_payload())[0]
    raw = inner.get_payload()
    if isinstance(raw, str) and not inner.keys() and header(part, "Content-Transfer-Encoding").lower() == "base64":
        return tree.opened(_base64(raw.encode("ascii", "ignore")))[0]
    return inner


def _forwarded_heading(inner: Message, mail: InboundMail) -> str:
    if len(mail.forwarded) < MAX_FORWARDED:
        head = InboundMail()
        _read_headers(inner, head)
        mail.forwarded.append(head)
    told = [f"{name}: {header(inner, name)}" for name in ("From", "Reply-To", "Date", "Subject") if inner.get(name)]
    return "---------- " + "\n".join(told)


def _read_part(part: Message, reading: _Reading, texts: list[str], source: list[str]) -> None:
    mail = reading.mail
    kind = part.get_content_type()
    if kind.startswith("multipart/"):  # no boundary was found in it
        kind = "text/plain"
    name = _filename(part)
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    data = _payload(part, mail)
    if kind in ("text/plain", "text/html") and not name and not disposition.startswith("attachment"):
        words, sure = decode(data[: MAX_TEXT * 4], _parameter(part, "charset"))
        if not sure:
            mail.trouble.append("charset_guessed")
        if kind == "text/plain":
            flowed = _parameter(part, "format").lower() == "flowed"
            texts.append(unflowed(words, delsp=_parameter(part, "delsp").lower() == "yes") if flowed else words)
        else:
            source.append(words)
    elif data and reading.packets and (kind == "application/ms-tnef" or name.lower() == "winmail.dat"):
        reading.packets -= 1
        _read_tnef(data, mail, texts)
    elif data:
        mail.attachments.append(Attachment(name or _name_for(kind, len(mail.attachments)), kind, data))


def _read_tnef(data: bytes, mail: InboundMail, texts: list[str]) -> None:
    try:
        inner = outlook.read_tnef(data)
    except outlook.NotReadable:
        mail.trouble.append("part_unreadable")
        mail.attachments.append(Attachment("winmail.dat", "application/ms-tnef", data))
        return
    texts.append(inner.text or html_to_text(inner.html))
    for name, kind, content in inner.attachments:
        mail.attachments.append(Attachment(name or f"part-{len(mail.attachments) + 1}.bin", kind, content))


def unflowed(words: str, *, delsp: bool = False) -> str:
    """Lines that a mail program broke are one again (RFC 3676): a blank at the end says that the line goes on."""
    lines: list[str] = []
    flowing, before = False, 0
    for line in words.splitlines():
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        soft = body.endswith(" ") and body != "-- "
        piece = body[:-1] if soft and delsp else body
        if flowing and depth == before:
            lines[-1] += piece
        else:
            lines.append(">" * depth + " " * bool(depth) + piece)
        flowing, before = soft, depth
    return "\n".join(lines)


def _payload(part: Message, mail: InboundMail) -> bytes:
    data = tree.payload(part)
    if data is None:
        mail.trouble.append("part_unreadable")
        del part["Content-Type"]  # its charset may be no charset at all
        return tree.as_bytes(str(part.get_payload()))
    return data


def _name_for(kind: str, position: int) -> str:
    return f"part-{position + 1}.{re.sub(r'[^a-z0-9]', '', kind.partition('/')[2])[:12] or 'bin'}"
