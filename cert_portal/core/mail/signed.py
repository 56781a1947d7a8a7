"""The exact bytes that the signature of a message covers (RFC 1847): taken from the raw message, never made anew."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cert_portal.core.mail import tree

_EDGE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class SignedParts:
    """`kind` is pgp or smime; `content` with CRLF line ends, as it was signed; `signature` decoded."""

    kind: str
    content: bytes
    signature: bytes


def split(raw: bytes) -> SignedParts | None:
    """Both parts of a multipart/signed; None when the message is none, or its frame is broken."""
    edge = _EDGE.search(raw)
    head, _ = tree.opened(raw[: edge.end()] if edge else raw[:1000])
    boundary = head.get_boundary("") if head.get_content_type() == "multipart/signed" else ""
    if not boundary or edge is None:
        return None
    rule = re.compile(rb"(?:\A|\r?\n)--" + re.escape(tree.as_bytes(boundary)) + rb"[ \t]*(?:\r?\n|--)")
    body = raw[edge.end() :]
    rules = list(rule.finditer(body))[:3]
    if len(rules) < 2 or rules[1][0].endswith(b"--"):
        return None
    end = rules[2].start() if len(rules) > 2 else len(body)
    second, trouble = tree.opened(body[rules[1].end() : end])
    data = tree.payload(second)
    if not data or trouble:
        return None
    kind = "smime" if "pkcs7" in second.get_content_type() else "pgp"
    return SignedParts(kind, re.sub(rb"\r?\n", b"\r\n", body[rules[0].end() : rules[1].start()]), data)
