"""Taking reports out of a case, on its page and by undoing an act on many."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


def test_a_report_is_taken_out_with_a_reason(app: Flask, ann: FlaskClient) -> None:
    number = report(app)
    path = f"/staff/cases/{open_case(ann, number)}"
    assert f'href="{path}/take-out"' in ann.get(path).text
    page = ann.get(f"{path}/take-out?reports={number}").text
    check_places(page)
    assert f'value="{number}" checked' in page
    assert "Give a reason." in refused(ann, f"{path}/take-out", reports=number)
    assert "Choose at least one report" in refused(ann, f"{path}/take-out", reason="Another bank")
    page = do(ann, f"{path}/take-out", reports=number, reason="Another bank")
    assert "Taken out of the case. 1 report waits for triage again." in page
    assert "Another bank" in page.partition("Taken out of the case</")[2]
    assert "Another bank" in page
    assert number in ann.get("/staff/").text
    assert "Report taken out of a case" in ann.get(f"/staff/reports/{number}").text
    do(ann, f"{path}/move", verb="dismiss", outcome="mistake", reason="x")
    assert "Open it again first" in refused(ann, f"{path}/take-out", reports=number, reason="x")
    assert ann.get(f"{path}/take-out").status_code == 422


def test_of_a_restricted_case_nothing_is_told_to_others(app: Flask, ann: FlaskClient) -> None:
    number = report(app)
    case = open_case(ann, number, restricted="y")
    ben = sign_in(app, "Ben", "analyst")
    assert ben.get(f"/staff/cases/{case}/take-out").status_code == 404
    assert ben.post(f"/staff/cases/{case}/take-out", data={}).status_code == 404
    assert "can be read by everybody" in ann.get(f"/staff/cases/{case}/take-out").text
    do(ann, f"/staff/cases/{case}/take-out", reports=number, reason="The Harbour Bank has nothing to do with it")
    page = ben.get(f"/staff/reports/{number}").text
    assert case not in page
    assert "Harbour Bank" not in page


def test_joining_many_shows_the_case_first_and_can_be_undone(app: Flask, ann: FlaskClient) -> None:
    case = open_case(ann, report(app))
    numbers = [report(app, text) for text in ("a parcel mail", "a shop is encrypted")]
    told = {"act": "attach", "numbers": numbers, "case": case.lower()}
    look = ann.post("/staff/reports/bulk/do", data=told)
    assert look.status_code == 200
    check_places(look.text)
    assert "Fake bank" in look.text
    assert "1 report so far" in look.text
    assert all(number in ann.get("/staff/").text for number in numbers), "nothing was done yet"
    page = do(ann, "/staff/reports/bulk/do", **{**told, "case": case}, seen=case)
    assert "2 reports decided." in page
    undo = re.search(r"/staff/reports/bulk/\d+/undo", page)
    assert undo
    assert "2 reports are back in the queue." in do(ann, undo[0])
    assert "Undo</button>" not in ann.get(undo[0].removesuffix("/undo")).text
    do(ann, f"/staff/cases/{case}/move", verb="dismiss", outcome="mistake", reason="x")
    assert "Open it again first" in refused(ann, "/staff/reports/bulk/do", **told)


def test_opening_many_can_be_undone_until_somebody_works_on_the_case(app: Flask, ann: FlaskClient) -> None:
    numbers = [report(app, text) for text in ("a parcel mail", "a shop is encrypted")]
    told = {"act": "open", "numbers": numbers, "title": "One wave", "kind": "phishing"}
    page = do(ann, "/staff/reports/bulk/do", **told)
    undo, case = re.search(r"/staff/reports/bulk/\d+/undo", page), re.search(r"C26-\d+-\d", page)
    assert undo
    assert case
    do(ann, undo[0])
    assert "Opened by mistake" in ann.get(f"/staff/cases/{case[0]}").text
    page = do(ann, "/staff/reports/bulk/do", **told)
    undo, case = re.search(r"/staff/reports/bulk/\d+/undo", page), re.search(r"C26-\d+-\d", page)
    assert undo
    assert case
    do(ann, f"/staff/cases/{case[0]}/take")
    assert "The case was worked on since" in refused(ann, undo[0])
