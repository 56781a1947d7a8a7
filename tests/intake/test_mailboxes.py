"""Which mailbox a message is for."""

from __future__ import annotations

import pytest

from cert_portal.intake import mailboxes


@pytest.mark.parametrize(
    ("addresses", "name"),
    [
        (["report@portal.example"], "report"),
        (["PHISHING+x@portal.example"], "phishing"),
        (["someone@portal.example", "abuse@portal.example"], "abuse"),
        (["fax@portal.example"], "fax"),
        (["nobody@portal.example"], "report"),
        ([], "report"),
    ],
)
def test_the_first_known_name_counts(addresses: list[str], name: str) -> None:
    assert mailboxes.by_recipients(addresses).name == name


def test_a_name_that_is_none_is_the_default() -> None:
    assert mailboxes.by_name("old") is mailboxes.DEFAULT
