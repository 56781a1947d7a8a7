"""What the administrator sets: words, tags, shared searches, and all of it as a file."""

from __future__ import annotations

import io
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.cases import templates
from cert_portal.cases.exchange import ENTRIES
from cert_portal.core.db import session, start_writing
from cert_portal.directory import calendar
from cert_portal.web.staff.administration_words import FIELDS, PAGES
from cert_portal.web.staff.words import CLOCKS
from tests.cases.test_templates import WORDS
from tests.web.staff.desk import add, check_places, do, open_case, refused, report, sign_in


@pytest.fixture
def root(app: Flask) -> FlaskClient:
    return sign_in(app, "Root", "admin")


def table(page: str) -> dict[str, str]:
    """The boxes of a table as a browser sends them."""
    boxes = re.findall(r"<input[^>]*>", page)
    found: dict[str, str] = {}
    for box in boxes:
        name, value = re.search(r'name="([^"]+)"', box), re.search(r'value="([^"]*)"', box)
        unticked = 'type="checkbox"' in box and "checked" not in box
        if name and value and "-" in name[1] and not unticked:
            found[name[1]] = value[1].replace("&#39;", "'")
    return found


def take(client: FlaskClient, told: str) -> str:
    """Look at a file, and press the button below what it would change."""
    page = client.post("/staff/settings/exchange/look", data={"told": told}).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen, page
    return do(client, "/staff/settings/exchange/take", told=told, seen=seen[1])


def test_one_page_leads_to_everything_that_is_set(app: Flask, root: FlaskClient) -> None:
    page = root.get("/staff/settings").text
    assert page.count("govuk-summary-list__row") == len(PAGES)
    auditor = sign_in(app, "Ada", "auditor")
    page = auditor.get("/staff/settings").text
    assert page.count("govuk-summary-list__row") == len(PAGES) - 1
    assert "<input" not in re.sub(r"(?s).*<main", "", auditor.get("/staff/settings/words/kinds").text)
    assert auditor.get("/staff/settings/words/odd").status_code == 404


def test_a_page_that_was_open_for_long_puts_nothing_back(app: Flask, root: FlaskClient) -> None:
    path = "/staff/settings/words/kinds"
    other, old = sign_in(app, "Olga", "admin"), table(root.get(path).text)
    do(other, path, **(table(other.get(path).text) | {"en-phishing": "Bait mail", "zh-hant-spam": "垃圾"}))
    assert "1 entry was changed." in do(root, path, **(old | {"en-malware": "Vermin"}))
    assert {"Bait mail", "垃圾", "Vermin"} <= set(table(root.get(path).text).values())
    page = refused(root, path, **(old | {"en-phishing": "Lure", "zh-hant-spam": "垃圾", "en-ddos": "Flood"}))
    assert "“Bait mail / 網絡釣魚”" in page or "“Bait mail / " in page
    assert "You say: “Lure / " in page
    assert page.count("Save again to put yours") == 1, "who says the same is not in the way"
    assert "1 entry was changed." in page
    told = table(page)
    assert told["en-phishing"] == "Lure"
    kept = table(other.get(path).text)
    assert (kept["en-phishing"], kept["zh-hant-spam"], kept["en-ddos"]) == ("Bait mail", "垃圾", "Flood")
    assert "1 entry was changed." in do(root, path, **told)
    assert table(other.get(path).text)["en-phishing"] == "Lure"


def test_a_row_that_was_hidden_meanwhile_is_told_with_its_place(app: Flask, root: FlaskClient) -> None:
    path = "/staff/settings/words/kinds"
    other, old = sign_in(app, "Olga", "admin"), table(root.get(path).text)
    do(other, path, **(old | {"place-spam": "7", "retired-spam": "y"}))
    page = refused(root, path, **(old | {"en-spam": "Junk"}))
    assert " · place 7 · Hidden for new reports”" in page


def test_two_kinds_of_a_language_bear_two_words_and_a_place_is_a_number(root: FlaskClient) -> None:
    path = "/staff/settings/words/kinds"
    told = table(root.get(path).text)
    page = refused(root, path, **(told | {"en-phishing": told["en-spam"].upper(), "en-ddos": "Flood"}))
    assert "phishing: another one is called the same already" in page
    assert table(page)["en-ddos"] == "Flood", "what was typed stays"
    assert table(root.get(path).text)["en-ddos"] != "Flood"
    swapped = {"en-phishing": told["en-spam"], "en-spam": told["en-phishing"]}
    assert "2 entries were changed." in do(root, path, **(told | swapped))
    page = refused(root, path, **(told | {"place-phishing": "first"}))
    assert "phishing: enter a whole number up to 999 as the place" in page
    assert table(page)["place-phishing"] == "first"


def test_words_of_kinds_reach_the_public_in_both_languages(app: Flask, root: FlaskClient, ann: FlaskClient) -> None:
    path = "/staff/settings/words/kinds"
    page = root.get(path).text
    check_places(page)
    told = table(page)
    assert "0 entries were changed." in do(root, path, **told)
    told |= {"en-phishing": "Bait mail", "zh-hant-phishing": "釣魚電郵", "place-phishing": "0", "retired-spam": "y"}
    assert "2 entries were changed." in do(root, path, **told)
    public = app.test_client()
    assert "Bait mail" in public.get("/en/guides/phishing").text
    assert "釣魚電郵" in public.get("/zh-hant/guides/phishing").text
    number = open_case(ann, report(app))
    assert "Bait mail" in ann.get(f"/staff/cases/{number}").text
    form = public.get("/en/report/what").text
    kinds = re.findall(r'name="kind"[^>]* value="([^"]+)"', form)
    assert kinds == [] or (kinds[0] == "phishing" and "spam" not in kinds)
    assert "Bait mail" in root.get(path).text


def test_reasons_of_refusal_are_added_and_retired(app: Flask, root: FlaskClient, ann: FlaskClient) -> None:
    path, add = "/staff/settings/words/refusals", "/staff/settings/refusals/add"
    assert "needs words in both languages" in refused(root, add, name_en="Too far")
    page = do(root, add, name_en="Too far", name_zh_hant="太遠")
    assert "own_too_far" in page
    assert "There is such a reason already" in refused(root, add, name_en="Too  far", name_zh_hant="太遠")
    for english, chinese in (("it was a TEST", "試"), ("Trial", "只是測試"), ("Far", "太遠")):
        assert "There is such a reason already" in refused(root, add, name_en=english, name_zh_hant=chinese)
    for name, code in (("測試甲", "own_"), ("測試乙", "own_2"), ("Too far!", "own_too_far_2")):
        page = do(root, add, name_en=name, name_zh_hant=f"中{name}")
        assert f'name="en-{code}"' in page
    told = table(page)
    assert "needs words in both languages" in refused(root, path, **(told | {"en-own_too_far": ""}))
    codes = [name.removeprefix("en-") for name in told if name.startswith("en-")]
    gone = {f"retired-{code}": "y" for code in codes}
    assert "At least one reason must stay" in refused(root, path, **(told | gone))
    do(root, path, **(told | {"retired-spam": "y"}))
    number = report(app)
    page = ann.get(f"/staff/reports/{number}").text
    reasons = re.search(r'(?s)<select[^>]*name="reason".*?</select>', page)
    assert reasons
    assert 'value="own_too_far"' in reasons[0]
    assert 'value="spam"' not in reasons[0]
    ann.post(f"/staff/reports/{number}/refuse", data={"reason": "own_too_far"})
    page = ann.get(f"/staff/reports/{number}").text
    assert page.count("Too far") == 2


def test_no_word_is_cut_without_a_word(root: FlaskClient) -> None:
    add, long = "/staff/settings/refusals/add", "w" * 81
    told = "characters or fewer; there are 81 now"
    page = refused(root, add, name_en=long, name_zh_hant="太長")
    assert (f"Use 80 {told}" in page, 'href="#new-en"' in page, long in page) == (True, True, True)
    page = refused(root, add, name_en="Long", name_zh_hant="長" * 81)
    assert (f"Use 80 {told}" in page, 'href="#new-zh"' in page) == (True, True)
    assert "own_" in do(root, add, name_en="w" * 80, name_zh_hant=" 長 " + "長" * 78)
    for path, box in (("kinds", "zh-hant-phishing"), ("refusals", "en-spam")):
        path = f"/staff/settings/words/{path}"
        page = refused(root, path, **(table(root.get(path).text) | {box: long}))
        assert f"{box.rpartition('-')[2]}: Use 80 {told}" in page
        assert table(page)[box] == long, "what was typed stays"
        assert long not in root.get(path).text


def test_full_width_letters_make_no_other_name(root: FlaskClient) -> None:
    path, add = "/staff/settings/words/refusals", "/staff/settings/refusals/add"
    do(root, add, name_en="Ordinary name", name_zh_hant="普通 ABC")
    for english, chinese in (("ＯＲＤＩＮＡＲＹ name", "甲"), ("Other", "普通　ＡＢＣ"), ("Ordinary\u200b name", "甲")):
        assert "There is such a reason already" in refused(root, add, name_en=english, name_zh_hant=chinese)
    assert 'name="en-own_wide_open"' in do(root, add, name_en="Ｗｉｄｅ Open", name_zh_hant="甲")
    told = table(root.get(path).text)
    page = refused(root, path, **(told | {"en-own_wide_open": "ＳＰＡＭ", "en-spam": "Spam"}))
    assert "own_wide_open: another one is called the same already" in page


def test_tags_are_worded_renamed_and_retired(app: Flask, root: FlaskClient, ann: FlaskClient) -> None:
    path, rename = "/staff/settings/words/tags", "/staff/settings/tags/rename"
    assert "No tag is in use." in root.get(path).text
    number = open_case(ann, report(app))
    do(ann, f"/staff/cases/{number}/tag", tag="wave")
    told = table(root.get(path).text) | {"en-wave": "The wave", "zh-hant-wave": "一波"}
    do(root, path, **told)
    assert "The wave" in ann.get(f"/staff/cases/{number}").text
    assert "Choose a tag from the list" in refused(root, rename, before="odd", after="x")
    assert "This is how it is spelled already" in refused(root, rename, before="wave", after="Wave")
    assert "“wave” is “surge” from now on." in do(root, rename, before="wave", after="Surge")
    page = root.get(path).text
    assert "The wave" in page
    do(root, path, **(table(page) | {"retired-surge": "y"}))
    assert "This tag is retired" in refused(ann, f"/staff/cases/{number}/tag", tag="surge")


def test_shared_searches_are_named_placed_and_removed(root: FlaskClient, ann: FlaskClient) -> None:
    assert "Nobody shares a search." in root.get("/staff/settings/views").text
    ann.post("/staff/searches", data={"name": "Waves", "q": "tag:wave", "sort": "newest", "shared": "y"})
    page = root.get("/staff/settings/views").text
    assert "List: Cases" in page
    assert "tag:wave" not in page, "who may not read cases does not read what is asked about them"
    path = re.search(r'action="(/staff/settings/views/\d+)"', page)
    assert path
    assert "Give the search a name" in refused(root, path[1], name=" ")
    assert "All waves" in do(root, path[1], name="All waves", position="3")
    assert "The name has at most 60 characters" in refused(root, path[1], name="n" * 61)
    page = refused(ann, "/staff/searches", name="n" * 61, q="tag:wave", sort="newest")
    assert "The name has at most 60 characters" in page
    for odd in ("far", "1000", "-1"):
        assert "Enter a whole number up to 999 as the place" in refused(root, path[1], name="x", position=odd)
    assert "All waves" in do(root, path[1], name="All waves", position="")
    assert "The search was removed." in do(root, f"{path[1]}/remove")
    assert root.post(path[1], data={"name": "x"}).status_code == 404
    assert root.post(f"{path[1]}/remove").status_code == 404


def test_an_older_page_of_the_shared_searches_puts_nothing_back(
    app: Flask, root: FlaskClient, ann: FlaskClient
) -> None:
    ann.post("/staff/searches", data={"name": "Waves", "q": "tag:wave", "sort": "newest", "shared": "y"})
    page = root.get("/staff/settings/views").text
    path = re.findall(r'action="(/staff/settings/views/\d+)"', page)[0]
    old = {"was-name": "Waves", "was-position": "0"}
    for name, value in old.items():
        assert f'name="{name}" value="{value}"' in page
    do(sign_in(app, "Bea", "admin"), path, name="All waves", position="0", **old)
    page = do(root, path, name="Waves", position="5", **old)
    assert ('value="All waves"' in page, 'value="5"' in page) == (True, True)
    page = refused(root, path, name="Every wave", position="0", **old)
    check_places(page)
    assert "Name: It reads now: <strong>All waves" in page
    assert 'value="Every wave"' in page, "nothing is lost"


def test_settings_leave_and_come_as_a_file_that_is_looked_at_first(app: Flask, root: FlaskClient) -> None:
    path = "/staff/settings/exchange"
    assert sign_in(app, "Ada", "auditor").get(path).status_code == 403
    check_places(root.get(path).text)
    whole = json.loads(root.post(f"{path}.json").text)
    same = root.post(f"{path}/look", data={"told": json.dumps(whole)}).text
    assert "Everything is so already." in same
    whole["kinds"] = [{"code": "phishing", "name_en": "Bait"}]
    data = {"file": (io.BytesIO(json.dumps(whole).encode()), "settings.json")}
    page = root.post(f"{path}/look", data=data).text
    check_places(page)
    assert "What the file would change" in page
    assert "Bait" in page
    assert "Phishing (as shipped)" in page
    assert "Make these changes" in page
    assert "Bait" not in app.test_client().get("/en/guides/phishing").text
    assert "1 thing was changed." in take(root, json.dumps(whole))
    assert "Bait" in app.test_client().get("/en/guides/phishing").text
    words = {"name": "Ask", "subject": "Ask", "text": "What?"}
    told = {
        **whole,
        "clocks": [{**whole["clocks"][0], "unit": "hours", "warn_fraction": 0.5, "enabled": False}],
        "kinds": [{"code": "phishing", "position": 2}],
        "tags": [{"code": "wave", "name_en": "Wave"}],
        "views": [
            {"name": "Mine", "query": "is:open", "sort": "newest", "view": "triage"},
            {"name": "Ours", "query": "is:open", "sort": "newest", "view": ""},
        ],
        "templates": [{"code": "ask", "en": words, "zh-hant": words}],
        "exercise_addresses": [{"address": "@players.example"}],
    }
    page = root.post(f"{path}/look", data={"told": json.dumps(told)}).text
    for word in (
        "hours",
        "50%",
        "Newest first",
        "Triage",
        "(none)",
        "(new)",
        "(by itself)",
        "Letter in Chinese",
        "What?",
    ):
        assert word in page, word
    assert "things were changed." in take(root, json.dumps(told))
    for act in ("look", "take"):
        assert "This is no file of settings" in refused(root, f"{path}/{act}", told="x")
    wrong = json.dumps({**whole, "clocks": [7]})
    assert "“Clocks”, entry 1 cannot be taken" in refused(root, f"{path}/take", told=wrong)
    wrong = json.dumps({**whole, "views": 7})
    assert "“Shared searches” cannot be taken" in refused(root, f"{path}/look", told=wrong)
    wrong = json.dumps({**whole, "tags": [{"code": "wave"}, {"code": "wave"}]})
    assert "“Tags”, entry 2: “wave” stands there twice. Nothing was changed." in refused(
        root, f"{path}/look", told=wrong
    )
    for odd, why in (
        (
            {"clocks": [{**whole["clocks"][0], "amount": float("inf")}]},
            "“Clocks”, entry 1: The value of “How long” cannot be taken.",
        ),
        ({"tags": [{"code": "wave", "od\ud800d": 1}]}, "“Tags”, entry 1: There is no field “odd” here."),
    ):
        assert why in refused(root, f"{path}/look", told=json.dumps({**whole, **odd}))
    day = {"day": "2031-02-03", "name_en": "A\ud800\0 day", "name_zh_hant": "某日"}
    assert "A day" in root.post(f"{path}/look", data={"told": json.dumps({**whole, "holidays": [day]})}).text
    wrong = json.dumps({**whole, "version": 7})
    assert "Files of version 7 are not known here" in refused(root, f"{path}/look", told=wrong)


def test_a_file_of_before_puts_every_word_back(app: Flask, root: FlaskClient) -> None:
    path = "/staff/settings/exchange"
    old = root.post(f"{path}.json").text
    assert {each["code"]: each["name_zh_hant"] for each in json.loads(old)["refusals"]}["spam"]
    for shelf in ("kinds", "refusals"):
        words = f"/staff/settings/words/{shelf}"
        code = "phishing" if shelf == "kinds" else "spam"
        do(root, words, **(table(root.get(words).text) | {f"en-{code}": "Another word"}))
    assert "2 things were changed." in take(root, old)
    assert root.post(f"{path}.json").text == old


def test_only_what_was_shown_is_changed(app: Flask, root: FlaskClient) -> None:
    path, other = "/staff/settings/exchange", sign_in(app, "Olga", "admin")
    whole = json.loads(root.post(f"{path}.json").text)
    whole["holidays"] = [{"day": "2031-02-03", "name_en": "A day", "name_zh_hant": "某日"}]
    told = json.dumps(whole)
    page = root.post(f"{path}/look", data={"told": told}).text
    assert "Time limit" not in page
    seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    clock = whole["clocks"][0]["code"]
    do(other, f"/staff/settings/clocks/{clock}", amount="77", unit="minutes", warn="25", enabled="y")
    page = refused(root, f"{path}/take", told=told, seen=seen)
    check_places(page)
    assert "Something was changed since this was shown. These are the changes now; none is made yet." in page
    assert "77" in page
    assert "某日" not in root.get("/staff/settings/holidays").text
    again = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    assert "2 things were changed." in do(root, f"{path}/take", told=told, seen=again)
    second = root.post(f"{path}/take", data={"told": told, "seen": again})
    assert second.status_code == 200
    assert "Everything is so already." in second.text
    assert "Something was changed since" not in second.text


def test_a_file_with_a_template_that_fits_no_letter_is_told_why(root: FlaskClient) -> None:
    for part, words, why in (
        ("subject", "[TLP:GREEN] Ask", "entry 1: The subject names TLP:GREEN"),
        ("text", "Dear {friend}", "entry 1: These are no facts that the portal can fill in: friend."),
        ("name", "n" * 81, "entry 1: The value of “Name in English” cannot be taken."),
    ):
        ask = {"code": "ask", **WORDS, "en": {**WORDS["en"], part: words}}
        told = json.dumps({"format": "cert-portal-settings", "version": 1, "templates": [ask]})
        assert why in refused(root, "/staff/settings/exchange/look", told=told)


def test_a_file_names_the_people_who_are_not_there(app: Flask, root: FlaskClient, ann: FlaskClient) -> None:
    path = "/staff/settings/exchange"
    whole = json.loads(root.post(f"{path}.json").text)
    assert [each["address"] for each in whole["people"]] == ["ann@portal.example", "root@portal.example"]
    assert not {"password_hash", "totp_secret"} & set(whole["people"][0])
    whole["people"][0] |= {"name": "Ann Lee", "roles": ["analyst", "supervisor"]}
    whole["people"].append({"address": "zoe@elsewhere.example", "name": "Zoe", "roles": ["analyst"]})
    page = root.post(f"{path}/look", data={"told": json.dumps(whole)}).text
    check_places(page)
    for word in ("Ann Lee", "Analyst · Duty supervisor", "add them under People: zoe@elsewhere.example"):
        assert word in page, word
    page = take(root, json.dumps(whole))
    assert "1 thing was changed. Left out: add them under People: zoe@elsewhere.example" in page
    assert "Ann Lee" in root.get("/staff/people").text


def test_a_file_that_takes_a_case_from_everybody_is_told_why(app: Flask, root: FlaskClient, ann: FlaskClient) -> None:
    number = open_case(ann, report(app))
    do(ann, f"/staff/cases/{number}/restrict", why="A witness")
    whole = json.loads(root.post("/staff/settings/exchange.json").text)
    whole["people"][0]["roles"] = ["editor"]
    page = refused(root, "/staff/settings/exchange/look", told=json.dumps(whole))
    assert "Restricted cases that nobody else could open then: 1. Somebody named there" in page


def test_the_last_changes_of_settings_are_seen(app: Flask, root: FlaskClient) -> None:
    path = "/staff/settings/words/kinds"
    do(root, path, **(table(root.get(path).text) | {"en-phishing": "Bait mail"}))
    page = root.get("/staff/settings/changes").text
    check_places(page)
    for word in ("Kind of incident", "phishing", "Bait mail", "(as shipped)", "Root", "Account added", "Administrator"):
        assert word in page, word
    assert re.search(r"Kind of incident<br><span[^>]*>Bait mail", page)
    ben = add(app, "Ben", "analyst")
    start_writing()
    with app.app_context():
        templates.seed()
        session.commit()
    assert "version 1" in root.get("/staff/settings/changes").text
    do(root, f"/staff/people/{ben}", name="Benjamin Fong", roles=["analyst"], active="y")
    page = root.get("/staff/settings/changes").text
    assert "<dd>Ben &lt;ben@portal.example&gt;</dd>" in page
    assert "<dd>Benjamin Fong &lt;ben@portal.example&gt;</dd>" in page
    do(root, f"/staff/people/{ben}", name="Benjamin Fong", roles=["analyst"])
    page = root.get("/staff/settings/changes").text
    assert "<dt>Account</dt><dd>In use</dd>" in page
    assert "<dt>Account</dt><dd>No longer in use</dd>" in page


def test_the_last_changes_are_told_in_the_language_of_the_reader(app: Flask) -> None:
    root = sign_in(app, "Root", "admin", language="zh-hant")
    with app.app_context():
        start_writing()
        calendar.seed()
        session.commit()
    do(root, "/staff/settings/clocks/referral", amount="77", unit="minutes", warn="30", enabled="y")
    words = "/staff/settings/words/kinds"
    do(root, words, **(table(root.get(words).text) | {"place-phishing": "3"}))
    page = root.get("/staff/settings/changes").text
    check_places(page)
    for word in ("<dt>次序</dt><dd>3</dd>", "<dd>77</dd>", "<dd>分鐘</dd>", "餘下時間少於此比例時提示"):
        assert word in page, word
    for word in ("minutes", "warn", "place"):
        assert word not in re.sub(r"<[^>]*>", "", page.partition("<main")[2].partition("</main")[0]), word


def test_the_last_changes_name_what_was_set_and_count_what_a_file_changed(app: Flask, root: FlaskClient) -> None:
    ann = sign_in(app, "Ann", "analyst")
    ann.post("/staff/searches", data={"name": "Waves", "q": "tag:wave", "sort": "newest", "shared": "y"})
    whole = json.loads(root.post("/staff/settings/exchange.json").text)
    whole["holidays"] = [{"day": "2031-02-03", "name_en": "A day", "name_zh_hant": "某日"}]
    whole["clocks"] = [{**whole["clocks"][0], "code": "referral", "amount": 77}]
    whole["refusals"] = [{"code": "spam", "name_en": "Junk"}]
    whole["views"][0]["query"] = "tag:surge"
    page = root.post("/staff/settings/exchange/look", data={"told": json.dumps(whole)}).text
    assert "Waves · ann@portal.example" in page
    take(root, json.dumps(whole))
    page = root.get("/staff/settings/changes").text
    for word in ("4 things were changed.", "Junk", "<dd>tag:wave</dd>", "<dd>tag:surge</dd>"):
        assert word in page, word
    for what, code in (("Junk", "spam"), (str(CLOCKS["referral"]), "referral"), ("3 Feb 2031", "2031-02-03")):
        assert re.search(rf"{what}</span><br><code[^>]*>{code}<", page), what
    page = sign_in(app, "Ada", "auditor").get("/staff/settings/changes").text
    assert "tag:surge" not in page, "who may not read cases does not read what is asked about them"
    assert "(only for those who may read cases)" in page


def test_every_field_of_a_file_has_a_word() -> None:
    named = {*templates.PARTS, *(field for fields in ENTRIES.values() for field in fields)}
    assert named <= set(FIELDS)


def test_those_who_read_settings_see_the_last_changes(app: Flask, root: FlaskClient) -> None:
    path = "/staff/settings/words/kinds"
    do(root, path, **(table(root.get(path).text) | {"en-phishing": "Bait mail"}))
    assert "Bait mail" in sign_in(app, "Ada", "auditor").get("/staff/settings/changes").text
    assert sign_in(app, "Ann", "analyst").get("/staff/settings/changes").status_code == 403
