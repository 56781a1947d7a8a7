"""What the search box understands: the words that the product shows, in both languages, and what a list adds to it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from cert_portal.cases import conditions
from cert_portal.cases.query import ALIASES, NAMES, parse
from cert_portal.cases.query_words import WORDS
from cert_portal.cases.queue import QUERIES, View
from cert_portal.web.staff import list_words, words
from tests.web.staff.desk import do, open_case, report, sign_in

SHOWN: Mapping[str, Mapping[Any, Any]] = {
    "state": {**words.CASE_STATES, **words.REPORT_STATES},
    "channel": words.CHANNELS,
    "origin": list_words.ORIGINS,
}


CONDITIONS = {
    **{each: each for each in ("state", "level", "kind", "owner", "url", "domain", "hash", "wallet", "opened")},
    "changed": "updated",
    "tags": "tag",
    "report.who": "reporter",
    "report.channel": "channel",
    "file": "file",
    "report.origin": "origin",
    "email": "email",
    "phone": "phone",
    "report.kind": "kind",
    "ip": "ip",
    "asn": "asn",
    "mac": "mac",
}
"""Columns and kinds of values, and the condition on each."""


@pytest.mark.parametrize("name", SHOWN)
def test_a_value_goes_by_the_words_that_the_product_shows(app: Flask, name: str) -> None:
    with app.test_request_context():
        for language, place in (("en", 0), ("zh_Hant", 1)):
            with force_locale(language):
                for code, word in SHOWN[name].items():
                    assert WORDS[name][code][place] == str(word)
                    for told in (str(word), str(word).upper(), str(code).upper()):
                        assert parse(f'{name}:"{told}"').values(name) == [code]


def test_every_condition_has_a_name_in_chinese_and_goes_by_that_of_its_column(app: Flask) -> None:
    assert set(ALIASES.values()) == NAMES
    heads = {**list_words.COLUMNS, **list_words.REPORT_COLUMNS, **list_words.OBSERVABLES}
    with app.test_request_context(), force_locale("zh_Hant"):
        for code, name in CONDITIONS.items():
            assert ALIASES[str(heads[code]).replace(" ", "").lower()] == name


def test_every_code_has_words() -> None:
    for name in ("is", "state", "channel", "origin", "drill", "level"):
        assert set(WORDS[name]) == set(conditions.choices(name))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("狀態:處理中", "state:in_handling"),
        ('狀態：處理中 state:"In handling"', "state:in_handling"),
        ("is:未結 is:Open IS:OPEN", "is:open"),
        ("is:逾期 -is:限閱", "is:overdue -is:restricted"),
        ("is:我的個案 is:mine", "is:mine"),
        ("渠道:電郵 channel:E-mail", "channel:email"),
        ('origin:"from hong kong" origin:來自香港', "origin:local"),
        ("演習:是 drill:YES", "is:drill"),
        ("owner:無人 owner:Nobody owner:沒有 owner:none", "owner:none"),
        ("負責人:我 owner:ME", "owner:me"),
        ("級別:未判定 level:None 級別:不設級別", "level:undecided level:none level:no_level"),
        ("級別≥3", "level>=3"),
        ("level＞=3 level≧3 level＞＝３", "level>=3"),
        ("level≤2 等級≦2", "level<=2"),
        ("level＝2", "level=2"),
        ("opened＜２０２６-05-01", "opened<2026-05-01"),
        ("a＝b x≥", "a＝b x≥"),
    ],
)
def test_values_and_signs_are_read_in_both_languages_and_widths(told: str, read: str) -> None:
    assert str(parse(told)) == read
    assert parse(read) == parse(told)


def test_a_wrong_value_names_those_that_there_are_with_their_words(app: Flask) -> None:
    chinese = sign_in(app, "Chan", "analyst", language="zh-hant")
    for told, said in (
        ("狀態:nonsense", "in_handling（處理中）"),
        ("is:nonsense", "open（未結）"),
        ("channel:nonsense", "email（電郵）"),
        ("演習:nonsense", "yes（是）"),
        ("級別:nonsense", "1、2、3、4、undecided（未判定）、no_level（不設級別）"),
        ("種類:nonsense", "ransomware（勒索軟件）"),
    ):
        assert said in chinese.get("/staff/search", query_string={"q": told}).text
    said = "9999-12-31：請選擇 1990 年至 2200 年間的日期"
    assert said in chinese.get("/staff/search?q=before:9999-12-31").text
    english = sign_in(app, "Ann", "analyst")
    for told in ("after:0001-01-01", "updated>9999-12-31"):
        page = english.get("/staff/queue/team", query_string={"q": told}).text
        assert f"{html.escape(told)}: choose a day between the years 1990 and 2200" in page
    assert "in_handling (In handling)" in english.get("/staff/search?q=state:nonsense").text


def test_choices_are_parted_as_the_language_parts_them(app: Flask, ann: FlaskClient) -> None:
    chinese = sign_in(app, "Chan", "analyst", language="zh-hant")
    page = chinese.get("/staff/search", query_string={"q": "種類:nonsense"}).text
    assert "phishing（網絡釣魚）、malware（惡意軟件）" in page
    page = chinese.get("/staff/search", query_string={"q": "foo:bar"}).text
    assert "asn（AS編號）、before（之前）、channel（渠道、收到方式）" in page
    assert "phishing (Phishing), malware (Malware)" in ann.get("/staff/search?q=kind:nonsense").text


def test_conditions_are_shown_in_the_language_of_the_page(app: Flask, ann: FlaskClient) -> None:
    chinese = sign_in(app, "Chan", "analyst", language="zh-hant")
    for path, told, said in (
        (
            "/staff/cases",
            "狀態:處理中 種類:釣魚 -bank",
            ("</span> 狀態:處理中</a>", "</span> 種類:網絡釣魚</a>", "</span> -bank</a>"),
        ),
        (
            "/staff/cases",
            "負責人:無人 之前:2026-05-01",
            ("</span> 負責人:無人負責</a>", "</span> 開立&lt;2026-05-01</a>"),
        ),
        ("/staff/cases", "level:none", (">沒有級別</option>",)),
        ("/staff/cases", "狀態:nonsense", ("狀態:nonsense",)),
        ("/staff/", "級別:未定 銀行", ("級別:未判定",)),
        ("/staff/search", '-標籤>"a b"', ("-標籤&gt;&#34;a b&#34;",)),
        ("/staff/search", "foo:狀態", ("foo:狀態",)),
    ):
        page = chinese.get(path, query_string={"q": told}).text
        assert [each for each in said if each not in page] == [], (path, told)
    assert "</span> state:in_handling</a>" in ann.get("/staff/cases", query_string={"q": "狀態:處理中"}).text


def test_a_sign_that_turns_the_direction_is_shown_wherever_the_query_is(ann: FlaskClient) -> None:
    for path, told in (
        ("/staff/search", "a\u202ebank"),
        ("/staff/search", "is:a\u202ebank"),
        ("/staff/cases", "a\u202ebank"),
        ("/staff/cases", "foo:a\u202ebank"),
    ):
        page = re.sub(r'value="[^"]*"', "", ann.get(path, query_string={"q": told}).text)
        assert ("a[U+202E]bank" in page, "\u202e" in page) == (True, False), (path, told)


def test_of_a_chinese_character_alone_it_is_said_that_two_are_needed(app: Flask, ann: FlaskClient) -> None:
    open_case(ann, report(app, "銀行短訊"))
    said = "Nothing was found with “銀” alone: Chinese words are looked for by two characters or more."
    for path in ("/staff/search", "/staff/cases", "/staff/queue/team", "/staff/"):
        for told in ("銀", "短訊 銀", "title:銀", "標題:銀"):
            assert said in ann.get(path, query_string={"q": told}).text, path
        for told in ("銅行", "x", "銅行 x"):
            page = ann.get(path, query_string={"q": told}).text
            assert ("two characters or more" in page, "fewer words" in page) == (False, True), path


def test_of_signs_alone_it_is_said_that_there_is_nothing_to_look_for(app: Flask, ann: FlaskClient) -> None:
    number = open_case(ann, report(app))
    for path in ("/staff/search", "/staff/cases", "/staff/queue/team", "/staff/"):
        for told in ("-", "--", "-!", "title:?"):
            page = ann.get(path, query_string={"q": told}).text
            assert "There is nothing to look for: signs alone are no words." in page, (path, told)
            assert number not in page


def test_the_help_says_what_quotes_do_and_what_parts_values(app: Flask, ann: FlaskClient) -> None:
    chinese = sign_in(app, "Chan", "analyst", language="zh-hant")
    for client, said in (
        (
            ann,
            ("words in quotes must stand in one place", "、 parts the values of one condition", "更新&gt;2026-11-01"),
        ),
        (chinese, ("引號內的字詞須在同一處出現", "、分隔同一條件的值")),
    ):
        page = client.get("/staff/search").text
        assert all(each in page for each in said)
        assert not any(each in page for each in ("quotes or not", "有沒有引號"))


MANY = " ".join(
    [*(f"kind:{each}" for each in ("phishing", "malware", "ransomware")), *(f"-tag:{n}" for n in range(17))]
)


@pytest.mark.parametrize("view", ["mine", "unassigned", "team", "replied"])
def test_what_a_list_asks_for_itself_does_not_count_against_what_was_typed(
    app: Flask, ann: FlaskClient, view: str
) -> None:
    number = open_case(ann, report(app))
    typed = f"{MANY} {'x' * (299 - len(MANY))}"
    if view == "mine":
        do(ann, f"/staff/cases/{number}/take")
    for told in (MANY, typed):
        page = ann.get(f"/staff/queue/{view}", query_string={"q": told})
        assert page.status_code == 200
        whole = re.findall(r'<input type="hidden" name="q" value="([^"]+)"', page.text)[-1]
        assert ann.post("/staff/cases.csv", data={"q": whole}).status_code == 200
        act = {"act": "tag", "tag": "wave", "everything": "y", "q": whole}
        assert ann.post("/staff/cases/bulk", data=act).status_code in (200, 422)
        kept = {"name": f"{view} {len(told)}", "q": whole, "list": view, "told": told}
        assert ann.post("/staff/searches", data=kept).status_code == 302
        assert ann.get("/staff/cases", query_string={"q": whole}).status_code == 200
    assert number in ann.post("/staff/cases.csv", data={"q": f"{QUERIES[View(view)]} {MANY}"}).text or view == "replied"


def test_what_would_outgrow_the_box_when_it_is_kept_is_refused_at_once(ann: FlaskClient) -> None:
    told = " ".join(f"之前:2026-05-{day:02}" for day in range(1, 21))
    assert ann.get("/staff/cases", query_string={"q": told}).status_code == 422
    refused = ann.post("/staff/searches", data={"name": "Days", "q": told})
    assert (refused.status_code, "The search is too long" in refused.text) == (422, True)
    fits = " ".join(f"之前:2026-05-{day:02}" for day in range(1, 17))
    kept = ann.post("/staff/searches", data={"name": "Days", "q": fits})
    assert ann.get(kept.location).status_code == 200
    row = re.search(r'href="(/staff/cases\?q=opened[^"]+)"', ann.get("/staff/").text)
    assert row
    assert ann.get(row[1].replace("&amp;", "&")).status_code == 200


def test_a_list_tells_of_a_wrong_digit_as_the_search_box_does(app: Flask, ann: FlaskClient) -> None:
    number = open_case(ann, report(app))
    wrong = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"
    for place in ("/staff/search", "/staff/queue/team", "/staff/cases", "/staff/"):
        for told in (wrong, wrong.replace("-", " "), f"{wrong} phishing"):
            page = ann.get(place, query_string={"q": told}).text
            assert f"Without the last digit you look for {number[:-2]}." in page, (place, told)
    assert number in ann.get("/staff/queue/team", query_string={"q": number[:-2]}).text


def test_a_condition_without_a_value_is_answered_with_one_colon(app: Flask, ann: FlaskClient) -> None:
    mei = sign_in(app, "Mei", "analyst", language="zh-hant")
    for client, said in (
        (ann, "Write what you look for right behind “%s”, as in"),
        (mei, "請緊接「%s」輸入要尋找的內容"),
    ):
        for told in ("tag:", "標籤："):
            for place in ("/staff/search", "/staff/queue/team"):
                assert said % told in client.get(place, query_string={"q": told}).text, (told, place)
