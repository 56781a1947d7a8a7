"""One act on many reports, from the queue to the result."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.cases import bulk_reports, queue
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


@pytest.fixture
def numbers(app: Flask, ann: FlaskClient) -> list[str]:
    words = ("a page that asks for a password", "a mail about a parcel", "our shop is encrypted")
    return [report(app, text) for text in words]


def test_the_queue_offers_acts_on_many(ann: FlaskClient, numbers: list[str]) -> None:
    page = ann.get("/staff/").text
    check_places(page)
    assert 'action="/staff/reports/bulk" data-bulk' in page
    assert all(f'value="{number}"' in page for number in numbers)
    page = ann.post("/staff/reports/bulk", data={"act": "open", "numbers": numbers}).text
    check_places(page)
    assert "3 reports are concerned." in page
    assert 'value="a page that asks for a password"' in page, "the title of the oldest is proposed"
    page = do(ann, "/staff/reports/bulk/do", act="open", numbers=numbers, title="One wave", kind="phishing")
    assert "3 reports decided." in page
    case = re.search(r"C26-\d+-\d", page)
    assert case
    assert "One wave" in ann.get(f"/staff/cases/{case[0]}").text


def test_what_somebody_else_decided_is_left_out_with_the_reason(ann: FlaskClient, numbers: list[str]) -> None:
    case = open_case(ann, numbers[0])
    page = ann.post("/staff/reports/bulk", data={"act": "attach", "numbers": numbers}).text
    check_places(page)
    assert "2 reports are concerned. 1 is left out." in page
    assert "Ann has dealt with it." in page
    assert "There is no such case" in refused(
        ann, "/staff/reports/bulk/do", act="attach", numbers=numbers, case="C26-000099-9"
    )
    page = do(ann, "/staff/reports/bulk/do", act="attach", numbers=numbers, case=case, seen=case)
    assert "2 reports decided." in page
    assert f"{numbers[0]}</a>: Ann has dealt with it." in page


def test_an_exercise_among_real_reports_is_left_out_before_anything_is_done(
    app: Flask, ann: FlaskClient, numbers: list[str]
) -> None:
    sue = sign_in(app, "Sue", "supervisor")
    drill = numbers[1]
    do(sue, f"/staff/reports/{drill}/exercise", drill="yes", why="They play")
    why, told = "An exercise and a real incident do not go together", {"title": "x", "kind": "phishing"}
    page = ann.post("/staff/reports/bulk", data={"act": "open", "numbers": numbers}).text
    assert "2 reports are concerned. 1 is left out." in page
    assert (why in page, page.count(">Exercise</span>")) == (True, 1)
    assert (
        "3 reports are concerned." in ann.post("/staff/reports/bulk", data={"act": "refuse", "numbers": numbers}).text
    )
    page = do(ann, "/staff/reports/bulk/do", act="open", numbers=numbers, **told)
    assert ("2 reports decided." in page, f"{drill}</a>: {why}" in page) == (True, True)
    case = re.search(r"C26-\d+-\d", page)
    assert case
    page = refused(ann, "/staff/reports/bulk/do", act="attach", numbers=[drill], case=case[0])
    assert ("0 reports are concerned. 1 is left out." in page, 'name="case"' in page) == (True, True)
    another = report(app)
    both = {"act": "attach", "numbers": [drill, another], "case": case[0]}
    page = ann.post("/staff/reports/bulk/do", data=both).text
    assert ("1 report is concerned. 1 is left out." in page, why in page) == (True, True)
    assert "1 report decided." in do(ann, "/staff/reports/bulk/do", **both, seen=case[0])


def test_what_went_into_a_restricted_case_is_not_shown_to_others(
    app: Flask, ann: FlaskClient, numbers: list[str]
) -> None:
    """Not even the number of the case (issue: a person without access meets it nowhere)."""
    told = {"act": "open", "numbers": numbers, "title": "A bank", "kind": "phishing", "restricted": "y"}
    answer = ann.post("/staff/reports/bulk/do", data=told)
    assert "3 reports decided." in ann.get(answer.location).text
    assert sign_in(app, "Ben", "analyst").get(answer.location).status_code == 404


def test_the_look_at_many_refusals_says_who_gets_no_letter_and_why(app: Flask, ann: FlaskClient) -> None:
    told = report(app, "Told of it")
    red, silent = report(app, "Red", restriction="TLP:RED"), report(app, "Nobody", email="")
    form = {"act": "refuse", "numbers": [red, silent, told], "reason": "not_enough", "tell": "y"}
    page = ann.post("/staff/reports/bulk/do", data=form).text
    assert "1 reporter gets it in the own language" in page
    assert f"your report {told}" in page, "the sample is of one who gets it"
    rows = page.partition("Concerned")[2]
    assert "no letter: TLP:RED" in rows.partition(red)[2].partition("</tr>")[0]
    assert "no letter: there is no e-mail address" in rows.partition(silent)[2].partition("</tr>")[0]
    assert "no letter" not in rows.partition(told)[2].partition("</tr>")[0]
    done = ann.post("/staff/reports/bulk/do", data={**form, "seen": "y"}, follow_redirects=True).text
    assert done.count(">no letter<") == 2


def test_many_are_refused_and_put_back(ann: FlaskClient, numbers: list[str]) -> None:
    assert "Fill this in" in refused(ann, "/staff/reports/bulk/do", act="refuse", numbers=numbers)
    wrong = refused(ann, "/staff/reports/bulk/do", act="refuse", numbers=numbers, reason="spam", tell="y")
    assert "For this reason nobody is told" in wrong
    check_places(wrong)
    told = {"act": "refuse", "numbers": numbers, "reason": "not_enough", "tell": "y"}
    look = ann.post("/staff/reports/bulk/do", data=told)
    assert look.status_code == 200
    check_places(look.text)
    assert "It does not tell us enough" in look.text
    assert "報告的資料不足以讓我們跟進" in look.text
    assert "3 reporters get it in their own language" in look.text
    assert "It leaves 10 minutes after you press the button" in look.text
    assert all(number in ann.get("/staff/").text for number in numbers), "nothing was done yet"
    page = do(ann, "/staff/reports/bulk/do", **told, seen="y")
    assert "3 reports decided." in page
    assert "3 letters leave at" in page
    run = re.search(r"/staff/reports/bulk/(\d+)/undo", page)
    assert run
    page = do(ann, run[0])
    assert "3 reports are back in the queue." in page
    assert "Undone" in page
    assert "3 letters were called back and did not leave." in page
    assert all(number in ann.get("/staff/").text for number in numbers)


def test_the_queue_is_downloaded(ann: FlaskClient, numbers: list[str]) -> None:
    page = ann.get("/staff/").text
    assert 'action="/staff/queue/triage/csv"' in page
    answer = ann.post("/staff/queue/triage/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="reports-triage-AMBER.csv"'
    head, *rows = answer.text.lstrip("\ufeff").splitlines()
    assert head == "number,state,kind,channel,origin,title,received,answered,tlp"
    assert [row.partition(",")[0] for row in rows] == numbers
    assert ann.post("/staff/queue/team/csv").status_code == 404
    assert ann.post("/staff/queue/nonsense/csv").status_code == 404


def test_nothing_that_can_be_done_is_said(ann: FlaskClient, numbers: list[str]) -> None:
    assert "Choose at least one report" in refused(ann, "/staff/reports/bulk", act="open")
    assert "dealt with" in refused(ann, "/staff/reports/bulk/do", act="refuse", reason="spam")
    assert ann.post("/staff/reports/bulk", data={"act": "burn", "numbers": numbers}).status_code == 400
    assert ann.get("/staff/reports/bulk/99").status_code == 404
    page = ann.post("/staff/reports/bulk/do", data={"act": "open", "numbers": numbers, "title": "x" * 201}).text
    assert "Use 200 characters or fewer" in page


def test_all_that_match_are_concerned_beyond_the_page(
    app: Flask, ann: FlaskClient, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "All that match" not in ann.get("/staff/").text
    monkeypatch.setattr(queue, "PAGE", 2)
    assert "All that match, up to 600" in ann.get("/staff/").text
    told = {"act": "refuse", "everything": "y", "q": "", "numbers": numbers[:1]}
    page = ann.post("/staff/reports/bulk", data=told).text
    check_places(page)
    assert "3 reports are concerned." in page
    assert "More reports match" not in page
    assert "1 report is concerned." in ann.post("/staff/reports/bulk", data={**told, "q": "parcel"}).text
    monkeypatch.setattr(bulk_reports, "MOST", 2)
    page = ann.post("/staff/reports/bulk", data=told).text
    assert "2 reports are concerned." in page
    assert "More reports match: these are the 2 oldest." in page
    assert re.findall(r'name="numbers" value="([^"]+)"', page.partition("<main")[2]) == numbers[:2]
    assert ann.post("/staff/reports/bulk", data={**told, "q": "foo:bar"}).status_code == 400
