"""Search tokens, defanging, cleaning."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cert_portal.core import text
from cert_portal.core.i18n import Language, language_of


def test_chinese_words_are_pairs_of_neighbours() -> None:
    assert text.tokens("網絡釣魚") == ["網絡", "絡釣", "釣魚"]
    assert text.tokens("㗎") == ["㗎"]


@pytest.mark.parametrize(
    "told", ["釣魚。", "「釣魚」", "【釣魚", "釣魚、", "《釣魚》", "〈釣魚〉", "釣魚・", "釣魚〜", "〒釣魚", "　釣魚　"]
)
def test_what_stands_around_chinese_words_is_no_part_of_them(told: str) -> None:
    assert text.tokens(told) == ["釣魚"]


def test_letters_among_chinese_signs_stay_in_words() -> None:
    assert text.tokens("佐々木") == ["佐々", "々木"]
    assert text.tokens("二〇二六") == ["二〇", "〇二", "二六"]
    assert text.tokens("〆切〡〢") == ["〆切", "切〡", "〡〢"]
    assert text.tokens("サーバー") == text.tokens("ｻｰﾊﾞｰ") == ["サー", "ーバ", "バー"]
    assert text.tokens("ビル・ゲイツ") == ["ビル", "ゲイ", "イツ"]


SIGNS = st.characters(min_codepoint=0x2E80, max_codepoint=0xFFEF, whitelist_categories=("P", "S", "Z")).filter(
    lambda each: not any(piece.isalnum() or piece in ".-@_/:" for piece in unicodedata.normalize("NFKC", each))
)
"""Without those that join the pieces of an address."""


@given(st.lists(st.sampled_from(["釣魚", "網站", "銀行", "ー々", "bank"]), min_size=1, max_size=4), SIGNS, SIGNS)
def test_signs_of_chinese_part_words_and_are_none(words: list[str], sign: str, other: str) -> None:
    apart = text.tokens(" ".join(words))
    assert text.tokens(f"{other}{sign.join(words)}{other}{sign}") == apart
    assert text.tokens(f"{sign}{other}") == []


def test_addresses_are_found_whole_and_in_parts() -> None:
    found = text.tokens("See http://Bad.example/x, 192.0.2.1")
    assert {"see", "bad", "example", "192_0_2_1", "http"} <= set(found)


@given(st.text(max_size=300))
def test_a_text_is_found_by_its_own_tokens(words: str) -> None:
    found = text.tokens(words)
    assert all(token == token.lower() and '"' not in token and "'" not in token for token in found)
    assert text.tokens(words) == found


@pytest.mark.parametrize("url", ["http://bad.example/x", "https://a.b.example:8080/?q=1", "someone@bad.example"])
def test_defanging_can_be_undone(url: str) -> None:
    safe = text.defang(url)
    assert "." not in safe.replace("[.]", "")
    assert text.refang(safe) == url


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("hxxp://bad[.]example", "http://bad.example"),
        ("HXXPS[:]//bad(dot)example", "https://bad.example"),
        ("a [at] bad {.} example", "a@bad.example"),
        ("h**p://x[.]example", "http://x.example"),
    ],
)
def test_common_ways_of_defanging_are_understood(told: str, meant: str) -> None:
    assert text.refang(told).lower() == meant


def test_control_characters_go() -> None:
    assert text.clean("a\x00b\r\nc\rd\ud800\te") == "ab\nc\nd\te"


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("My shop was attacked", Language.EN),
        ("我收到釣魚電郵", Language.ZH_HANT),
        ("我撳咗 https://very-long-address.example/with/a/path?and=query 條link", Language.ZH_HANT),
        ("Dear team, a customer named 陳大文 wrote to us about his account and we would like some help", Language.EN),
        ("", Language.EN),
    ],
)
def test_the_language_of_a_text(words: str, language: Language) -> None:
    assert language_of(words) is language
    assert language.other.other is language
    assert language.locale in ("en", "zh_Hant")
    assert language.tag in ("en", "zh-Hant-HK")


def test_what_is_cut_says_so() -> None:
    assert text.shortened("short", 5) == "short"
    assert text.shortened("one two three", 10) == "one two t…"
    assert text.shortened("a wordy sentence about phishing pages", 32) == "a wordy sentence about phishing…"
    assert text.shortened("a wordy sentence about phishing pages", 35) == "a wordy sentence about phishing…"
    assert text.shortened("釣魚網頁" * 10, 12) == "釣魚網頁釣魚網頁釣魚網…"
    assert all(len(text.shortened("ab cde " * 9, limit)) <= limit for limit in range(1, 40))


@pytest.mark.parametrize("words", ["", " \n", "\u200b", " \u200b\u2060 \ufeff", "\u3164", "\u00ad\u202e"])
def test_what_nobody_sees_is_blank(words: str) -> None:
    assert text.is_blank(words)
    assert not text.is_blank(f"{words}字")
