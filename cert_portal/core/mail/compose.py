"""From words to the exact bytes of a message: 7-bit parts, PGP/MIME (RFC 3156)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import lru_cache

from cert_portal.core import clock


def text_part(text: str) -> bytes:
    """A text/plain part with its headers: UTF-8, encoded to 7 bits, CRLF; the exact bytes that a signature covers."""
    part = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    part.set_content(text, charset="utf-8", cte="base64" if not text.isascii() else "quoted-printable")
    del part["MIME-Version"]
    return part.as_bytes().rstrip(b"\r\n") + b"\r\n"


def signed(part: bytes, signature: str) -> bytes:
    """multipart/signed around a part (RFC 3156, section 5)."""
    edge = _edge(part)
    kind = f'multipart/signed; micalg="pgp-sha512";\r\n protocol="application/pgp-signature"; boundary="{edge}"'
    second = (
        'Content-Type: application/pgp-signature; name="signature.asc"\r\nContent-Description: OpenPGP signature\r\n'
        f"\r\n{_crlf(signature)}"
    )
    return _multipart(kind, edge, [part, second.encode("ascii")])


def encrypted(block: str) -> bytes:
    """multipart/encrypted around an armoured OpenPGP message (RFC 3156, section 4)."""
    edge = _edge(block.encode())
    kind = f'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="{edge}"'
    first = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    second = f'Content-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n{_crlf(block)}'
    return _multipart(kind, edge, [first, second.encode("ascii")])


def headers(sender: tuple[str, str], recipient: str, subject: str, message_id: str, more: Mapping[str, str]) -> bytes:
    """The headers of a message, without those of its content. Raises ValueError on a line break in a value."""
    name, address = sender
    fields = {
        "From": _sender(name, address),
        "To": recipient,
        "Subject": _encoded(subject),
        "Date": format_datetime(clock.now()),
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        **more,
    }
    for value in (recipient, subject, message_id, *more.values()):
        if "\n" in value or "\r" in value:
            raise ValueError("a header value holds a line break")
    lines = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return lines.replace("\n", "\r\n").encode("utf-8")


@lru_cache(64)
def _encoded(subject: str) -> str:
    return Header(subject, "utf-8" if not subject.isascii() else "us-ascii", 900).encode(maxlinelen=75)


@lru_cache(64)
def _sender(name: str, address: str) -> str:
    return formataddr((name, address), charset="utf-8")


def _multipart(kind: str, edge: str, parts: list[bytes]) -> bytes:
    rule = b"--" + edge.encode()
    inner = b"".join(rule + b"\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: " + kind.encode() + b"\r\n\r\n" + inner + rule + b"--\r\n"


def _edge(content: bytes) -> str:
    return "=_" + hashlib.sha256(content).hexdigest()[:40]


def _crlf(text: str) -> str:
    return "\r\n".join(text.splitlines()) + "\r\n"
