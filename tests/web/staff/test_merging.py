"""Merging, linking and splitting on the pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


@pytest.fixture
def cases(app: Flask, ann: FlaskClient) -> list[str]:
    """Three cases that name the same."""
    return [open_case(ann, report(app)) for _ in range(3)]


def test_cases_are_merged_after_a_look_and_come_out_again(ann: FlaskClient, cases: list[str]) -> None:
    into, one, two = cases
    page = ann.get(f"/staff/cases/{into}").text
    assert f'href="/staff/cases/{into}/merge" data-key="m"' in page
    page = ann.get(f"/staff/cases/{into}/merge").text
    check_places(page)
    assert page.count("hxxps://bad[.]example/login") == 2, "what has the same address is proposed"
    page = ann.get(f"/staff/cases/{into}/merge?others={one}&others={two.lower().replace('-', ' ')}+C26-000099-9").text
    check_places(page)
    assert "1 report goes over" in page
    assert re.search(r"C26-000099-9</span>: There is no such case", page), "what was mistyped is told"
    assert "Merge 2 cases into this one" in page
    turned = re.search(rf'href="(/staff/cases/{one}/merge[^"]+)"', page)
    assert turned
    assert "Merge 2 cases into this one" in ann.get(turned[1].replace("&amp;", "&")).text
    page = do(ann, f"/staff/cases/{into}/merge", others=[one, two], reason="One wave")
    assert "2 cases were merged into this one." in page
    assert "Took in another case" in page
    answer = ann.get(f"/staff/cases/{one}")
    assert answer.location == f"/staff/cases/{into}"
    assert f"{one} was merged into this case." in ann.get(answer.location).text
    page = ann.get(f"/staff/cases/{one}/original").text
    check_places(page)
    assert f"{one} was merged into {into}: the work goes on there." in page
    page = do(ann, f"/staff/cases/{one}/unmerge", reason="Wrong")
    again = do(ann, f"/staff/cases/{one}/unmerge", reason="Wrong")
    assert "The case stands for itself again already." in again
    assert "The case stands for itself again." in page
    assert ann.get(f"/staff/cases/{one}/original").location == f"/staff/cases/{one}"
    assert ann.get("/staff/cases/C26-000099-9/original").status_code == 404
    assert ann.get(f"/staff/cases/{one}").status_code == 200


def test_what_cannot_be_merged_says_why(ann: FlaskClient, cases: list[str]) -> None:
    into, one, two = cases
    page = ann.get(f"/staff/cases/{into}/merge?others={into}").text
    assert "It is this very case, or part of it already" in page
    answer = ann.get(f"/staff/cases/{into}/merge?others=nonsense")
    assert answer.status_code == 422
    assert "Choose at least one case" in answer.text
    assert "None of these cases can be merged" in refused(ann, f"/staff/cases/{into}/merge", others=[into])
    page = do(ann, f"/staff/cases/{into}/merge", others=[one, into])
    assert "It is this very case" in page
    do(ann, f"/staff/cases/{two}/merge", others=[into])
    page = refused(ann, f"/staff/cases/{one}/unmerge")
    assert "Take that one out first." in page
    do(ann, f"/staff/cases/{two}/move", verb="dismiss", outcome="no_incident", reason="none")
    for path in ("merge", "split"):
        assert ann.get(f"/staff/cases/{two}/{path}").status_code == 422
    assert "closed" in refused(ann, f"/staff/cases/{two}/merge", others=[one])
    assert "closed" in refused(ann, f"/staff/cases/{two}/split", title="x", kind="malware", reports=["R"])


def test_what_can_never_be_merged_is_not_proposed(app: Flask, cases: list[str]) -> None:
    sue = sign_in(app, "Sue", "supervisor")
    into, one, two = cases
    assert all(each in sue.get(f"/staff/cases/{into}/merge").text for each in (one, two))
    do(sue, f"/staff/cases/{one}/restrict", why="police")
    page = sue.get(f"/staff/cases/{into}/merge").text
    assert (one in page, two in page) == (False, True)


def test_what_is_more_than_one_merge_takes_is_named(
    ann: FlaskClient, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cert_portal.cases.merging.MOST", 1)
    into, one, two = cases
    page = ann.get(f"/staff/cases/{into}/merge?others={one}&others={two}").text
    check_places(page)
    assert "As many as you like" not in page
    assert "At most 1 at once" in page
    assert re.search(rf"{two}</span>: One merge takes at most 50 cases: merge it afterwards", page)
    page = do(ann, f"/staff/cases/{into}/merge", others=[one, two])
    assert "1 case was merged into this one. 1 is left out: one merge takes at most 1." in page
    assert ann.get(f"/staff/cases/{two}").status_code == 200


def test_two_cases_are_linked_and_the_link_is_taken_away(ann: FlaskClient, cases: list[str]) -> None:
    one, two, _ = cases
    path = f"/staff/cases/{one}"
    assert "There is no such case" in refused(ann, f"{path}/link", other="C26-000099-9", why_linked="x")
    assert "Give a reason" in refused(ann, f"{path}/link", other=two, why_linked="")
    assert "cannot be linked with itself" in refused(ann, f"{path}/link", other=one, why_linked="x")
    page = do(ann, f"{path}/link", other=two, why_linked="The same sender")
    assert "The same sender" in page
    assert one in ann.get(f"/staff/cases/{two}").text
    assert ann.post(f"{path}/unlink", data={"other": "nonsense"}).status_code == 400
    page = do(ann, f"{path}/unlink", other=two)
    assert "Link taken away" in page


def test_reports_are_split_off(app: Flask, ann: FlaskClient, cases: list[str]) -> None:
    case, other, _ = cases
    second = report(app, "Something else")
    page = do(ann, f"/staff/cases/{case}/join", report=second)
    assert f"/staff/cases/{case}/split" in page
    path = f"/staff/cases/{case}/split"
    check_places(ann.get(path).text)
    assert "Choose at least one report" in refused(ann, path, title="Another", kind="malware")
    assert "Enter a title" in refused(ann, path, title="", kind="malware", reports=[second])
    page = do(ann, path, title="Another", kind="malware", reports=[second])
    assert "The new case is open." in page
    assert "Split off" in page
    page = do(ann, f"/staff/cases/{other}/join", report=second)
    assert "Also in" in page, "one report may belong to several cases"


def test_a_report_that_was_moved_since_is_told(app: Flask, ann: FlaskClient, cases: list[str]) -> None:
    into, one, _ = cases
    number = re.findall(r"/staff/reports/(R[^\"/]+)\"", ann.get(f"/staff/cases/{one}").text)[0]
    do(ann, f"/staff/cases/{into}/merge", others=[one])
    do(ann, f"/staff/cases/{into}/split", title="Another", kind="malware", reports=[number])
    page = do(ann, f"/staff/cases/{one}/unmerge")
    assert "1 report was moved since and stays where it is." in page


def test_what_another_case_took_in_meanwhile_is_looked_at_again(app: Flask, ann: FlaskClient) -> None:
    ben = sign_in(app, "Ben", "analyst")
    words = ("a parcel", "a bank", "a shop", "a school")
    into, one, two, other = (open_case(ann, report(app, each), title=each) for each in words)
    page = ann.get(f"/staff/cases/{into}/merge?others={one}&others={two}").text
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    told = {"others": [one, two], "seen": seen[1], "reason": "One wave"}
    do(ben, f"/staff/cases/{other}/merge", others=[two])
    page = refused(ann, f"/staff/cases/{into}/merge", **told)
    assert "Nothing was merged: look at it again." in page
    assert f'name="others" value="{other}"' in page, "what would go in now is shown"
    assert 'value="One wave"' in page
    assert ann.get(f"/staff/cases/{other}").status_code == 200
    anew = re.search(r'name="seen" value="(\w+)"', page)
    assert anew
    assert "2 cases were merged" in do(
        ann, f"/staff/cases/{into}/merge", **{**told, "others": [one, other], "seen": anew[1]}
    )


def test_of_a_merge_of_a_merge_the_page_leads_to_what_comes_out_first(ann: FlaskClient, cases: list[str]) -> None:
    inner, between, outer = cases
    do(ann, f"/staff/cases/{between}/merge", others=inner)
    do(ann, f"/staff/cases/{outer}/merge", others=between)
    page = ann.get(f"/staff/cases/{inner}/original").text
    assert f"It went into {between}, which was merged itself later." in page
    assert f'href="/staff/cases/{between}/original"' in page
    assert f"/staff/cases/{inner}/unmerge" not in page
    do(ann, f"/staff/cases/{between}/unmerge")
    assert f"/staff/cases/{inner}/unmerge" in ann.get(f"/staff/cases/{inner}/original").text
