"""The directory pages: list, look-up with its reasons, add, change, keys; who may do what."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core.db import session, start_writing
from cert_portal.directory import networks, organisations
from cert_portal.directory.networks import Format
from cert_portal.directory.parties import Contact, Organisation, PartyKey
from tests.directory.parties import Outside, contact, party
from tests.web.staff.desk import check_places, sign_in

FORM = {
    "kind": "hosting",
    "name_en": "<i>Harbour</i> Hosting",
    "name_zh_hant": "維港寄存",
    "country": "hk",
    "asns": "AS64500, 64501",
    "prefixes": "203.0.113.0/24\n198.51.100.0/24",
    "domains": "harbour.example",
    "active": "y",
}
PERSON = {"role": "abuse", "email": "abuse@harbour.example", "tlp": "TLP:AMBER", "format": "text", "active": "y"}


@pytest.fixture
def owner(app: Flask) -> int:
    start_writing()
    with app.app_context():
        row = party(asns=[], fictional=True)
        contact(row)
        session.commit()
        for _done in networks.load(["192.0.2.0\t24\t64510"], Format.PFX2AS, "system"):
            session.commit()
        return row.id


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    return sign_in(app, "Carol", "supervisor")


def test_the_list_is_found_filtered_and_marked(boss: FlaskClient, owner: int) -> None:
    page = boss.get("/staff/directory/").text
    assert "Harbour Hosting" in page
    assert "Fictional" in page
    assert "Harbour Hosting" in boss.get("/staff/directory/?find=harbour&kind=hosting").text
    assert "No organisation fits" in boss.get("/staff/directory/?kind=police").text
    assert "made up" in boss.get(f"/staff/directory/organisations/{owner}").text
    check_places(page)


def test_an_empty_directory_says_what_to_do(boss: FlaskClient) -> None:
    assert "The directory is empty" in boss.get("/staff/directory/").text


def test_a_long_list_has_pages(boss: FlaskClient, owner: int, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    start_writing()
    with app.app_context():
        party(name_en="Another & Sons", asns=[], prefixes=[], domains=[], active=False)
        session.commit()
    monkeypatch.setattr(organisations, "PAGE", 1)
    page = boss.get("/staff/directory/").text
    assert "Harbour" not in page
    assert "after=another+%26+sons" in page
    assert "Harbour" in boss.get("/staff/directory/?after=another+%26+sons").text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("203.0.113.7", ("203.0.113.7 is in 203.0.113.0/24.", "203.0.113.0/24 is of Harbour Hosting.", "Abuse desk")),
        ("192.0.2.1", ("announced by AS64510", "Nobody is known for AS64510", "Nobody in the directory")),
        ("hxxps://www.harbour[.]example/x", ("lies below harbour.example, which is of Harbour Hosting",)),
        ("<script>alert(1)</script>", ("&lt;script&gt;", "is no address")),
    ],
)
def test_who_answers_and_why(boss: FlaskClient, owner: int, asked: str, told: tuple[str, ...]) -> None:
    page = boss.get("/staff/directory/look-up", query_string={"for": asked})
    for each in told:
        assert each in page.text, each
    assert "<script>alert" not in page.text


def test_a_look_up_of_nothing_leads_back(boss: FlaskClient) -> None:
    assert boss.get("/staff/directory/look-up?for=+").location == "/staff/directory/"


def test_the_chain_in_chinese(app: Flask, owner: int) -> None:
    page = sign_in(app, "Mei", "analyst", language="zh-hant").get("/staff/directory/look-up?for=203.0.113.7").text
    assert "203.0.113.7 在 203.0.113.0/24 之內。" in page
    assert "維港寄存" in page


def test_an_organisation_and_its_contacts_are_added_and_changed(app: Flask, boss: FlaskClient) -> None:
    assert "Choose a kind" in boss.post("/staff/directory/add", data={}).text
    made = boss.post("/staff/directory/add", data=FORM)
    assert made.status_code == 302
    page = boss.get(made.location).text
    assert "&lt;i&gt;Harbour&lt;/i&gt; Hosting" in page
    assert "No contact yet" in page
    assert "198.51.100.0/24" in page
    number = made.location.rpartition("/")[2]
    edit = boss.get(f"/staff/directory/organisations/{number}/edit").text
    assert "64500\n64501" in edit
    changed = boss.post(f"/staff/directory/organisations/{number}/edit", data={**FORM, "sector": "hosting"})
    assert changed.status_code == 302
    add = f"/staff/directory/organisations/{number}/contacts/add"
    assert "Abuse desk" in boss.get(add).text
    assert boss.post(add, data={}).status_code == 422
    refused = boss.post(add, data={"role": "abuse"})
    assert "Enter an e-mail address or a telephone number" in refused.text
    check_places(refused.text)
    assert boss.post(add, data=PERSON).status_code == 302
    with app.app_context():
        person = session.query(Contact).one().id
    here = f"/staff/directory/contacts/{person}"
    assert 'value="abuse@harbour.example"' in boss.get(f"{here}/edit").text
    assert boss.post(f"{here}/edit", data={"role": "moon"}).status_code == 422
    assert "like name@example.com" in boss.post(f"{here}/edit", data={**PERSON, "email": "x"}).text
    told = {**PERSON, "service_level": "8x5xNBD", "languages": "zh-hant en", "verified_on": "2020-01-01"}
    assert boss.post(f"{here}/edit", data=told).status_code == 302
    page = boss.get(made.location).text
    assert "8 × 5, next working day" in page
    assert "Stale: verify it" in page
    assert boss.post(f"{here}/verified").status_code == 302
    page = boss.get(made.location).text
    assert "Stale: verify it" not in page
    assert "Contact verified" in page


def test_refusals_name_their_place(boss: FlaskClient, owner: int) -> None:
    page = boss.post("/staff/directory/add", data={**FORM, "name_en": "Other", "prefixes": "203.0.113.0/24"})
    assert page.status_code == 422
    assert 'href="#prefixes"' in page.text
    assert "belongs to another organisation: 203.0.113.0/24" in page.text
    assert 'value="Other"' in page.text
    check_places(page.text)
    here = f"/staff/directory/organisations/{owner}/edit"
    assert 'href="#domains"' in boss.post(here, data={**FORM, "domains": "no domain!"}).text
    assert boss.post(here, data={**FORM, "kind": "pirate"}).status_code == 422


def test_a_key_is_pasted(app: Flask, boss: FlaskClient, owner: int, home: Path, request: pytest.FixtureRequest) -> None:
    outside = Outside(home / f"outside-page-{request.node.callspec.id}")
    here = f"/staff/directory/organisations/{owner}/keys"
    assert boss.post(here, data={}).status_code == 422
    refused = boss.post(here, data={"key": "-----BEGIN PGP PRIVATE KEY BLOCK-----"})
    assert "holds a private key" in refused.text
    check_places(refused.text)
    assert boss.post(here, data={"key": outside.public}).status_code == 302
    page = boss.get(f"/staff/directory/organisations/{owner}").text
    assert outside.fingerprint in page
    assert "Usable" in page
    with app.app_context():
        assert session.query(PartyKey).one().organisation_id == owner
        assert session.query(Organisation).count() == 1


def test_reading_is_not_managing(app: Flask, owner: int) -> None:
    client = sign_in(app, "Ann", "analyst")
    page = client.get(f"/staff/directory/organisations/{owner}").text
    assert "Add a contact" not in page
    assert client.get("/staff/directory/add").status_code == 403
    assert client.get("/staff/directory/organisations/99999").status_code == 404


def fields(page: str) -> dict[str, str]:
    """The boxes of a form as a browser would send them, but those with several lines."""
    told = re.findall(r'<input class="govuk-input[^"]*" id="\w+" name="(\w+)" type="\w+" value="([^"]*)"', page)
    told += re.findall(r'<input type="hidden" name="(was-\w+)" value="([^"]*)"', page)
    chosen = re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    told += [(name, found[1]) for name, box in chosen if (found := re.search(r'value="([^"]*)" selected', box))]
    boxes = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    ticks = re.findall(r'name="(\w+)" type="checkbox" value="(\w+)" checked', page)
    return {name: html.unescape(value) for name, value in (*told, *boxes, *ticks)}


def test_an_older_page_does_not_put_back_what_a_colleague_changed(app: Flask, boss: FlaskClient, owner: int) -> None:
    root, here = sign_in(app, "Root", "admin"), f"/staff/directory/organisations/{owner}"
    hers, his = fields(boss.get(f"{here}/edit").text), fields(root.get(f"{here}/edit").text)
    assert hers["domains"] == "harbour.example"
    assert boss.post(f"{here}/edit", data={**hers, "note": "Ask at night", "country": "SG"}).status_code == 302
    assert root.post(f"{here}/edit", data={**his, "name_zh_hant": "維港"}).status_code == 302
    page = boss.get(here).text
    for told in ("Ask at night", "維港", "SG", "harbour.example"):
        assert told in page
    changed = {**his, "note": "Ask by day", "reach": "national", "kind": "isp"}
    del changed["active"]
    refused = root.post(f"{here}/edit", data=changed)
    assert (refused.status_code, "Nothing was saved yet" in refused.text) == (422, True)
    assert "Note: It reads now: <strong>Ask at night</strong>" in refused.text
    assert "Kind: " not in refused.text, "nobody else changed it"
    check_places(refused.text)
    again = fields(refused.text)
    assert (again["note"], again["was-note"], again["country"]) == ("Ask by day", "Ask at night", "SG")
    assert root.post(f"{here}/edit", data=again).status_code == 302
    assert "Ask by day" in boss.get(here).text


def test_an_older_page_of_a_contact_does_not_put_back_either(app: Flask, boss: FlaskClient, owner: int) -> None:
    root = sign_in(app, "Root", "admin")
    with app.app_context():
        here = f"/staff/directory/contacts/{session.query(Contact).one().id}/edit"
    page = boss.get(here).text
    hers, his = fields(page), fields(root.get(here).text)
    changed = {**hers, "telephone": "+852 2345 6789", "role": "security", "preferred": "y", "verified_on": ""}
    assert boss.post(here, data=changed).status_code == 302
    assert root.post(here, data={**his, "covers": "All of it"}).status_code == 302
    now = fields(boss.get(here).text)
    assert (now["telephone"], now["covers"], now["role"], now["preferred"]) == (
        "+852 2345 6789",
        "All of it",
        "security",
        "y",
    )
    assert boss.post(here, data={**now, "telephone": "", "email": "x"}).status_code == 422
    old = {**his, "telephone": "+852 1111 1111", "role": "duty", "verified_on": "2026-01-01"}
    refused = root.post(here, data=old).text
    assert "Role: It reads now: <strong>Security team" in refused
    assert "Telephone: It reads now: <strong>+852 2345 6789" in refused
