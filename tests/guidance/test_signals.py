"""Words that speak for a kind of incident."""

from __future__ import annotations

import pytest

from cert_portal.guidance import kinds, signals


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        ("All files are encrypted, they ask a ransom of 2 BTC", "ransomware", ["ransom", "encrypted", signals.SUM]),
        ("The boss asked for HK$480,000 to a new bank account by transfer", "ceo_fraud", None),
        ("檔案被加密，對方要求贖金 3 萬元", "ransomware", ["加密", "贖金", signals.SUM]),
        ("A virus, says the antivirus", "malware", ["virus", "antivirus"]),
        ("Nothing of the sort", "", []),
        ("My password", "", []),
    ],
)
def test_a_kind_is_named_with_the_words_that_speak_for_it(told: str, kind: str, words: list[str] | None) -> None:
    found = signals.named(told)
    assert found[0] == kind
    assert words is None or found[1] == words


@pytest.mark.parametrize(
    "told",
    [
        "Look at https://bad.example/invoice/transfer?bank%20account",
        "Look at hxxps://bad[.]example/invoice/transfer",
        "請看https://bad.example/invoice/transfer這一頁",
        "bad.example/invoice/transfer and www.transfer-invoice.example",
        "It came from invoice@transfer.example, says invoice transfer-invoice@bank.example",
    ],
)
def test_words_in_addresses_say_nothing(told: str) -> None:
    assert signals.named(told) == ("", [])


def test_what_was_ticked_weighs_as_two_words() -> None:
    two, three = "invoice and transfer", "invoice, transfer, payee"
    assert signals.named(two, "spam") == ("", [])
    assert signals.named(three, "spam")[0] == "ceo_fraud"
    assert signals.named(f"{three}, virus", "malware") == ("", [])
    assert signals.named(two, "ceo_fraud")[0] == "ceo_fraud"


def test_where_two_kinds_are_as_likely_nothing_is_said() -> None:
    assert signals.named("virus trojan leaked personal data") == ("", [])


def test_every_kind_of_the_signals_is_one() -> None:
    assert {kinds.by_code(code).code for code in signals.SIGNALS} == set(signals.SIGNALS)
