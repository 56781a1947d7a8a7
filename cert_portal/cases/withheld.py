"""What opens a door without a sign-in is left out of files: the reporter's secret and the page of a party."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cert_portal.core import numbers
from cert_portal.intake.status import secret_of

WITHHELD = "[…]"
_DOOR = re.compile(r"(?<=/p/)[\w.~%-]+")


def without_doors(text: str, about: str) -> str:
    """A text of the timeline without the secret of the report that it is about and without tokens of parties."""
    named = {about, *numbers.find_in(text)}
    for number in named:
        if number.startswith("R"):
            text = text.replace(secret_of(number), WITHHELD)
    return _DOOR.sub(WITHHELD, text)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """A text in pieces, each with whether it is the token of a party."""
    at = 0
    for found in _DOOR.finditer(text):
        yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    yield text[at:], False
