"""People, holidays, clocks, letters."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.cases.models import CaseAccess
from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import of_subjects
from cert_portal.core.mail import spool
from cert_portal.core.mail.outbox import Letter
from cert_portal.core.sms import OutgoingText, post
from cert_portal.directory import organisations, tokens
from cert_portal.directory.organisations import OrganisationTold
from tests.web.staff.desk import PASSPHRASE, add, check_places, do, open_case, refused, report, sign_in
from workers.intake import prove_balance
from workers.mail import take_and_commit

BOB = {"email": "bob@portal.example", "name": "Bob", "passphrase": PASSPHRASE, "roles": ["analyst"], "language": "en"}


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    return sign_in(app, "Ada", "admin")


def test_adding_a_person(app: Flask, boss: FlaskClient) -> None:
    assert boss.get("/staff/people/add").status_code == 200
    assert "Enter a name" in boss.post("/staff/people/add", data={}).text
    check_places(boss.post("/staff/people/add", data={}).text)
    check_places(boss.post("/staff/people/add", data={**BOB, "passphrase": "x"}).text)
    assert "at least 12" in boss.post("/staff/people/add", data={**BOB, "passphrase": "x"}).text
    assert "Choose at least one role" in boss.post("/staff/people/add", data={**BOB, "roles": []}).text
    for email in ("@", "a@b@c.example", "bob@portal.example bcc: q@q.example"):
        page = refused(boss, "/staff/people/add", **{**BOB, "email": email})
        assert "Enter an e-mail address like name@example.com" in page
    assert boss.post("/staff/people/add", data=BOB).status_code == 302
    page = boss.get("/staff/people").text
    assert "bob@portal.example" in page
    assert "No authenticator" in page
    client = app.test_client()
    client.post("/staff/sign-in", data=BOB)
    assert "Set up your authenticator" in client.get("/staff/account").text


def test_an_older_page_of_a_person_puts_nothing_back(app: Flask, boss: FlaskClient) -> None:
    second = sign_in(app, "Bea", "admin")
    path = f"/staff/people/{add(app, 'Bob', 'analyst', 'editor')}"
    told = {"name": "Bob", "roles": ["editor", "analyst"], "active": "y"}
    old = fields_shown(second.get(path).text)
    do(boss, path, **{**told, **old, "roles": ["auditor"], "active": ""})
    page = do(second, path, **{**told, **old, "name": "Robert"})
    assert re.search(r'name="roles"[^>]*value="auditor"[^>]*checked', page)
    assert not re.search(r'name="roles"[^>]*value="analyst"[^>]*checked', page)
    assert not re.search(r'name="active"[^>]*checked', page)
    assert "Robert" in page
    page = refused(second, path, **{**told, **old, "roles": ["liaison", "editor"], "active": ""})
    assert "Somebody set the same fields right while you were writing" in page
    assert re.search(r"Roles: It reads now: <strong>Auditor", page)
    assert "checked" in page.partition('value="liaison"')[2][:40], "nothing is lost"
    do(second, path, name="Robert", roles=["liaison"], **fields_shown(page))
    assert re.search(r'name="roles"[^>]*value="liaison"[^>]*checked', second.get(path).text)


def fields_shown(page: str) -> dict[str, str]:
    """What the first form of a page tells of the fields as it showed them."""
    first = page.partition('name="was-')[2].partition("</form>")[0]
    return dict(re.findall(r'name="(was-\w+)" value="([^"]*)"', f'name="was-{first}'))


def test_a_token_is_given_shown_once_and_taken_back(app: Flask, boss: FlaskClient) -> None:
    ann = add(app, "Ann", "analyst")
    assert "No program has a token yet" in boss.get("/staff/people/tokens").text
    wrong = boss.post("/staff/people/tokens", data={})
    assert wrong.status_code == 422
    check_places(wrong.text)
    page = boss.post("/staff/people/tokens", data={"account": str(ann), "scopes": ["reports:write"]})
    told = re.search(r">(cp_[\w-]+)<", page.text)
    assert told
    assert page.headers["Cache-Control"] == "no-store"
    listed = boss.get("/staff/people/tokens").text
    assert told[1] not in listed, "it is shown once"
    assert "Send reports" in listed
    check_places(listed)
    with app.app_context():
        found = tokens.find(told[1])
        assert found
        assert (found[0].scopes, found[1].id) == (["reports:write"], ann)
    said = boss.post("/staff/people/tokens/1/revoke", follow_redirects=True).text
    assert "was taken back" in said
    assert "No token in use" in boss.post("/staff/people/tokens/1/revoke", follow_redirects=True).text
    with app.app_context():
        assert tokens.find(told[1]) is None
        assert {each.actor for each in of_subjects([f"user:{ann}"]) if each.kind.startswith("token.")} == {"user:1"}


def test_the_auditor_sees_tokens_and_gives_none(app: Flask) -> None:
    client = sign_in(app, "Otto", "auditor")
    assert "Give a token" not in client.get("/staff/people/tokens").text
    assert client.post("/staff/people/tokens", data={}).status_code == 403


def test_changing_a_person(app: Flask, boss: FlaskClient) -> None:
    bob = f"/staff/people/{add(app, 'Bob', 'analyst')}"
    assert boss.get(bob).status_code == 200
    assert "Enter a name" in boss.post(bob, data={"name": ""}).text
    assert "Choose at least one role" in boss.post(bob, data={"name": "Bob", "active": "y"}).text
    assert boss.post(bob, data={"name": "Robert", "roles": ["operator"]}).status_code == 302
    page = boss.get("/staff/people").text
    assert "Robert" in page
    assert "No longer in use" in page
    assert "last administrator" in boss.post("/staff/people/1", data={"name": "Ada", "roles": ["analyst"]}).text
    assert boss.get("/staff/people/999").status_code == 404


def test_a_person_of_a_member_organisation(app: Flask, boss: FlaskClient) -> None:
    start_writing()
    with app.app_context():
        board = organisations.add(OrganisationTold("member", "Harbour Board", "海港局"), "system")
        session.commit()
        number = str(board.id)
    hana = {**BOB, "email": "hana@board.example", "name": "Hana", "roles": ["member"]}
    page = refused(boss, "/staff/people/add", **hana)
    assert "Choose the organisation" in page
    assert boss.post("/staff/people/add", data={**hana, "organisation": "999"}).status_code == 422
    made = boss.post("/staff/people/add", data={**hana, "organisation": number, "unit": "Survey"})
    assert made.status_code == 302
    page = boss.get(made.location).text
    assert 'value="Survey"' in page
    assert f'<option value="{number}" selected>Harbour Board' in page
    assert "Harbour Board · Survey" in boss.get("/staff/people").text
    same = {"name": "Hana", "roles": ["member"], "active": "y", "organisation": number}
    assert boss.post(made.location, data=same).status_code == 302
    assert "Harbour Board · Coordinator" in boss.get("/staff/people").text
    assert boss.post(made.location, data={**same, "roles": ["editor"]}).status_code == 302
    assert "Harbour Board" not in boss.get("/staff/people").text


def test_resets(app: Flask, boss: FlaskClient) -> None:
    bob = f"/staff/people/{add(app, 'Bob', 'analyst')}"
    assert "at least 12" in boss.post(f"{bob}/passphrase", data={"passphrase": "x"}).text
    assert boss.post(f"{bob}/passphrase", data={"passphrase": "another good phrase"}).status_code == 302
    assert boss.post(f"{bob}/authenticator").status_code == 302
    assert "Reset the authenticator" not in boss.get(bob).text
    assert boss.post(f"{bob}/sign-out").status_code == 302


def test_holidays(boss: FlaskClient) -> None:
    path = "/staff/settings/holidays"
    assert "Labour Day" in boss.get(path).text
    assert "Line 1 is not of the form" in boss.post(path, data={"lines": "nonsense"}).text
    assert boss.post(path, data={"lines": "2026-04-03; Good Friday; 耶穌受難節"}).status_code == 302
    page = boss.get(path).text
    assert "耶穌受難節" in page
    assert "Holidays stored: 1" in page
    assert boss.post(f"{path}/remove", data={"day": "2026-04-03"}).status_code == 302
    assert "耶穌受難節" not in boss.get(path).text
    assert boss.post(f"{path}/remove", data={"day": "x"}).status_code == 400


def test_clocks(app: Flask, boss: FlaskClient) -> None:
    path = "/staff/settings/clocks"
    assert "First answer to a report" in boss.get(path).text
    good = {"amount": "4", "unit": "hours", "warn": "50"}
    assert boss.post(f"{path}/first_response", data={**good, "enabled": "y"}).status_code == 302
    assert 'value="4"' in boss.get(path).text
    for wrong in ({"amount": "0"}, {"amount": "many"}, {"warn": ""}, {"unit": "years"}):
        answer = boss.post(f"{path}/first_response", data={**good, **wrong})
        assert answer.status_code == 422
        assert "between 1 and 1,000" in answer.text
        check_places(answer.text)
    assert boss.post(f"{path}/first_response", data=good).status_code == 302
    assert boss.post(f"{path}/resolution", data=good).status_code == 302
    number = report(app)
    ann = sign_in(app, "Ann", "analyst")
    assert "portal-clock" not in ann.get("/staff/").text
    assert "portal-clock" not in ann.get(f"/staff/reports/{number}").text


def test_an_older_page_of_the_clocks_puts_nothing_back(app: Flask, boss: FlaskClient) -> None:
    second, path = sign_in(app, "Bea", "admin"), "/staff/settings/clocks"
    clock = f"{path}/first_response"
    told = {"amount": "4", "unit": "hours", "warn": "50", "enabled": "y"}
    do(boss, clock, **told)
    page = boss.get(path).text.partition('id="clock-first_response"')[2]
    old = fields_shown(page)
    assert old == {"was-amount": "4", "was-unit": "hours", "was-warn": "50", "was-enabled": "True"}
    do(boss, clock, **{**told, **old, "amount": "15", "unit": "minutes"})
    row = do(second, clock, **{**told, **old, "warn": "20"}).partition('id="amount-first_response"')[2]
    assert [re.findall(r'value="(\d+)"', row)[each] for each in (0, 1)] == ["15", "20"]
    assert '<option value="minutes" selected>' in row.partition("</select>")[0]
    page = refused(second, clock, **{**told, **old, "amount": "5"})
    assert "First answer to a report · How long: It reads now: <strong>15" in page
    assert "First answer to a report · Unit: It reads now: <strong>minutes" in page
    now = fields_shown(page.partition('id="clock-first_response"')[2])
    do(second, clock, **{**told, **now, "amount": "5"})
    assert second.post(f"{path}/tea", data=told).status_code == 404


def test_an_auditor_reads_settings_and_changes_none(app: Flask) -> None:
    client = sign_in(app, "Otto", "auditor")
    for path in ("/staff/people", "/staff/settings/holidays", "/staff/settings/clocks"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<main" in page.text
        assert 'action="/staff/settings' not in page.text
        assert "Add a person" not in page.text


def test_letters_show_their_state_and_no_address(app: Flask, boss: FlaskClient) -> None:
    assert "No letter has been written yet." in boss.get("/staff/letters?before=x").text
    number = report(app)
    page = boss.get("/staff/letters").text
    assert number in page
    assert "r…@victim.example" in page
    assert "rita@victim.example" not in page
    assert "No letter was refused" in boss.get("/staff/letters?trouble=1").text
    start_writing()
    with app.app_context():
        letter = session.query(Letter).one()
        letter.state, letter.last_error = "failed", "550 no such user"
        session.commit()
    assert "550 no such user" in boss.get("/staff/letters?trouble=1").text


def test_more_than_a_page(app: Flask, boss: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cert_portal.cases.letterbook.PAGE", 1)
    monkeypatch.setattr("cert_portal.cases.queue.PAGE", 1)
    first, second = report(app), report(app)
    assert "before=2" in boss.get("/staff/letters").text
    assert first in boss.get("/staff/letters?before=2").text
    ann = sign_in(app, "Ann", "analyst")
    assert "after=1" in ann.get("/staff/").text
    assert second in ann.get("/staff/?after=1").text


def test_the_open_cases_of_who_leaves_have_no_owner(app: Flask, boss: FlaskClient) -> None:
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, report(app))
    do(ann, f"/staff/cases/{case}/take")
    bob = add(app, "Bob", "analyst")
    page = f"/staff/people/{bob - 1}"
    said = do(boss, page, name="Ann", roles=["analyst", "editor"], active="y")
    assert "The account was changed.<" in said
    said = do(boss, page, name="Ann", roles=["analyst"])
    assert "1 open case of this person has no owner now; the desk finds it under Unassigned" in said
    sue = sign_in(app, "Sue", "supervisor")
    assert case in sue.get("/staff/queue/unassigned").text
    assert "Ann → Nobody" in sue.get(f"/staff/cases/{case}").text
    assert "The account was changed.<" in do(boss, page, name="Anna", roles=["analyst"])


@pytest.mark.parametrize(
    "change", [{"roles": ["analyst"]}, {"roles": ["auditor"], "active": "y"}, {"roles": ["operator"], "active": "y"}]
)
def test_the_only_person_of_a_restricted_case_stays(app: Flask, boss: FlaskClient, change: dict[str, object]) -> None:
    ann = sign_in(app, "Ann", "analyst")
    case = open_case(ann, report(app), restricted="y")
    bob = add(app, "Bob", "analyst")
    page = f"/staff/people/{bob - 1}"
    answer = boss.post(page, data={"name": "Ann", **change})
    assert answer.status_code == 422
    assert "Restricted cases that nobody else could open then: 1." in answer.text
    assert case not in answer.text
    check_places(answer.text)
    assert ann.get(f"/staff/cases/{case}").status_code == 200
    assert boss.post(page, data={"name": "Anna", "roles": ["supervisor"], "active": "y"}).status_code == 302
    with app.app_context():
        start_writing()
        session.add(CaseAccess(case_id=1, user_id=bob, reason="on duty"))
        session.commit()
    assert boss.post(page, data={"name": "Ann", **change}).status_code == 302


def test_incoming_mail_is_counted_from_two_sides(app: Flask) -> None:
    start_writing()
    with app.app_context():
        receipt = spool.store(b"Subject: waits", "fax")
        take_and_commit(spool.store(b"From: a@b.example\nMessage-ID: <1@b.example>\n\nx", "phishing"))
        with clock.turned_to(clock.now() + timedelta(minutes=30)):
            prove_balance()
    boss = sign_in(app, "Boss", "supervisor")
    page = boss.get("/staff/mail").text
    assert page.count(receipt) == 2
    assert "Phishing" in page
    assert "Does not add up" in page
    assert "do not add up" in boss.get("/staff/").text
    start_writing()
    with app.app_context():
        take_and_commit(receipt)
        with clock.turned_to(clock.now() + timedelta(minutes=31)):
            prove_balance()
    assert "do not add up" not in boss.get("/staff/").text


def test_text_messages_are_counted_and_listed(app: Flask, boss: FlaskClient) -> None:
    assert "No text message has been written yet" in boss.get("/staff/texts").text
    start_writing()
    with app.app_context():
        for number in range(51):
            post("text_received", "R26-000001-9", "85291234567", f"message {number}")
        session.query(OutgoingText).filter_by(id=51).one().last_error = "503"
        session.commit()
    page = boss.get("/staff/texts").text
    assert "…567" in page
    assert "85291234" not in page
    assert "message 5" not in page, "what was written, with the secret, is not shown"
    assert page.count("Waits to leave") == 50
    assert boss.get("/staff/texts?before=2").text.count("Waits to leave") == 1
    assert "No text message was refused" in boss.get("/staff/texts?trouble=1").text
    told = boss.get("/staff/mail").text
    assert "Text messages out" in told
    assert "text:50" in told, "nothing in the record says why it was written"
    check_places(told)


def test_the_keyboard_is_explained_to_who_reads_no_cases_too(boss: FlaskClient) -> None:
    for path in ("/staff/people", "/staff/settings", "/staff/settings/templates"):
        page = boss.get(path).text
        assert "data-shows-keys" in page
        assert "<kbd>Ctrl-Enter</kbd>" in page
        assert 'id="q"' not in page
