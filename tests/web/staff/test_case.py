"""The page of a case."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.intake.status import secret_of
from tests.web.staff.desk import add, do, open_case, refused, report, sign_in


@pytest.fixture
def number(app: Flask) -> str:
    return report(app, tolerable_hours=4.0)


@pytest.fixture
def path(ann: FlaskClient, number: str) -> str:
    return f"/staff/cases/{open_case(ann, number)}"


def tomorrow() -> date:
    return clock.now().date() + timedelta(days=2)


def test_a_whole_life_by_the_page(ann: FlaskClient, path: str, number: str) -> None:
    page = ann.get(path).text
    assert "Settle the kind" in page
    assert "Decide the level" in page
    page = do(ann, f"{path}/move", verb="triage")
    assert "The case needs an owner first." in page
    assert "Decide the level first." in page
    assert "Decide the level first." in refused(ann, f"{path}/move", verb="start")
    do(ann, f"{path}/take")
    page = do(ann, f"{path}/level", leaked="core", tampered="none", halted="none", tolerable="4", expected="")
    assert "data of core work leaked" in page
    do(ann, f"{path}/move", verb="start")
    assert "Choose a date in the future." in refused(ann, f"{path}/move", verb="wait", until="")
    refused(ann, f"{path}/move", verb="wait", until="soon")
    page = do(ann, f"{path}/move", verb="wait", until=tomorrow().isoformat(), reason="for the host")
    assert f"until {tomorrow():%-d %b %Y}" in page
    assert "for the host" in page
    assert path.rpartition("/")[2] in ann.get("/staff/queue/waiting").text
    do(ann, f"{path}/move", verb="resume")
    do(ann, f"{path}/move", verb="watch")
    page = do(ann, f"{path}/move", verb="resolve")
    assert "First answer: " in page
    do(ann, f"/staff/reports/{number}/call", call="It is gone")
    assert "answered in time" in ann.get(path).text
    assert "Choose an outcome." in refused(ann, f"{path}/move", verb="close", letter="All is well")
    page = do(ann, f"{path}/move", verb="close", outcome="taken_down", letter="The page is gone.")
    assert "The source was taken down" in page
    assert "The page is gone." in page
    assert "Open again" in page
    assert "The case has moved on" in refused(ann, f"{path}/move", verb="start")
    do(ann, f"{path}/move", verb="reopen", reason="It came back")


def test_the_level_form_knows_what_the_reporter_told(ann: FlaskClient, path: str) -> None:
    assert 'name="tolerable" type="text" value="4"' in ann.get(path).text
    assert "Enter a number" in refused(ann, f"{path}/level", leaked="none", expected="many")
    stopped = {"leaked": "none", "tampered": "none", "halted": "core"}
    known = {**stopped, "tolerable": "4", "expected": "1", "override": "4"}
    assert "Give a reason" in refused(ann, f"{path}/level", **known)
    assert "Brief for the convenor" not in ann.get(path).text
    page = do(ann, f"{path}/level", **known, override_reason="Press")
    brief = page.partition('id="brief"')[2].partition("</details>")[0]
    order = ["1. Facts", "2. Possible scope", "3. Loss assessment", "4. Whether support is", "5. Measures taken"]
    assert sorted(order, key=brief.index) == order
    assert "Set by a person: Press" in page
    assert "core work is disturbed but back in time" in page
    page = do(ann, f"{path}/level", **stopped)
    assert "Ask how long the outage lasts" in page
    assert "No level" in do(ann, f"{path}/level", leaked="none", tampered="none", halted="none")


def test_notes_and_letters_look_different(ann: FlaskClient, path: str, number: str) -> None:
    assert "Enter the note" in refused(ann, f"{path}/note", note=" ")
    page = do(ann, f"{path}/note", note="Between us: <b>odd</b>")
    assert "Between us: &lt;b&gt;odd&lt;/b&gt;" in page
    assert "staff-line__item--note" in page
    assert "Colleagues only" in page
    assert "Enter a subject" in refused(ann, f"{path}/write", to=number, letter="Dear Rita")
    refused(ann, f"{path}/write", to="R26-1", subject="Hello", letter="Dear Rita")
    page = do(ann, f"{path}/write", to=number, subject="Hello", letter="Dear Rita")
    assert "staff-line__item--letter" in page
    assert "Waits to leave" in page
    assert "not sealed yet" in page


def test_many_reporters_get_a_letter_each_and_it_is_looked_at_first(
    app: Flask, ann: FlaskClient, path: str, number: str
) -> None:
    other = report(app, "The same page", email="lee@shop.example")
    do(ann, f"{path}/join", report=other)
    told = {"to": [number, other], "subject": "Hello", "letter": "We <look> at it.", "wants_answer": "y"}
    look = ann.post(f"{path}/write", data={**told, "do": "look"})
    assert look.status_code == 200
    for said in ("lee@shop.example", "We &lt;look&gt; at it.", "signed", "[TLP:AMBER]", "Send 2 letters"):
        assert said in look.text
    assert "staff-line__item--letter" in (before := ann.get(path).text)
    change = ann.post(f"{path}/write", data={**told, "do": "change"})
    assert "We &lt;look&gt; at it." in change.text
    page = do(ann, f"{path}/write", **told)
    assert "2 letters are in the outbox." in page
    assert page.count("staff-line__item--letter") == before.count("staff-line__item--letter") + 2


def test_a_letter_to_nobody(app: Flask, ann: FlaskClient) -> None:
    number = report(app, anonymous=True)
    path = f"/staff/cases/{open_case(ann, number)}"
    assert "no e-mail address" in refused(ann, f"{path}/write", to=number, subject="Hello", letter="Dear")


def test_title_kind_and_phase(ann: FlaskClient, path: str) -> None:
    page = do(ann, f"{path}/describe", title="Another title", kind="malware")
    assert "Another title" in page
    assert "Enter a title" in refused(ann, f"{path}/describe", title="", kind="malware")
    page = do(ann, f"{path}/phase", phase="post_incident")
    page = do(ann, f"{path}/phase", phase="detection_analysis")
    assert page.count("Phase changed") == 2
    assert ann.post(f"{path}/phase", data={"phase": "party"}).status_code == 400


@pytest.mark.parametrize(
    ("language", "phases"),
    [
        ("en", "Preparation|Detection and analysis|Containment, eradication and recovery|Post-incident activity"),
        ("zh-hant", "籌備|偵測和分析|遏制、根除和復原|事故後的處理"),
    ],
)
def test_the_four_phases_stand_in_order(app: Flask, path: str, language: str, phases: str) -> None:
    page = sign_in(app, "Carol", "supervisor", language=language).get(path).text
    bar = re.search(r'<ol class="staff-phases".*?</ol>', page, re.DOTALL)
    assert bar is not None
    assert "|".join(re.findall(r"<li[^>]*>([^<]+)</li>", bar[0])) == phases
    assert bar[0].count('aria-current="step"') == 1


def test_owners(app: Flask, ann: FlaskClient, path: str) -> None:
    bob, olga = add(app, "Bob", "analyst"), add(app, "Olga", "operator")
    assert "Bob" in do(ann, f"{path}/owner", owner=bob)
    assert "may not handle" in refused(ann, f"{path}/owner", owner=olga)
    assert ann.post(f"{path}/owner", data={"owner": "999"}).status_code == 400
    do(ann, f"{path}/owner", owner="")
    do(ann, f"{path}/restrict", why="Police asked")
    assert "not named" in refused(ann, f"{path}/owner", owner=bob)


def test_taking_in_another_report(app: Flask, ann: FlaskClient, path: str) -> None:
    other = report(app)
    assert other in do(ann, f"{path}/join", report=other.lower())
    assert "There is no such report" in refused(ann, f"{path}/join", report="R26-999")
    do(ann, f"{path}/move", verb="dismiss", outcome="no_incident", reason="they know")
    assert "The case is closed" in refused(ann, f"{path}/join", report=other)


def test_a_restricted_case_is_not_there_for_others(app: Flask, ann: FlaskClient, path: str, number: str) -> None:
    sue = sign_in(app, "Sue", "supervisor")
    assert "Give a reason" in refused(ann, f"{path}/restrict", why="")
    assert "Police asked" in do(ann, f"{path}/restrict", why="Police asked")
    assert sue.get(path).status_code == 404
    for act in (
        "take",
        "owner",
        "level",
        "note",
        "write",
        "move",
        "describe",
        "phase",
        "join",
        "restrict",
        "open-up",
        "access",
        "access/remove",
    ):
        assert sue.post(f"{path}/{act}").status_code == 404, act
    assert sue.get(f"/staff/reports/{number}").status_code == 404
    for page in ("/staff/", "/staff/queue/team", "/staff/search?q=bank", f"/staff/search?q={number}", "/staff/letters"):
        told = sue.get(page).text.replace(f'value="{number}"', "").replace(f"“{number}”", "")
        told = told.replace(f'name="next" value="{page}"', "")
        assert number not in told, page
        assert path.rpartition("/")[2] not in told, page


def test_naming_people(app: Flask, ann: FlaskClient, path: str) -> None:
    sue = sign_in(app, "Sue", "supervisor")
    lee, third = add(app, "Lee", "liaison"), add(app, "Tom", "analyst")
    do(ann, f"{path}/restrict", why="Police asked")
    assert "may not read cases" in refused(ann, f"{path}/access", person=lee, why_named="curious")
    page = do(ann, f"{path}/access", person=third - 2, why_named="on duty")
    assert "on duty" in page
    assert sue.get(path).status_code == 200
    do(sue, f"{path}/owner", owner=third - 2)
    assert "The owner cannot be taken off" in refused(ann, f"{path}/access/remove", person=third - 2)
    assert sue.post(f"{path}/access/remove", data={"person": "1"}).location == path
    assert ann.get(path).status_code == 404
    assert "Everybody at the centre" in do(sue, f"{path}/open-up", why="over")


def test_taking_oneself_off_leads_to_the_queue(app: Flask, ann: FlaskClient, path: str) -> None:
    other = add(app, "Bob", "analyst")
    do(ann, f"{path}/restrict", why="Police asked")
    do(ann, f"{path}/access", person=other, why_named="instead of me")
    assert ann.post(f"{path}/access/remove", data={"person": str(other - 1)}).location == "/staff/"


def test_an_operator_reads_and_answers_only(app: Flask, path: str) -> None:
    page = sign_in(app, "Olga", "operator").get(path).text
    assert "You may read this case, not handle it." in page
    assert "Letter to a reporter" in page
    assert "Keep the note" not in page


def test_a_letter_that_asks_and_the_answer_to_it(app: Flask, ann: FlaskClient, path: str, number: str) -> None:
    case = path.rpartition("/")[2]
    with app.app_context():
        page = f"/en/status/{number}/{secret_of(number)}"
    do(ann, f"{path}/write", to=number, subject="Hello", letter="Which host?", wants_answer="y")
    assert "Waiting for you" in ann.get(page).text
    assert "The other side has answered" not in ann.get("/staff/queue/team").text
    assert ann.post(page, data={"text": "That one"}).status_code == 302
    assert "Being looked at" in ann.get(page).text
    for place in ("/staff/queue/team", "/staff/search?q=bank", path):
        assert "The other side has answered" in ann.get(place).text, place
    do(ann, f"{path}/note", note="Good to know")
    assert "The other side has answered" not in ann.get(path).text
    do(ann, f"/staff/reports/{number}/write", subject="Hello", letter="Since when?", wants_answer="y")
    assert "Waiting for you" in ann.get(page).text
    page_of_case = do(ann, f"{path}/move", verb="dismiss", outcome="no_incident", reason="they know")
    assert "I need an answer" not in page_of_case
    assert case in page_of_case
    assert ">Closed<" in ann.get(page).text


def test_a_level_needs_all_three_answers(ann: FlaskClient, path: str, number: str) -> None:
    assert " checked" not in ann.get(path).text.replace(f'value="{number}" checked', "")
    page = refused(ann, f"{path}/level")
    for words in ("Say what leaked", "Say what was changed", "Say what was disturbed or stopped"):
        assert words in page
    refused(ann, f"{path}/level", leaked="core", tampered="none")
    page = ann.get(path).text
    assert "Not decided" in page
    assert "Level decided" not in page
    assert "Level 2" in do(ann, f"{path}/level", leaked="core", tampered="none", halted="none")


def test_pressing_restrict_twice_keeps_it_restricted(app: Flask, ann: FlaskClient, path: str) -> None:
    bob = add(app, "Bob", "analyst")
    do(ann, f"{path}/restrict", why="Police asked")
    do(ann, f"{path}/access", person=bob, why_named="on duty")
    page = do(ann, f"{path}/restrict", why="Police asked")
    assert "on duty" in page
    assert page.count("Restricted to named people") == 1
    assert "Give a reason" in refused(ann, f"{path}/open-up", why="")
    for _ in range(2):
        page = do(ann, f"{path}/open-up", why="over")
        assert page.count("Opened to all analysts") == 1


def test_a_closed_case_is_read_and_written_about_only(ann: FlaskClient, path: str, number: str) -> None:
    do(ann, f"{path}/move", verb="dismiss", outcome="no_incident", reason="they know")
    page = ann.get(path).text
    assert "The case is closed. To change it, open it again first." in page
    for act in ("level", "describe", "take", "owner", "phase", "join"):
        assert f"{path}/{act}" not in page, act
    nothing = {"leaked": "none", "tampered": "none", "halted": "none"}
    assert "Open it again first." in refused(ann, f"{path}/level", **nothing)
    assert "Open it again first." in refused(ann, f"{path}/describe", title="Another", kind="malware")
    assert "Open it again first." in refused(ann, f"{path}/take")
    assert "Open it again first." in refused(ann, f"{path}/owner", owner="")
    assert "Open it again first." in refused(ann, f"{path}/phase", phase="post_incident")
    answer = ann.post(f"{path}/level")
    assert (answer.status_code, 'href="#leaked"' in answer.text) == (422, False)
    assert "Dear Rita" in do(ann, f"{path}/write", to=number, subject="Hello", letter="Dear Rita")


def test_an_advisory_is_begun_from_a_case(app: Flask) -> None:
    both = sign_in(app, "Mia", "analyst", "editor")
    number = open_case(both, report(app))
    page = both.get(f"/staff/cases/{number}").text
    assert f'name="cases" value="{number}"' in page
    begun = both.post("/staff/advisories/new", data={"cases": number})
    assert begun.status_code == 302
    told = both.get(f"/staff/cases/{number}").text
    assert begun.location in told
    assert "CP-A-" in told
    assert begun.location not in sign_in(app, "Una", "analyst").get(f"/staff/cases/{number}").text


def test_a_report_of_others_goes_into_a_restricted_case_only_after_a_warning_and_they_are_told(app: Flask) -> None:
    ann, ben = sign_in(app, "Ann", "analyst"), sign_in(app, "Ben", "analyst")
    number = report(app)
    theirs, secret = open_case(ben, number), open_case(ann, report(app, "another"), restricted="y", title="Mole")
    for path, told in (
        (f"/staff/cases/{secret}/join", {"report": number}),
        (f"/staff/reports/{number}/attach", {"case": secret}),
    ):
        page = ann.post(path, data=told).text
        assert "1 other case loses this report" in page
        assert f'/staff/cases/{theirs}"' in page
        assert "1 other case" in ann.post(path, data={**told, "sure": secret}).text
    assert number in ben.get(f"/staff/cases/{theirs}").text
    assert ann.post(path, data={**told, "sure": theirs}).status_code == 302
    page = ben.get(f"/staff/cases/{theirs}").text
    assert number not in page
    assert "A report of this case is kept to named people now" in page
    assert secret not in page
    assert "Mole" not in page
    again = open_case(ann, report(app, "a third"), restricted="y")
    assert ann.post(f"/staff/reports/{number}/attach", data={"case": again}).status_code == 302, "nobody loses it anew"


def test_whoever_restricts_a_case_tells_the_others_that_hold_its_reports(app: Flask) -> None:
    ann = sign_in(app, "Ann", "analyst")
    number = report(app)
    first, second = open_case(ann, number), open_case(ann, report(app, "another"))
    do(ann, f"/staff/reports/{number}/attach", case=second)
    do(ann, f"/staff/cases/{second}/restrict", why="A person of ours")
    assert "A report of this case is kept to named people now" in ann.get(f"/staff/cases/{first}").text


def test_a_case_of_a_surge_leads_to_its_forms_and_keeps_its_reports_in_a_box(app: Flask, ann: FlaskClient) -> None:
    path = f"/staff/cases/{open_case(ann, report(app))}"
    assert "staff-box" not in ann.get(path).text
    assert "staff-jump--always" not in ann.get(path).text
    for number in range(20):
        do(ann, f"{path}/join", report=report(app, f"Again {number}"))
    page = ann.get(path).text
    assert 'class="staff-box" role="region" tabindex="0" aria-labelledby="reports"' in page
    assert "staff-jump--always" in page
    for place in ("letter-head", "note-head", "next", "timeline", "facts"):
        assert f'href="#{place}"' in page
        assert f'id="{place}"' in page


def test_what_a_step_lacks_is_found_in_its_form(ann: FlaskClient, path: str) -> None:
    page = refused(ann, f"{path}/move", verb="dismiss", outcome="duplicate", reason="x" * 2001)
    assert 'href="#reason-dismiss"' in page
    do(ann, f"{path}/move", verb="triage")
    do(ann, f"{path}/take")
    do(ann, f"{path}/level", leaked="core", tampered="none", halted="none", tolerable="4", expected="")
    do(ann, f"{path}/move", verb="start")
    page = refused(ann, f"{path}/move", verb="wait", until="2026-02-31", reason="for the host")
    assert 'href="#until-wait"' in page
