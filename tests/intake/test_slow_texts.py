"""No text, however it is made, holds up who reads it: the time grows with its length and no faster."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from cert_portal.core import likeness, telephone, text, tlp
from cert_portal.core.mail import bounce, message
from cert_portal.guidance import signals
from cert_portal.intake import chinese_names, fax, observables

LONG = 60_000
MOST = 3.0
"""Seconds of the processor. What looks at every pair of places takes minutes."""
PIECES = (
    *("x", "1", "a.", "1.3.6.1.", "a-", "a@", "1,", "1,,", "(", "[[", "{ ", "\n", "-- \n", " ", "\t", "\u3000"),
    *(
        "http://",
        "a/b.",
        "www.",
        "+852 ",
        "銀",
        "銀行。",
        "Ａ",
        "Ａ．",
        "x．公司",
        "TLP:RED ",
        "[TLP:",
        "$1",
        "> ",
        "\u200b",
    ),
)


def bounced(words: str) -> str:
    told = EmailMessage()
    told["From"] = "mailer-daemon@mx.example"
    told.set_content(words)
    return bounce.reason(told.as_bytes())


def faxed(words: str) -> fax.Caller:
    told = EmailMessage()
    told["From"] = "fax@gateway.example"
    told.set_content(words)
    return fax.caller(message.parse(told.as_bytes()))


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize(
    "read",
    [
        text.tokens,
        text.parts,
        text.refang,
        telephone.pick,
        tlp.narrowest,
        tlp.unlabelled,
        likeness.signature,
        signals.named,
        observables.find,
        observables.defanged,
        lambda words: list(chinese_names.find(words)),
        bounced,
        faxed,
    ],
)
def test_a_long_text_is_read_at_once(read: Callable[[str], object], piece: str) -> None:
    words = f"{piece * (LONG // len(piece))}!"
    begun = time.process_time()
    read(words)
    assert time.process_time() - begun < MOST


def test_the_last_labels_of_a_name_longer_than_names_are_searchable() -> None:
    found = text.parts("a." * 200 + "bad.example")
    assert "bad_example" in found
    assert len(found) == text.LONGEST_NAME - 1
