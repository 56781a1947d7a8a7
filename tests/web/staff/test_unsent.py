"""Drafts on the page of a case, who else is writing, and changes that came in between."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


@pytest.fixture
def number(app: Flask) -> str:
    return report(app)


@pytest.fixture
def path(ann: FlaskClient, number: str) -> str:
    return f"/staff/cases/{open_case(ann, number)}"


@pytest.fixture(params=["case", "report"])
def place(request: pytest.FixtureRequest, ann: FlaskClient, number: str) -> str:
    """The page of a case, and that of a report before there is one."""
    return f"/staff/cases/{open_case(ann, number)}" if request.param == "case" else f"/staff/reports/{number}"


def seen(page: str) -> str:
    """Up to which line of the timeline the page knows."""
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_letter_is_kept_until_it_is_sent(ann: FlaskClient, ben: FlaskClient, place: str, number: str) -> None:
    draft = {"to": number, "subject": "Please", "letter": "Dear Rita,\nwhat did the bank say?", "when": "in_a_week"}
    by_itself = ann.post(f"{place}/unsent/letter", data=draft, headers={"X-Requested-By": "page"})
    assert by_itself.status_code == 204
    page = ann.get(place).text
    check_places(page)
    assert "Your draft of" in page
    assert "what did the bank say?" in page
    assert '<option value="in_a_week" selected>' in page
    assert re.search(rf'value="{number}" checked', page) or "/reports/" in place
    said = f"Ann is writing a letter about this {'case' if '/cases/' in place else 'report'} now."
    other = ben.get(place).text
    assert "what did the bank say?" not in other
    assert said in other
    assert said in ben.get(f"{place}/writers").text
    assert "is writing" not in ann.get(f"{place}/writers").text
    page = do(ann, f"{place}/write", **draft, do="send")
    assert "Your draft of" not in page
    assert "is writing" not in ben.get(place).text


def test_who_writes_on_the_page_of_the_report_is_told_on_that_of_the_case(
    ann: FlaskClient, ben: FlaskClient, path: str, number: str
) -> None:
    do(ann, f"/staff/reports/{number}/unsent/letter", letter="Dear Rita")
    for page in (path, f"{path}/writers"):
        assert "Ann is writing a letter about this case now." in ben.get(page).text
    do(ann, f"/staff/reports/{number}/unsent/letter/discard")
    do(ann, f"{path}/unsent/letter", letter="Dear Rita")
    for page in (f"/staff/reports/{number}", f"/staff/reports/{number}/writers"):
        assert "Ann is writing a letter about this report now." in ben.get(page).text


def test_who_answers_reports_keeps_drafts_and_reports_keep_letters_only(
    app: Flask, ann: FlaskClient, number: str
) -> None:
    operator = sign_in(app, "Opal", "operator")
    path = f"/staff/reports/{number}/unsent"
    assert "The draft is kept." in do(operator, f"{path}/letter", letter="Half a thou")
    assert "Half a thou" in operator.get(f"/staff/reports/{number}").text
    assert "Half a thou" not in ann.get(f"/staff/reports/{number}").text
    assert operator.post(f"{path}/note", data={"note": "x"}).status_code == 404
    assert "too long to be kept" in refused(operator, f"{path}/letter", letter="x" * 60_001)
    do(operator, f"{path}/letter/discard")
    assert "Half a thou" not in operator.get(f"/staff/reports/{number}").text


@pytest.mark.parametrize(
    ("draft", "page", "act"),
    [
        ("not-for-us", "not-for-us", {"reason": "outside_remit"}),
        ("elsewhere", "refer?body=police", {"body": "police"}),
    ],
)
def test_the_letter_of_a_decision_is_kept_until_it_is_sent(
    ann: FlaskClient, ben: FlaskClient, number: str, draft: str, page: str, act: dict[str, str]
) -> None:
    place = f"/staff/reports/{number}"
    told = {**act, "subject": "Not from us", "letter": "Dear Rita, in words of my own"}
    prepared = ann.get(f"{place}/{page}").text
    kept_at = re.search(r'data-unsent="([^"]+)"', prepared)
    assert kept_at
    assert kept_at[1].startswith(f"{place}/unsent/{draft}")
    assert "Your draft of" not in prepared
    assert ann.post(kept_at[1], data=told, headers={"X-Requested-By": "page"}).status_code == 204
    left = ann.get(f"{place}/{page}").text
    check_places(left)
    assert "in words of my own" in left
    assert "Your draft of" in left
    for client, other in ((ben, page), (ann, "refer?body=pcpd"), (ann, "")):
        elsewhere = client.get(f"{place}/{other}").text
        assert "in words of my own" not in elsewhere
        assert "Your draft of" not in elsewhere
    do(ann, f"{place}/{'refer' if draft == 'elsewhere' else 'refuse'}", **told)
    do(ann, f"{place}/return")
    assert "in words of my own" not in ann.get(f"{place}/{page}").text.partition("<form")[2]


def test_the_letter_of_a_decision_can_be_thrown_away(ann: FlaskClient, number: str) -> None:
    place = f"/staff/reports/{number}"
    do(ann, f"{place}/unsent/elsewhere", body="police", subject="x", letter="")
    page = ann.get(f"{place}/refer?body=police").text
    assert 'name="letter" rows="18">\n</textarea>' in page, "who emptied it refers without one"
    do(ann, f"{place}/unsent/elsewhere/discard")
    assert "Your draft of" not in ann.get(f"{place}/refer?body=police").text


def test_what_the_page_does_by_itself_leaves_the_cookie_as_it_is(ann: FlaskClient, path: str) -> None:
    by_itself = ann.post(f"{path}/unsent/note", data={"note": "x"}, headers={"X-Requested-By": "page"})
    refreshed = ann.get(f"{path}/writers", headers={"HX-Request": "true"})
    assert "Set-Cookie" not in {**by_itself.headers, **refreshed.headers}
    assert "Set-Cookie" in ann.get(path).headers


def test_a_draft_is_kept_by_a_button_and_thrown_away(ann: FlaskClient, path: str) -> None:
    page = do(ann, f"{path}/unsent/note", note="Half a thou")
    assert "The draft is kept." in page
    assert "Half a thou" in page
    page = do(ann, f"{path}/unsent/note/discard", note="Half a thought")
    assert "Half a thou" not in page
    do(ann, f"{path}/unsent/note", note="Another")
    page = do(ann, f"{path}/note", note="Another one")
    assert "Your draft of" not in page
    assert "too long to be kept" in refused(ann, f"{path}/unsent/note", note="x" * 60_001)
    assert ann.post(f"{path}/unsent/poem", data={"note": "x"}).status_code == 404


def test_a_letter_that_left_meanwhile_is_shown_beside_mine(
    ann: FlaskClient, ben: FlaskClient, place: str, number: str
) -> None:
    path = place
    mine = {"to": number, "subject": "Please", "letter": "Mine", "seen": seen(ben.get(path).text)}
    do(ann, f"{path}/write", to=number, subject="Please", letter="The words of Ann", do="send")
    for way in ("look", "send"):
        page = refused(ben, f"{path}/write", **mine, do=way)
        around = page[page.index('id="meanwhile"') :]
        assert "The words of Ann" in around
        assert "Mine" in around
    page = do(ben, f"{path}/write", **{**mine, "seen": seen(page)}, do="send")
    assert "Mine" in page


def test_a_letter_that_was_dated_meanwhile_is_shown_beside_mine(
    ann: FlaskClient, ben: FlaskClient, place: str, number: str
) -> None:
    mine = {"to": number, "subject": "Please", "letter": "Mine", "seen": seen(ben.get(place).text)}
    ann.post(f"/staff/reports/{number}/write", data={"subject": "Please", "letter": "First words", "do": "send"})
    told = {"to": number, "subject": "Later", "letter": "The words of Ann"}
    do(ann, f"{place}/write", **told, do="later", when="in_a_week")
    page = refused(ben, f"{place}/write", **mine, do="send")
    around, _form, form = page[page.index('id="meanwhile"') :].partition("<form")
    assert "Letter dated for later" in around
    assert "The words of Ann" in around
    assert "First words" in around
    assert "Mine" in form
    do(ben, f"{place}/write", **{**mine, "seen": seen(page)}, do="send")


def test_a_letter_dated_on_the_case_is_shown_beside_mine_on_its_report(
    ann: FlaskClient, ben: FlaskClient, path: str, number: str
) -> None:
    page = f"/staff/reports/{number}"
    mine = {"subject": "Please", "letter": "Mine", "seen": seen(ben.get(page).text)}
    told = {"to": number, "subject": "Later", "letter": "The words of Ann"}
    do(ann, f"{path}/write", **told, do="later", when="in_a_week")
    around = refused(ben, f"{page}/write", **mine, do="send")
    assert "The words of Ann" in around[around.index('id="meanwhile"') :].partition("<form")[0]


def test_a_letter_dated_twice_from_one_page_asks_again(ann: FlaskClient, place: str, number: str) -> None:
    letter = {"to": number, "subject": "Please", "letter": "Once", "seen": seen(ann.get(place).text)}
    do(ann, f"{place}/write", **letter, do="later", when="in_a_week")
    assert "while you were writing" in refused(ann, f"{place}/write", **letter, do="later", when="in_a_week")


def test_a_second_press_says_that_the_letter_was_sent(
    ann: FlaskClient, ben: FlaskClient, place: str, number: str
) -> None:
    letter = {"to": number, "subject": "Please", "letter": "Once", "seen": seen(ann.get(place).text), "do": "send"}
    do(ann, f"{place}/write", **letter)
    page = refused(ann, f"{place}/write", **letter)
    line = re.search(r'href="#(l\d+)">You sent this letter already. Nothing was sent again.<', page)
    assert line
    assert "Once" in page.partition(f'<li id="{line[1]}"')[2]
    assert "while you were writing" not in page
    for client, told in ((ben, letter), (ann, {**letter, "letter": "Twice"}), (ann, {**letter, "do": "look"})):
        assert "while you were writing" in refused(client, f"{place}/write", **told)


@pytest.mark.parametrize(
    ("act", "first", "second"),
    [
        ("describe", {"title": "A", "kind": "malware"}, {"title": "B", "kind": "phishing"}),
        (
            "level",
            {"leaked": "none", "tampered": "none", "halted": "none"},
            {"leaked": "sensitive", "tampered": "none"},
        ),
    ],
)
def test_what_was_changed_meanwhile_is_told_before_it_is_changed_back(
    ann: FlaskClient, ben: FlaskClient, path: str, act: str, first: dict[str, str], second: dict[str, str]
) -> None:
    known = seen(ben.get(path).text)
    do(ann, f"{path}/{act}", **first)
    told = {"halted": "none", **second} if act == "level" else second
    page = refused(ben, f"{path}/{act}", **told, seen=known)
    assert "Somebody changed the case while you were writing" in page
    assert ("It reads now: <strong>A</strong>" in page) == (act == "describe")
    do(ben, f"{path}/{act}", **told, seen=seen(page))


def test_who_gives_it_away_learns_that_it_was_taken(ann: FlaskClient, ben: FlaskClient, path: str) -> None:
    known = seen(ben.get(path).text)
    do(ann, f"{path}/take")
    assert "Somebody changed the case" in refused(ben, f"{path}/owner", owner="", seen=known)
    assert "Somebody changed the case" in refused(ben, f"{path}/take", seen=known)
    do(ben, f"{path}/take")


def test_everybody_is_listed_with_the_reason(app: Flask, ann: FlaskClient, ben: FlaskClient, path: str) -> None:
    sign_in(app, "Eve", "editor")
    page = ann.get(f"{path}/access").text
    check_places(page)
    sees, not_sees = page.split("Cannot see it")
    assert "the role reads cases" in sees
    assert "Ben" in sees
    assert "the role reads no cases" in not_sees
    super_visor = sign_in(app, "Sue", "supervisor")
    do(super_visor, f"{path}/restrict", why="A colleague")
    people = dict(re.findall(r'<option value="(\d+)">(\w+)</option>', super_visor.get(path).text))
    ben_id = next(key for key, name in people.items() if name == "Ben")
    do(super_visor, f"{path}/access", person=ben_id, why_named="speaks Thai")
    page = ben.get(f"{path}/access").text
    sees, not_sees = page.split("Cannot see it")
    assert re.search(r"named on the case: speaks Thai <[^>]+>\(Sue, ", sees)
    outsider = sign_in(app, "Cat", "analyst")
    assert outsider.get(f"{path}/access").status_code == 404
    assert "not named on the case" in ben.get(f"{path}/access").text.split("Cannot see it")[1]
