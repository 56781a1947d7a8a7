"""Advice exists for every kind, says the same in both languages, and is safe to print."""

import re
from pathlib import Path

import pytest

from cert_portal.core.i18n import Language
from cert_portal.guidance.advice import UnknownBody, advice, advice_html, advice_text, who_to_tell
from cert_portal.guidance.kinds import GUIDES, UnknownKind, load

CODES = [kind.code for kind in load()]
AVOIDED = [
    "資通安全",
    "應急事件",
    "安全事件",
    "通報單",
    "建檔列管",
    "抑制",
    "恢復",
    "有害程序",
    "惡意程式",
    "仿冒詐騙",
    "網頁篡改",
    "網頁置換",
    "弱點",
    "預警",
    "等級",
    "副知",
    "時間軸",
    "工作日",
    "召集人",
    "解除列管",
    "信息",
    "軟體",
    "硬體",
    "網路",
    "帳號",
    "賬號",
    "簡訊",
    "短信",
    "隨身碟",
    "屏蔽",
    "默認",
    "郵箱",
    "資安",
    "視頻",
    "U盤",
]
CHINESE_FILES = [*GUIDES.glob("advice/*.zh-hant.md"), GUIDES / "kinds.toml", GUIDES / "who_to_tell.toml"]


def points(text: str, mark: str) -> list[str]:
    return re.findall(rf"^({mark}) \S", text, re.MULTILINE)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", CODES)
def test_every_kind_has_short_numbered_advice(code: str, language: Language) -> None:
    text = advice(code, language)
    numbers = points(text, r"\d\.")
    assert numbers == [f"{number}." for number in range(1, len(numbers) + 1)]
    assert 3 <= len(numbers) <= 7
    assert len(points(text, "##")) == 2
    assert not re.search(r"[<>\[\]_`\\]", text)


@pytest.mark.parametrize("code", CODES)
def test_both_languages_make_the_same_points(code: str) -> None:
    english, chinese = advice(code, Language.EN), advice(code, Language.ZH_HANT)
    assert points(english, r"\d\.") == points(chinese, r"\d\.")
    assert points(english, "-") == points(chinese, "-")
    assert english.count("**") == chinese.count("**")
    for number in ("999", "18222"):
        assert english.count(number) == chinese.count(number)


@pytest.mark.parametrize("path", CHINESE_FILES, ids=lambda path: path.name)
def test_chinese_is_that_of_hong_kong(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in AVOIDED if word in text] == []


def test_no_advice_lies_about_for_a_kind_that_is_gone() -> None:
    assert sorted({path.name.split(".")[0] for path in GUIDES.glob("advice/*")}) == sorted(CODES)


@pytest.mark.parametrize("code", ["malware", "ransomware", "intrusion"])
def test_affected_devices_are_cut_off_but_stay_powered(code: str) -> None:
    text = advice(code, Language.EN)
    assert "leave the power on" in text.lower()
    assert "Do not restart" in text
    assert "保持通電" in advice(code, Language.ZH_HANT)


def test_advice_as_html_keeps_lists_and_nothing_else() -> None:
    html = advice_html("phishing", Language.EN)
    assert html.startswith("<h2>Do this now</h2>")
    assert html.count("<ol>") == 1
    assert "<strong>" in html
    assert set(re.findall(r"<(\w+)", html)) <= {"h2", "p", "ol", "ul", "li", "strong"}


def test_advice_as_text_keeps_numbers_and_dashes_but_no_markup() -> None:
    text = advice_text("ransomware", Language.ZH_HANT)
    assert text.startswith("現在應做甚麼\n\n1. 將受影響的裝置與網絡斷開。")
    assert "\n- 切勿" in text
    assert not re.search("[。！？；：，] ", text), "no blank is left where the bold words ended"
    assert not re.search(r"[#*]", text)


def test_advice_for_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownKind):
        advice("../kinds", Language.EN)


def test_bodies_come_in_the_order_asked_and_in_the_language_asked() -> None:
    bank, police = who_to_tell(["bank", "police"], Language.ZH_HANT)
    assert (bank.name, bank.link, bank.telephones) == ("你的銀行或發卡機構", "", ())
    assert police.link == "https://www.erc.police.gov.hk/index_tc.html"
    assert [(each.number, each.label) for each in police.telephones] == [
        ("999", "緊急求助"),
        ("18222", "防騙易熱線，24 小時"),
    ]


@pytest.mark.parametrize("code", ["police", "pcpd", "ofca", "bank", "isp", "hkirc", "critical_infrastructure"])
@pytest.mark.parametrize("language", Language)
def test_every_body_says_when_to_tell_it(code: str, language: Language) -> None:
    (body,) = who_to_tell([code], language)
    assert body.name
    assert body.when


def test_an_unknown_body_is_refused() -> None:
    with pytest.raises(UnknownBody, match="nobody"):
        who_to_tell(["nobody"], Language.EN)
