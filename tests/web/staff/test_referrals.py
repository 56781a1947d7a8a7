"""Referrals at the desk: proposal, letter before it leaves, consent, sealing, what came back, the list with clocks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.coordination import later, service
from cert_portal.coordination.answers import Told
from cert_portal.coordination.models import Referral
from cert_portal.coordination.workflow import State, Verb
from cert_portal.core import blobs, clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import contacts
from cert_portal.directory.parties import Contact
from cert_portal.intake import consents
from cert_portal.intake.models import Report
from tests.directory.parties import contact, party
from tests.web.staff.desk import NOW, add, check_places, do, open_case, refused, report, sign_in, unlocked

TEXT = "A page at https://www.harbour.example/login on 203.0.113.7; also http://nobody.example/x"


@pytest.fixture
def parties(app: Flask) -> dict[str, int]:
    start_writing()
    with app.app_context():
        host = party()
        contact(host)
        police = party(kind="police", body="police", name_en="Police desk", asns=[], prefixes=[], domains=[])
        contact(police, role="duty", email="duty@police.example", must_encrypt=True)
        bare = party(kind="vendor", name_en="Vendor", asns=[], prefixes=[], domains=[])
        session.commit()
        return {"host": host.id, "police": police.id, "bare": bare.id}


@pytest.fixture
def case(app: Flask, ann: FlaskClient, parties: dict[str, int]) -> str:
    return open_case(ann, report(app, TEXT, consents=["isp"]), title="<script>x</script> bank")


def prepare(client: FlaskClient, case: str, organisation: int) -> str:
    answer = client.post(f"/staff/cases/{case}/refer", data={"organisation": str(organisation)})
    assert answer.status_code == 302, answer.text
    return answer.location.rpartition("/")[2]


def one(app: Flask) -> Referral:
    with app.app_context():
        return session.query(Referral).one()


def test_from_the_case_to_the_outbox(app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]) -> None:
    page = ann.get(f"/staff/cases/{case}").text
    assert "Not passed on to anybody yet" in page
    assert "<script>x" not in page
    choose = ann.get(f"/staff/cases/{case}/refer").text
    assert "Harbour Hosting" in choose
    assert "203[.]0[.]113[.]7 is in 203[.]0[.]113[.]0/24." in choose
    assert "hxxp://nobody[.]example/x" in choose
    assert "Police desk" in choose
    check_places(choose)
    number = prepare(ann, case, parties["host"])
    page = ann.get(f"/staff/referrals/{number}").text
    assert "abuse@harbour.example" in page
    assert "signed, not encrypted" in page
    assert "hxxps://www[.]harbour[.]example/login" in page
    assert "Every reporter of the case allowed it" in page
    assert "nobody[.]example" in page
    check_places(page)
    sent = ann.post(f"/staff/referrals/{number}/send")
    assert sent.status_code == 302
    page = ann.get(sent.location).text
    assert "The letter is in the outbox." in page
    assert "The letter as it left" in page
    again = ann.post(f"/staff/referrals/{number}/send")
    assert again.status_code == 422
    assert "somebody else has just sent it" in again.text
    with app.app_context():
        assert session.query(Letter).filter_by(about=number).count() == 1
    page = ann.get(f"/staff/cases/{case}").text
    assert number in page
    assert "Case referred" in page
    assert "Request to a party to stop it" in page
    assert ann.get(f"/staff/search?q={number.lower()}").location == f"/staff/referrals/{number}"


def test_the_letter_is_changed_and_shown_again(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    number = prepare(ann, case, parties["host"])
    here = f"/staff/referrals/{number}"
    with app.app_context():
        person = str(session.query(Contact).filter_by(email="abuse@harbour.example").one().id)
    told: dict[str, object] = {
        "contact": person,
        "purpose": "takedown",
        "language": "zh-hant",
        "tlp": "TLP:GREEN",
        "note": "<b>請看</b>",
    }
    told |= {"values": ["0", "99", "x"], "deadline": "2026-05-06"}
    assert ann.post(f"{here}/change", data=told).status_code == 302
    page = ann.get(here).text
    assert "請協助制止" in page
    assert "&lt;b&gt;請看&lt;/b&gt;" in page
    assert "TLP:GREEN" in page
    assert one(app).observables == [["domain", "www.harbour.example"]]
    assert ann.post(f"{here}/change", data={**told, "tlp": "x"}).status_code == 422
    assert "Choose a label" in ann.post(f"{here}/change", data={**told, "tlp": ""}).text
    assert "Choose a letter" in ann.post(f"{here}/change", data={"contact": ""}).text


def test_red_and_a_party_without_contact_cannot_be_sent(ann: FlaskClient, case: str, parties: dict[str, int]) -> None:
    here = f"/staff/referrals/{prepare(ann, case, parties['bare'])}"
    page = ann.get(here).text
    assert "no contact in use with an e-mail address" in page
    assert "Chosen by hand" in page
    told = {"contact": "", "purpose": "inform", "language": "en", "tlp": "TLP:RED"}
    assert ann.post(f"{here}/change", data=told).status_code == 302
    assert "TLP:RED never leaves by mail" in ann.get(here).text
    assert ann.post(f"{here}/send").status_code == 422


def test_consent_is_asked_recorded_and_then_the_key_is_missing(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    here = f"/staff/referrals/{prepare(ann, case, parties['police'])}"
    page = ann.get(here).text
    assert "allow that the case is passed to the police" in page
    assert "Consent is missing" in ann.post(f"{here}/send").text
    assert "Enter who agreed" in ann.post(f"{here}/consent", data={}).text
    assert "cannot lie in the future" in ann.post(f"{here}/consent", data={"who": "x", "when": "2099-01-01T10:00"}).text
    assert ann.post(f"{here}/consent", data={"who": "x", "when": "yesterday"}).status_code == 422
    recorded = ann.post(f"{here}/consent", data={"who": "Ms Chan, director", "when": "2026-05-04T10:00"})
    assert recorded.status_code == 302
    page = ann.get(here).text
    assert "Recorded: Ms Chan, director, 4 May 2026 10:00 (HKT)" in page
    assert "Hold it until there is a key" in page
    assert "the contact demands encryption" in page
    held = ann.post(f"{here}/send")
    page = ann.get(held.location).text
    assert "Nothing left" in page
    assert "Held, nothing left: the contact has no key." in page
    assert one(app).state == "held"
    with app.app_context():
        assert session.query(Letter).filter(Letter.name.startswith("referral")).count() == 0


@pytest.mark.parametrize(("language", "said"), [("en", "withdrew the consent"), ("zh-hant", "撤回")])
def test_a_withdrawn_consent_is_told_wherever_the_case_is_passed_on(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int], language: str, said: str
) -> None:
    number = prepare(ann, case, parties["host"])
    start_writing()
    with app.app_context():
        told = session.query(Report).one()
        consents.withdraw(told)
        session.commit()
        report_number = told.number
    reader = sign_in(app, "Bob", "analyst", language=language)
    for path in (f"cases/{case}", f"cases/{case}/refer", f"referrals/{number}", f"reports/{report_number}"):
        assert said in reader.get(f"/staff/{path}").text, path
    assert ann.post(f"/staff/referrals/{number}/send").status_code == 422


def test_what_came_back_is_on_the_page_of_the_case(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    number = prepare(ann, case, parties["host"])
    here = f"/staff/referrals/{number}"
    ann.post(f"{here}/send")
    start_writing()
    with app.app_context():
        found = session.query(Referral).one()
        service.by_page(found, Verb.ANSWER, Told("<i>off</i>", "T-77", [("log.txt", b"lines")]))
        session.commit()
    page = ann.get(f"/staff/cases/{case}").text
    for word in ("Answered", "T-77", "&lt;i&gt;off&lt;/i&gt;", "Answer of the party"):
        assert word in page, word
    page = ann.get(here).text
    (file,) = re.findall(rf"{here}/files/\d+", page)
    got = ann.get(file)
    assert (unlocked(got.data), got.headers["Content-Type"]) == (b"lines", "application/zip")
    with app.app_context():
        blobs.delete(session.query(Referral).one().files[0].blob_key)
    assert ann.get(file).status_code == 404
    assert ann.get(f"{here}/files/999").status_code == 404
    assert ann.post(f"{here}/said", data={"verb": "resolve"}).status_code == 422
    assert ann.post(f"{here}/said", data={"said": "x"}).status_code == 422
    assert ann.post(f"{here}/said", data={"verb": "resolve", "said": "It is over"}).status_code == 302
    assert one(app).state == State.RESOLVED
    assert "They say that it is over" not in ann.get(f"/staff/cases/{case}").text
    assert "noted by the desk" in ann.get(here).text


def test_said_before_it_was_sent_is_refused(ann: FlaskClient, case: str, parties: dict[str, int]) -> None:
    here = f"/staff/referrals/{prepare(ann, case, parties['host'])}"
    refused = ann.post(f"{here}/said", data={"verb": "resolve", "said": "x"})
    assert refused.status_code == 422


def test_the_link_is_revoked_and_a_draft_thrown_away(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    here = f"/staff/referrals/{prepare(ann, case, parties['host'])}"
    ann.post(f"{here}/send")
    assert ann.post(f"{here}/revoke").status_code == 302
    assert "The link was revoked" in ann.get(here).text
    assert ann.post(f"{here}/drop").status_code == 422
    other = f"/staff/referrals/{prepare(ann, case, parties['bare'])}"
    assert ann.post(f"{other}/drop").location == f"/staff/cases/{case}"
    assert ann.get(other).status_code == 404


def test_a_party_must_be_chosen_and_the_case_open(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    for told in ("", "x", "99999"):
        page = ann.post(f"/staff/cases/{case}/refer", data={"organisation": told})
        assert "Choose a party from the directory" in page.text
        check_places(page.text)
    ann.post(f"/staff/cases/{case}/move", data={"verb": "dismiss", "outcome": "no_incident", "reason": "x"})
    page = ann.post(f"/staff/cases/{case}/refer", data={"organisation": str(parties["host"])})
    assert "The case is closed" in page.text


def test_the_list_shows_clocks(app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]) -> None:
    assert "No referral is open" in ann.get("/staff/referrals").text
    number = prepare(ann, case, parties["host"])
    ann.post(f"/staff/referrals/{number}/send")
    page = ann.get("/staff/referrals").text
    assert number in page
    assert "left" in page
    with clock.turned_to(clock.now() + timedelta(days=9)):
        fresh = sign_in(app, "Bob", "analyst").get("/staff/referrals?view=waiting").text
        assert "overdue by" in fresh
    assert "No referral is over yet" in ann.get("/staff/referrals?view=over").text
    assert ann.get("/staff/referrals?view=moon").status_code == 404
    assert ann.get("/staff/referrals?after=9").status_code == 200


def test_an_operator_reads_and_does_not_refer(app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]) -> None:
    number = prepare(ann, case, parties["host"])
    operator = sign_in(app, "Opal", "operator")
    page = operator.get(f"/staff/referrals/{number}").text
    assert "Save and show the letter" not in page
    assert operator.get(f"/staff/cases/{case}/refer").status_code == 403
    assert "Refer this case" not in operator.get(f"/staff/cases/{case}").text


def test_a_held_letter_shows_why_in_the_list_of_letters(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    number = prepare(ann, case, parties["host"])
    ann.post(f"/staff/referrals/{number}/send")
    boss = sign_in(app, "Carol", "supervisor")
    assert f"/staff/referrals/{number}" in boss.get("/staff/letters").text
    ann.post(f"/staff/cases/{case}/restrict", data={"why": "the press asks"})
    assert number not in boss.get("/staff/letters").text
    add(app, "Zoe", "analyst")
    start_writing()
    with app.app_context():
        assert contacts.belongs(parties["host"], "abuse@harbour.example")


def test_a_held_letter_says_what_to_do_and_an_old_link_that_it_is_over(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    here = f"/staff/referrals/{prepare(ann, case, parties['police'])}"
    ann.post(f"{here}/consent", data={"who": "Ms Chan, director"})
    ann.post(f"{here}/send")
    page = ann.get(here).text
    assert "Give the contact a usable key in the directory" in page
    assert "Hold it until there is a key" not in page, "a button that does nothing"
    sent = f"/staff/referrals/{prepare(ann, case, parties['host'])}"
    ann.post(f"{sent}/send")
    assert "Valid until" in ann.get(sent).text
    start_writing()
    with app.app_context():
        session.query(Referral).filter(Referral.sent_at.is_not(None)).one().link_expires_at = clock.now()
        session.commit()
    page = ann.get(sent).text
    assert "The link was valid until" in page
    assert "Revoke the link" not in page


def test_a_referral_is_dated_seen_and_called_off(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    with clock.turned_to(NOW):
        number = prepare(ann, case, parties["host"])
        path = f"/staff/referrals/{number}"
        assert "Next working morning · 5 May 2026 09:00 (HKT)" in ann.get(path).text
        page = do(ann, f"{path}/later", when="next_morning")
        assert "The letter will leave at 5 May 2026 09:00 (HKT)" in page
        assert "Do not let it leave by itself" in page
        assert "Referral dated for later" in page
        check_places(page)
        assert "Leaves at:" in ann.get(f"/staff/cases/{case}").text
        assert "Leaves at:" in ann.get("/staff/referrals").text
        assert "must lie in the future" in refused(ann, f"{path}/later", leaves_at="2026-05-01T09:00")
        page = refused(ann, f"{path}/later", leaves_at="soon")
        assert "Enter a day and a time like 2026-05-04 09:00" in page
        assert 'value="soon"' in page
        page = do(ann, f"{path}/later", leaves_at="2026-05-06T15:30")
        assert "6 May 2026 15:30 (HKT)" in page
        page = do(ann, f"{path}/later/cancel")
        assert "The letter will not leave by itself." in page
        assert "Do not let it leave by itself" not in page
        assert "The letter has left in the meantime" in do(ann, f"{path}/later/cancel")


def test_a_referral_that_did_not_leave_says_why(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    with clock.turned_to(NOW):
        path = f"/staff/referrals/{prepare(ann, case, parties['host'])}"
        do(ann, f"{path}/later", when="next_morning")
        do(ann, f"/staff/cases/{case}/tlp", tlp="TLP:RED", why="names a source")
    start_writing()
    with app.app_context(), clock.turned_to(NOW):
        later.look_at(later.waiting()[0])
        session.commit()
    page = ann.get(path).text
    assert "Did not leave" in page
    assert "Referral for later did not leave" in page
    assert "bears TLP:RED instead of TLP:AMBER" in page
    assert "A letter did not leave or did not arrive" in ann.get("/staff/notices").text
    assert "TLP:RED never leaves by mail" in refused(ann, f"{path}/later", when="next_morning")
    assert "Did not leave" not in do(ann, f"{path}/later/cancel")


def test_two_who_change_one_referral_do_not_overwrite_each_other(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    bob = sign_in(app, "Bob", "analyst")
    path = f"/staff/referrals/{prepare(ann, case, parties['host'])}"
    seen = re.findall(r'name="seen" value="([^"]+)"', ann.get(path).text)[0]
    told = {"contact": "", "purpose": "takedown", "language": "en", "tlp": "TLP:AMBER", "seen": seen}
    do(bob, f"{path}/change", **told, note="Words of Bob")
    page = refused(ann, f"{path}/change", **told, note="Words of Ann")
    assert "Somebody changed the letter while you were writing" in page
    assert "Words of Bob" in page.partition("staff-original")[2].partition("</div>")[0]
    assert "Words of Ann" in page.partition("<textarea")[2]
    again = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    assert "Words of Ann" in do(ann, f"{path}/change", **{**told, "seen": again}, note="Words of Ann")


def test_the_case_says_that_the_answer_of_the_party_is_due_next(
    app: Flask, ann: FlaskClient, case: str, parties: dict[str, int]
) -> None:
    def tells(clock: str, page: str) -> bool:
        return f"{clock}: " in page or f'<span class="staff-quiet">{clock}</span>' in page

    pages = (f"/staff/cases/{case}", "/staff/queue/team", "/staff/search?q=bank")
    for path in pages:
        assert tells("First answer", ann.get(path).text)
    do(ann, f"/staff/cases/{case}/write", to=_report_of(app), subject="x", letter="y", do="send")
    for path in pages:
        assert not tells("First answer", ann.get(path).text)
    number = prepare(ann, case, parties["host"])
    assert not tells("Answer to a referral", ann.get(pages[0]).text)
    ann.post(f"/staff/referrals/{number}/send")
    for path in pages:
        assert tells("Answer to a referral", ann.get(path).text)
    with clock.turned_to(clock.now() + timedelta(days=9)):
        fresh = sign_in(app, "Bob", "analyst")
        for path in pages:
            assert not tells("Answer to a referral", fresh.get(path).text)


def _report_of(app: Flask) -> str:
    with app.app_context():
        return session.query(Report).one().number
