"""Beside the original: suggestions, fields that are set right, and what is not for us."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import outbox
from cert_portal.directory import networks, organisations
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.intake.models import Report
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in


def known(app: Flask) -> None:
    """Organisations and a network of the directory."""
    start_writing()
    with app.app_context():
        organisations.add(OrganisationTold("member", "Victim Ltd", domains=["victim.example"]), "system")
        told = OrganisationTold("hosting", "Harbour Hosting", asns=["64500"], prefixes=["192.0.2.0/24"])
        organisations.add(told, "system")
        organisations.add(OrganisationTold("hosting", "Page Hosting", domains=["pages.example"]), "system")
        session.flush()
        list(networks.load(["198.51.100.0\t24\t64500"], networks.Format.PFX2AS, "system"))
        session.commit()


def test_each_suggestion_has_a_reason_and_is_taken_over_by_one_press(app: Flask, ann: FlaskClient) -> None:
    known(app)
    open_case(ann, report(app))
    path = f"/staff/reports/{report(app, kind='not_sure', personal_data='yes')}"
    page = ann.get(path).text
    check_places(page)
    assert "1 case with the same bad[.]example is of this kind" in page
    assert "victim.example is the domain of this organisation in the directory" in page
    for what in ("kind", "level", "organisation"):
        page = do(ann, f"{path}/suggestion", what=what)
        assert "The suggestion was taken over." in page
    assert "Suggestions" not in page
    assert "Suggested level taken over" in page
    assert "Fields set right" in page
    assert "no longer holds" in refused(ann, f"{path}/suggestion", what="kind")
    answer = ann.post(f"{path}/open", data={"title": "A leak", "kind": "phishing"})
    assert "Level 3" in ann.get(answer.location).text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The computer 192.0.2.7 attacks us", "192[.]0[.]2[.]7 lies in its network 192.0.2.0/24 in the directory"),
        ("The computer 198.51.100.7 attacks us", "198[.]51[.]100[.]7 belongs to its AS64500 in the directory"),
        ("See https://a.pages.example/x", "a[.]pages[.]example/x lies under its domain pages.example in the directory"),
        ("All files are encrypted, they ask a ransom of 2 BTC", "the text names: ransom · encrypted · a sum of money"),
    ],
)
def test_reasons_in_words(app: Flask, ann: FlaskClient, text: str, reason: str) -> None:
    known(app)
    assert reason in ann.get(f"/staff/reports/{report(app, text, kind='not_sure')}").text


def test_nearly_the_same_words_in_words(app: Flask, ann: FlaskClient) -> None:
    text = "They called and said that I had won a prize of the spring fair and must pay a fee before the evening today"
    open_case(ann, report(app, text))
    page = ann.get(f"/staff/reports/{report(app, text, kind='not_sure')}").text
    assert "1 case that says nearly the same is of this kind" in page


def test_fields_are_set_right_beside_the_original(app: Flask, ann: FlaskClient) -> None:
    path = f"/staff/reports/{report(app)}"
    told = {"edit-title": "False page", "edit-kind": "malware", "edit-name": "Rita Chan"}
    told["edit-email"] = "rita@chan.example"
    page = do(ann, f"{path}/edit", **told)
    assert "The fields were set right." in page
    assert "Phishing → Malware" in page
    assert "rita@victim.example → rita@chan.example" in page
    assert "Nothing was changed." in do(ann, f"{path}/edit", **told)
    moved = do(ann, f"{path}/edit", **told, **{"edit-origin": "overseas"})
    assert "From Hong Kong → From outside Hong Kong" in moved
    assert "Enter an e-mail address like" in refused(ann, f"{path}/edit", **{**told, "edit-email": "nobody"})
    assert "False page" in ann.get("/staff/search?q=chan.example").text


def fields(page: str) -> dict[str, str]:
    """What the form for the fields of a report would send as it stands."""
    part = page.partition('/edit" data-holds')[2].partition("</form>")[0]
    told = dict(re.findall(r'name="(was-[a-z]+)" value="([^"]*)"', part))
    told |= dict(re.findall(r'name="(edit-[a-z]+)"[^>]*? value="([^"]*)"', part))
    for name, rest in re.findall(r'<select[^>]*name="(edit-[a-z]+)"(.*?)</select>', part, re.DOTALL):
        told[name] = next(iter(re.findall(r'value="([^"]*)" selected', rest)), "")
    return told


def test_an_older_page_does_not_put_back_what_a_colleague_set_right(app: Flask, ann: FlaskClient) -> None:
    path, ben = f"/staff/reports/{report(app)}", sign_in(app, "Ben", "analyst")
    hers, his = fields(ann.get(path).text), fields(ben.get(path).text)
    do(ann, f"{path}/edit", **{**hers, "edit-kind": "malware", "edit-email": "new@victim.example"})
    page = do(ben, f"{path}/edit", **{**his, "edit-title": "Bens title"})
    now = fields(page)
    assert (now["edit-kind"], now["edit-email"], now["edit-title"]) == ("malware", "new@victim.example", "Bens title")
    told = {**his, "edit-kind": "ddos", "edit-name": "Rita Chan", "edit-origin": "overseas"}
    assert ann.post(f"{path}/edit", data={**now, "edit-origin": "proactive"}).status_code == 302
    page = refused(ben, f"{path}/edit", **told)
    assert "Somebody set the same fields right while you were writing." in page
    assert "It reads now: <strong>Malware" in page
    assert "We found it ourselves</strong>" in page
    again = fields(page)
    assert (again["edit-kind"], again["edit-name"]) == ("ddos", "Rita Chan"), "his words stand"
    assert (again["edit-email"], again["was-kind"]) == ("new@victim.example", "malware")
    wrong = fields(refused(ben, f"{path}/edit", **{**his, "edit-email": "nobody"}))
    assert wrong["was-kind"] == his["was-kind"], "what is put right in the form still counts against the first page"
    now = fields(do(ben, f"{path}/edit", **again))
    assert (now["edit-kind"], now["edit-name"], now["edit-origin"]) == ("ddos", "Rita Chan", "overseas")


def test_what_is_not_for_us_is_refused_with_the_prepared_letter(app: Flask, ann: FlaskClient) -> None:
    path = f"/staff/reports/{report(app)}"
    page = ann.get(f"{path}/not-for-us").text
    check_places(page)
    assert "We cannot handle your report" in page
    page = do(ann, f"{path}/refuse", reason="outside_remit", subject="Not for us", letter="We cannot handle it")
    assert "Outside what we handle" in page
    assert "Not for us" in page
    page = ann.get(f"/staff/reports/{report(app, email='')}/not-for-us").text
    assert "You may read this out on the telephone:" in page


def test_the_desk_sets_the_language_of_letters(app: Flask, ann: FlaskClient) -> None:
    number = report(app)
    told = {"edit-kind": "phishing", "edit-title": "A page", "edit-origin": "local", "edit-language": "zh-hant"}
    assert ann.post(f"/staff/reports/{number}/edit", data=told).status_code == 302
    page = ann.get(f"/staff/reports/{number}").text
    assert "Language of our letters set right" in page
    letter = {"subject": "Your report", "letter": "Thank you {reporter}", "do": "look"}
    assert "先生" in ann.post(f"/staff/reports/{number}/write", data=letter).text or "中文" in page
    with app.app_context():
        assert session.query(Report).one().language == "zh-hant"


def test_what_shares_something_and_is_in_a_case_leads_into_that_case(app: Flask, ann: FlaskClient) -> None:
    first, waiting, mine = (report(app, f"{word} https://bad.example/login", email="") for word in ("a", "b", "c"))
    case = open_case(ann, first)
    page = ann.get(f"/staff/reports/{mine}").text
    check_places(page)
    together, _, joined = page.partition("In a case already, sharing something with this one")
    assert waiting in together.partition("One case together with")[2]
    assert first not in together.partition("One case together with")[2]
    assert f"Join {case}" in joined
    assert page.count(f"Join {case}") == 1
    assert mine in do(ann, f"/staff/reports/{mine}/attach", proposed=case)


def test_a_label_that_only_the_text_names_is_proposed_and_a_person_can_set_it(app: Flask, ann: FlaskClient) -> None:
    number = report(app, "This is TLP:RED, between us: https://bad.example/login")
    path = f"/staff/reports/{number}"
    assert "the text names TLP:RED" in ann.get(path).text
    page = do(ann, f"{path}/suggestion", what="restriction")
    assert "– → TLP:RED" in page
    assert "the text names TLP:RED" not in page
    letter = {"subject": "Re: [TLP:RED] page", "letter": "We look into it.", "do": "send"}
    assert "TLP:RED" in refused(ann, f"{path}/write", **letter)
    page = do(ann, f"{path}/edit", **{**fields(page), "edit-restriction": "TLP:GREEN"})
    assert "TLP:RED → TLP:GREEN" in page
    assert "the text names" not in page, "a person decided"
    assert "The subject says TLP:RED" in refused(ann, f"{path}/write", **letter)
    do(ann, f"{path}/write", **{**letter, "subject": "Re: page"})
    with app.app_context():
        [sent] = outbox.about([number])[-1:]
        assert sent.subject == f"[{number}] [TLP:AMBER] Re: page"


def test_two_people_set_the_label_of_a_report(app: Flask, ann: FlaskClient) -> None:
    path, ben = f"/staff/reports/{report(app)}", sign_in(app, "Ben", "analyst")
    hers, his = fields(ann.get(path).text), fields(ben.get(path).text)
    do(ann, f"{path}/edit", **{**hers, "edit-restriction": "TLP:RED"})
    page = refused(ben, f"{path}/edit", **{**his, "edit-restriction": "TLP:GREEN"})
    assert "It reads now: <strong>TLP:RED" in page.replace("&nbsp;", " ")


def test_a_typed_title_turns_no_direction(app: Flask, ann: FlaskClient) -> None:
    number = report(app, "invoice \u202efdp.exe", name="Rita \u2067Chan")
    page = ann.get(f"/staff/reports/{number}").text
    assert "invoice fdp.exe</h1>" in page
    assert "Rita Chan" in page
    case = open_case(ann, number, title="see \u202efdp.exe")
    assert "see fdp.exe" in ann.get(f"/staff/cases/{case}").text
