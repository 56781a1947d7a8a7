"""One act on many cases as several people see it: nothing of what is hidden, and all of what is left."""

from __future__ import annotations

import re
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cert_portal.cases.models import Case
from cert_portal.coordination import answers
from cert_portal.coordination.answers import Told
from cert_portal.coordination.models import Referral
from cert_portal.coordination.workflow import Verb
from cert_portal.core.db import session, start_writing
from cert_portal.directory import accounts
from cert_portal.directory.permissions import Role
from cert_portal.intake.models import Report, ReportState
from tests.coordination.desk import a_sent_referral
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


@pytest.fixture
def numbers(app: Flask, ann: FlaskClient) -> list[str]:
    return [open_case(ann, report(app, f"Something {number} happened")) for number in range(3)]


def tagged(ann: FlaskClient, numbers: list[str], tag: str = "police-op") -> str:
    """Hang a tag on these; answers where the result is."""
    answer = ann.post("/staff/cases/bulk/do", data={"act": "tag", "value": tag, "numbers": numbers})
    assert answer.status_code == 302
    return str(answer.location)


@pytest.mark.parametrize("act", ["tag", "untag"])
def test_who_forgot_the_tag_gives_it_and_need_not_choose_again(ann: FlaskClient, numbers: list[str], act: str) -> None:
    page = refused(ann, "/staff/cases/bulk", act=act, tag="", numbers=numbers)
    assert all(f'name="numbers" value="{number}"' in page for number in numbers)
    assert 'id="value" name="value"' in page
    assert "Fake bank" in ann.post("/staff/cases/bulk", data={"act": act, "value": "wave", "numbers": numbers}).text


def test_an_act_without_cases_says_so(ann: FlaskClient) -> None:
    assert "#main-content" in refused(ann, "/staff/cases/bulk", act="tag", tag="wave")


@pytest.mark.parametrize("told", [{}, {"value": "no_incident", "reason": "x"}])
def test_the_look_at_an_end_says_of_which_case_a_party_has_not_answered(
    app: Flask, ann: FlaskClient, numbers: list[str], told: dict[str, str]
) -> None:
    sentence = "A party was asked and has not answered"
    start_writing()
    with app.app_context():
        made = a_sent_referral(accounts.with_role(Role.ANALYST)[0])
        case = session.get_one(Case, made.case_id).number
        session.commit()
    ann.post(f"/staff/cases/{case}/move", data={"verb": "triage"})
    for act in ("dismiss", "tag"):
        form = {"act": act, "tag": "wave", **told, "numbers": [case, *numbers]}
        page = ann.post("/staff/cases/bulk", data=form).text
        assert page.count(sentence) == (act == "dismiss")
        assert ("shown under “Answers”" in page) == (act == "dismiss")
    start_writing()
    with app.app_context():
        answers.by_page(session.scalars(select(Referral)).one(), Verb.ANSWER, Told("It is gone"))
        session.commit()
    page = ann.post("/staff/cases/bulk", data={"act": "dismiss", **told, "numbers": [case, *numbers]}).text
    assert sentence not in page
    assert "In 1 of these cases the other side has answered" in page
    assert "The other side has answered" in page.partition(f">{case}<")[2].partition("</tr>")[0]


def test_a_run_over_hidden_cases_alone_is_shown_to_nobody_else(
    ann: FlaskClient, ben: FlaskClient, numbers: list[str]
) -> None:
    do(ann, f"/staff/cases/{numbers[0]}/restrict", why="police")
    place = tagged(ann, numbers[:1])
    assert "police-op" in ann.get(place).text
    assert ben.get(place).status_code == 404
    assert ben.post(f"{place}/undo").status_code == 404


def test_what_was_hung_is_told_to_who_sees_one_of_the_changed_cases(
    ann: FlaskClient, ben: FlaskClient, numbers: list[str]
) -> None:
    ann.post(f"/staff/cases/{numbers[1]}/tag", data={"tag": "police-op"})
    place = tagged(ann, numbers[:2])
    assert "police-op" in ben.get(place).text
    do(ann, f"/staff/cases/{numbers[0]}/restrict", why="police")
    page = ben.get(place).text
    assert (numbers[1] in page, numbers[0] in page, "police-op" in page) == (True, False, False)
    assert "0 cases were changed" in page


def test_an_undo_leaves_what_the_person_cannot_see_to_others(
    ann: FlaskClient, ben: FlaskClient, numbers: list[str]
) -> None:
    place = tagged(ann, numbers[:2], "wave")
    do(ann, f"/staff/cases/{numbers[0]}/restrict", why="police")
    page = do(ben, f"{place}/undo")
    assert "1 case is as it was." in page
    assert "Undone" in page
    assert all(hidden not in page for hidden in ("Undone in part", "/undo", numbers[0]))
    assert "It was undone already." in do(ben, f"{place}/undo")
    page = ann.get(place).text
    check_places(page)
    assert "Undone in part" in page
    assert f"{place}/undo" in page
    assert re.search(rf"Still to be undone.*{numbers[0]}", page, re.DOTALL)
    page = do(ann, f"{place}/undo")
    assert "1 case is as it was." in page
    assert "Undone in part" not in page
    assert f"{place}/undo" not in page


def test_the_result_tells_what_was_left_out_at_the_look_and_since(
    ann: FlaskClient, ben: FlaskClient, numbers: list[str]
) -> None:
    ann.post(f"/staff/cases/{numbers[0]}/tag", data={"tag": "wave"})
    look = ann.post("/staff/cases/bulk", data={"act": "tag", "tag": "wave", "numbers": numbers}).text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', look.partition("cases/bulk/do")[2])
    told: dict[str, list[str]] = {}
    for name, value in fields:
        told.setdefault(name, []).append(value)
    ben.post(f"/staff/cases/{numbers[1]}/tag", data={"tag": "wave"})
    page = do(ann, "/staff/cases/bulk/do", **told)
    assert "1 case was changed." in page
    assert [f"{number}</a>: It is so already." in page for number in numbers] == [True, True, False]
    odd = ["x", "\x00 is_so", f"{numbers[2]} nonsense", "C26-000099-0 is_so", f"{numbers[0]} is_so"]
    page = do(ann, "/staff/cases/bulk/do", act="untag", value="wave", numbers=numbers[:2], left_out=odd)
    assert "Left out" not in page.partition("My last acts")[0]


def test_a_merged_case_is_told_as_merged_and_into_which(ann: FlaskClient, ben: FlaskClient, numbers: list[str]) -> None:
    place = tagged(ann, numbers[:1], "one")
    do(ann, f"/staff/cases/{numbers[0]}/merge", others=numbers[1:2])
    look = ann.post("/staff/cases/bulk", data={"act": "give", "owner": "1", "numbers": numbers[1:]}).text
    assert f"It was merged into {numbers[0]}." in look
    assert "Open it again first" not in look
    page = do(ann, "/staff/cases/bulk/do", act="give", value="1", numbers=numbers[1:])
    assert f"{numbers[1]}</a>: It was merged into {numbers[0]}." in page
    assert place in ann.get(place).text


def test_a_merged_case_is_not_tagged_by_its_number(ann: FlaskClient, numbers: list[str]) -> None:
    tagged(ann, numbers[1:2], "old")
    do(ann, f"/staff/cases/{numbers[0]}/merge", others=numbers[1:2])
    for act in ({"act": "tag", "tag": "wave"}, {"act": "untag", "tag": "old"}):
        look = ann.post("/staff/cases/bulk", data={**act, "numbers": numbers}).text
        assert f"It was merged into {numbers[0]}." in look, act


def test_of_all_that_match_the_oldest_takes_the_next_ones_in_and_the_rest_is_told(
    ann: FlaskClient, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"act": "merge", "everything": "y", "q": "is:open"}
    more = "One merge takes the 1 oldest besides the one that stays"
    place = ann.post("/staff/cases/bulk", data=told).location
    assert place == f"/staff/cases/{numbers[0]}/merge?others={numbers[1]}&others={numbers[2]}"
    assert "More cases are meant" not in ann.get(place).text
    monkeypatch.setattr("cert_portal.cases.bulk.MOST", 2)
    monkeypatch.setattr("cert_portal.cases.merging.MOST", 1)
    for asked in (told, {"act": "merge", "numbers": numbers[::-1]}):
        place = ann.post("/staff/cases/bulk", data=asked).location
        assert place.startswith(f"/staff/cases/{numbers[0]}/merge?others={numbers[1]}&more=")
        page = ann.get(place).text
        check_places(page)
        assert ("More cases are meant" in page, more in page) == (True, True)


def test_the_oldest_open_case_takes_the_others_in_and_closed_ones_are_left_out_with_why(
    ann: FlaskClient, numbers: list[str]
) -> None:
    closed, into, other = numbers
    do(ann, f"/staff/cases/{closed}/move", verb="dismiss", outcome="no_incident", reason="none")
    place = ann.post("/staff/cases/bulk", data={"act": "merge", "numbers": numbers[::-1]}).location
    assert place == f"/staff/cases/{into}/merge?others={closed}&others={other}"
    page = ann.get(place).text
    assert f"{closed}</span>: Closed: open it again first" in page
    assert "Merge 1 case into this one" in page
    nothing_open: list[dict[str, object]] = [{"numbers": [closed]}, {"numbers": []}, {"everything": "y"}]
    for asked in nothing_open:
        told = {"act": "merge", "q": "is:closed", **asked}
        answer = ann.post("/staff/cases/bulk", data=told)
        assert answer.location == "/staff/cases?q=is:closed"
        assert "Choose at least one case that is open." in ann.get(answer.location).text


def test_the_rest_of_all_that_match_is_merged_from_the_same_list(
    ann: FlaskClient, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cert_portal.cases.merging.MOST", 1)
    told = {"act": "merge", "everything": "y", "q": "kind:phishing"}
    for other in numbers[1:]:
        place = ann.post("/staff/cases/bulk", data=told).location
        assert place.partition("&more")[0] == f"/staff/cases/{numbers[0]}/merge?others={other}"
        do(ann, f"/staff/cases/{numbers[0]}/merge", others=[other])
    assert ann.post("/staff/cases/bulk", data=told).location == f"/staff/cases/{numbers[0]}/merge"


def test_it_is_said_that_more_match_than_can_be_done_at_once(
    ann: FlaskClient, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cert_portal.cases.bulk.MOST", 2)
    for act in (
        {"act": "tag", "tag": "wave"},
        {"act": "dismiss"},
        {"act": "dismiss", "value": "no_incident", "reason": "x"},
    ):
        page = ann.post("/staff/cases/bulk", data={**act, "everything": "y", "q": "is:open"}).text
        check_places(page)
        assert "More cases match: these are the 2 newest. Do the rest afterwards." in page
        assert [number in page for number in numbers] == [False, True, True]
        page = ann.post("/staff/cases/bulk", data={**act, "numbers": numbers[:2]}).text
        assert "More cases match" not in page


def test_an_undo_of_what_went_into_a_case_that_was_merged_says_into_which(
    app: Flask, ann: FlaskClient, numbers: list[str]
) -> None:
    told = {"act": "attach", "numbers": [report(app, "one more")], "case": numbers[1], "seen": numbers[1]}
    place = ann.post("/staff/reports/bulk/do", data=told).location
    do(ann, f"/staff/cases/{numbers[0]}/merge", others=numbers[1:2])
    page = refused(ann, f"{place}/undo")
    assert f"was merged into {numbers[0]}" in page
    assert "Open it again first" not in page


def test_who_was_quicker_with_a_report_is_told(app: Flask, ann: FlaskClient, ben: FlaskClient) -> None:
    told = [report(app, f"spam {n}") for n in range(2)]
    ben.post("/staff/reports/bulk/do", data={"act": "refuse", "numbers": told[:1], "reason": "spam"})
    page = do(ann, "/staff/reports/bulk/do", act="refuse", numbers=told, reason="spam")
    assert "1 report decided." in page
    assert f"{told[0]}</a>: Ben has dealt with it." in page
    page = ann.post("/staff/reports/bulk", data={"act": "refuse", "numbers": told}).text
    assert "Ben has dealt with it." in page


def test_a_list_of_acts_offers_no_undo_of_what_was_undone(
    app: Flask, ann: FlaskClient, ben: FlaskClient, numbers: list[str]
) -> None:
    told = [report(app, f"spam {n}") for n in range(2)]
    place = ann.post("/staff/reports/bulk/do", data={"act": "refuse", "numbers": told, "reason": "spam"}).location
    assert f"{place}/undo" in ann.get("/staff/account").text
    do(ben, f"{place}/undo")
    assert f"{place}/undo" not in ann.get("/staff/account").text
    assert "It was undone already." in do(ann, f"{place}/undo")


def test_what_two_decide_at_once_about_quarantined_reports_is_decided_once(
    app: Flask, ann: FlaskClient, ben: FlaskClient
) -> None:
    told = [report(app, f"odd {n}") for n in range(4)]
    start_writing()
    with app.app_context():
        session.execute(update(Report).values(state=ReportState.QUARANTINED))
        session.commit()
    gate, pages = Barrier(2), list[str]()

    def decide(client: FlaskClient, what: str) -> None:
        gate.wait()
        pages.append(do(client, "/staff/queue/quarantined", do=what, numbers=told))

    threads = [Thread(target=decide, args=pair) for pair in ((ann, "spam"), (ben, "back"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(re.findall(r"(\d) reports decided", "".join(pages))) == ["0", "4"]
    assert "".join(pages).count(" has dealt with it.") == 4


@pytest.mark.parametrize("told", [{"act": "give", "value": ""}, {"act": "dismiss"}])
def test_the_look_marks_restricted_cases_and_exercises_as_the_list_does(
    app: Flask, ann: FlaskClient, numbers: list[str], told: dict[str, str]
) -> None:
    sue = sign_in(app, "Sue", "supervisor")
    do(ann, f"/staff/cases/{numbers[0]}/restrict", why="police")
    do(sue, f"/staff/cases/{numbers[1]}/exercise", drill="yes", why="They play")
    do(ann, f"/staff/cases/{numbers[1]}/take")
    page = ann.post("/staff/cases/bulk", data={**told, "numbers": numbers}).text
    rows = {number: page.partition(f">{number}</a>")[2].partition("</th>")[0] for number in numbers}
    assert ["Restricted" in rows[each] for each in numbers] == [True, False, False]
    assert ["Exercise" in rows[each] for each in numbers] == [False, True, False]
