"""What opens a door without a sign-in is left out of files: the reporter's secret and the page of a party."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_string

from cert_portal.core import numbers
from cert_portal.intake.status import secret_of

WITHHELD = "[…]"
_ENCODED = ("base64", "quoted-printable")
_DOOR = re.compile(r"(?<=/p/)[\w.~%-]+")


def without_doors(text: str, about: str) -> str:
    """A text of the timeline without the secret of the report that it is about and without tokens of parties."""
    named = {about, *numbers.find_in(text)}
    for number in named:
        if number.startswith("R"):
            text = text.replace(secret_of(number), WITHHELD)
    return _DOOR.sub(WITHHELD, text)


def source(raw: bytes, about: str) -> str:
    """The source of a message as text. A part that holds such a door is shown as it reads, without it, not as it is
    written: encoded it would open the door all the same.
    """
    text = raw.decode("utf-8", "replace")
    for part in message_from_string(text).walk():
        written = part.get_payload()
        if not isinstance(written, str):
            continue
        read = written
        if str(part["Content-Transfer-Encoding"]).strip().lower() in _ENCODED:
            read = bytes(part.get_payload(decode=True)).decode("utf-8", "replace")
        if (safe := without_doors(read, about)) != read:
            text = text.replace(written, safe)
    return without_doors(text, about)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """A text in pieces, each with whether it is the token of a party."""
    at = 0
    for found in _DOOR.finditer(text):
        yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    yield text[at:], False
