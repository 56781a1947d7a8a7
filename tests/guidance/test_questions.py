"""What is asked of one kind of incident."""

from __future__ import annotations

import pytest

from cert_portal.core.i18n import Language
from cert_portal.guidance import questions

EXPECTED = {
    "ddos": {"ddos_form", "ddos_layer", "ddos_start", "ddos_end", "ddos_peak"},
    "malware": {"infection_vector"},
    "ransomware": {"infection_vector"},
    "phishing": {"phishing_entered", "money_sent"},
    "defacement": {"defaced_url"},
    "data_leak": {"leak_what"},
    "lost_device": {"device_encrypted"},
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_kind_is_asked_its_own_questions(kind: str) -> None:
    assert EXPECTED[kind] <= {each.code for each in questions.of_kind(kind)}


def test_of_most_kinds_nothing_more_is_asked() -> None:
    assert questions.of_kind("not_sure") == ()


def test_codes_are_unique_and_every_word_is_there_in_both_languages() -> None:
    codes = [each.code for each in questions.load()]
    assert len(codes) == len(set(codes))
    for each in questions.load():
        for words in (each.asks, *([each.hints] if each.hints else []), *each.choices.values()):
            assert all(words[language] for language in Language)


def test_money_sent_leads_to_the_bank_and_to_18222() -> None:
    asked = next(each for each in questions.of_kind("phishing") if each.code == "money_sent")
    assert "18222" in asked.hints[Language.EN]
    assert "18222" in asked.hints[Language.ZH_HANT]


def test_answers_are_read_in_words() -> None:
    told = questions.answered({"money_sent": "yes", "ddos_peak": "4 Gbit/s", "ddos_end": ""}, Language.ZH_HANT)
    assert told == [("有沒有付款或轉賬？", "是"), ("最高流量，例如 4 Gbit/s 或每秒 20,000 個請求", "4 Gbit/s")]
