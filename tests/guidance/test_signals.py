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


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("A phishing site pretends to be our bank", "phishing"),
        ("收到釣魚電郵", "phishing"),
        ("釣魚網站", "phishing"),
        ("DDoS", "ddos"),
        ("Our website was defaced", "defacement"),
        ("網站被入侵", "intrusion"),
        ("我的帳戶被盜", "account_takeover"),
        ("A botnet C2 on your network", "botnet"),
        ("We get spam mails all day", "spam"),
        ("We had a data breach", "data_leak"),
        ("Ransomware: all is encrypted", "ransomware"),
        ("電腦中了勒索軟件", "ransomware"),
        ("malware", "malware"),
        ("The phishing mail was in my spam folder", "phishing"),
        ("Phishing with malware", ""),
    ],
)
def test_a_plain_name_of_a_kind_is_enough(told: str, kind: str) -> None:
    assert signals.named(told)[0] == kind


def test_what_was_ticked_weighs_as_two_words() -> None:
    two, three = "invoice and transfer", "invoice, transfer, payee"
    assert signals.named(two, "spam") == ("", [])
    assert signals.named(three, "spam")[0] == "ceo_fraud"
    assert signals.named(f"{three}, virus", "malware") == ("", [])
    assert signals.named(two, "ceo_fraud")[0] == "ceo_fraud"


def test_where_two_kinds_are_as_likely_nothing_is_said() -> None:
    assert signals.named("virus trojan leaked personal data") == ("", [])


def test_every_kind_of_the_signals_is_one() -> None:
    told = {*signals.SIGNALS, *signals.NAMES}
    assert {kinds.by_code(code).code for code in told} == told
