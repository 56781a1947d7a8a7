"""Pages of letter templates, and a template taken into a letter."""

from __future__ import annotations

import json
import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cert_portal.cases import templates
from cert_portal.cases.wording import PREPARED
from cert_portal.core.db import session, start_writing
from cert_portal.core.i18n import Language
from cert_portal.core.mail.outbox import Letter
from tests.cases.test_templates import WORDS
from tests.web.staff.desk import check_places, do, open_case, refused, report, sign_in

PAGES = "/staff/settings/templates"


@pytest.fixture
def seeded(app: Flask) -> None:
    """The templates that come with the portal."""
    start_writing()
    with app.app_context():
        templates.seed()
        session.commit()


@pytest.fixture
def admin(app: Flask, seeded: None) -> FlaskClient:
    """An administrator."""
    return sign_in(app, "Ada", "admin")


def typed(**more: str) -> dict[str, str]:
    """What the form sends."""
    told = {f"{part}-{lang}": words for lang, side in WORDS.items() for part, words in side.items()}
    return {"short_name": "ask", **told, **more}


def test_a_template_is_added_looked_at_changed_and_put_back(admin: FlaskClient) -> None:
    assert "Ask for more information" in admin.get(PAGES).text
    assert 'id="text-zh-hant"' in admin.get(f"{PAGES}/new").text
    look = admin.post(f"{PAGES}/new", data=typed(do="look")).text
    assert '<mark class="staff-blank">[[what?]]</mark>' in look
    assert "Dear Chan Tai Man, about R26-000417-0" in look
    assert "陳大文" in look
    check_places(look)
    page = do(admin, f"{PAGES}/new", **typed())
    assert "The template is offered from now on." in page
    path = f"{PAGES}/" + re.findall(r"settings/templates/(\d+)/state", page)[0]
    assert (
        "Another subject" in admin.post(path, data=typed(do="look", seen="1", **{"subject-en": "Another subject"})).text
    )
    assert "The new wording is in use." in do(admin, path, **typed(seen="1", **{"subject-en": "Another subject"}))
    assert "Somebody has changed this template" in refused(admin, path, **typed(seen="1"))
    assert "Nothing was changed." in do(admin, path, **typed(seen="2", **{"subject-en": "Another subject"}))
    page = do(admin, path, seen="2", earlier="1")
    assert "Version 3" in page
    assert admin.post(path, data={"seen": "3", "earlier": "99"}).status_code == 400
    assert "not offered any longer" in do(admin, f"{path}/state", do="retire")
    assert "is offered from now on" in do(admin, f"{path}/state", do="restore")


def test_what_is_wrong_with_a_template_is_said_and_nothing_typed_is_lost(admin: FlaskClient) -> None:
    page = refused(admin, f"{PAGES}/new", **typed(short_name="Not good", **{"text-en": "Dear friend, a long text"}))
    assert "small letters, digits" in page
    assert "Dear friend, a long text" in page
    assert 'value="Not good"' in page
    assert "in both languages" in refused(admin, f"{PAGES}/new", **typed(**{"name-zh-hant": ""}))
    assert "friend" in refused(admin, f"{PAGES}/new", **typed(**{"text-en": "Dear {friend}"}))
    assert 'href="#text-zh-hant"' in refused(admin, f"{PAGES}/new", **typed(**{"text-zh-hant": "{friend}"}))
    page = refused(admin, f"{PAGES}/new", **typed(**{"subject-zh-hant": "[TLP:GREEN] 查詢"}))
    assert ("The subject names TLP:GREEN" in page, 'href="#subject-zh-hant"' in page) == (True, True)
    labelled = {"code": "ask", **WORDS, "en": {**WORDS["en"], "subject": "TLP:RED"}}
    told = {"format": templates.FORMAT, "templates": [labelled]}
    sent = (BytesIO(json.dumps(told).encode()), "templates.json")
    assert "The subject names TLP:RED" in refused(admin, f"{PAGES}/import", file=sent)
    assert admin.get(f"{PAGES}/999").status_code == 404


def test_the_file_leaves_and_comes_back(admin: FlaskClient) -> None:
    kept = json.loads(admin.get(f"{PAGES}.json").data)
    kept["templates"].append({"code": "ask", **WORDS})
    sent = (BytesIO(json.dumps(kept).encode()), "templates.json")
    assert "Templates added: 1, changed: 0" in do(admin, f"{PAGES}/import", file=sent)
    assert "no file of letter templates" in refused(admin, f"{PAGES}/import", file=(BytesIO(b"no"), "x.json"))
    assert "no file of letter templates" in refused(admin, f"{PAGES}/import")


def test_who_may_see_and_change_templates(app: Flask, seeded: None) -> None:
    supervisor, analyst = sign_in(app, "Sue", "supervisor"), sign_in(app, "Ann", "analyst")
    page = supervisor.get(f"{PAGES}/1").text
    assert "Ask for more information" in page
    assert "<textarea" not in page
    assert supervisor.post(f"{PAGES}/1", data=typed(seen="1")).status_code == 403
    assert analyst.get(PAGES).status_code == 403


def test_a_prepared_letter_is_changed_like_any_other(app: Flask, seeded: None) -> None:
    admin, ann = sign_in(app, "Adam", "admin"), sign_in(app, "Ann", "analyst")
    page = admin.get(PAGES).text
    assert page.count(">Prepared letter<") == len(PREPARED)
    place = re.search(r'href="(/staff/settings/templates/\d+)">Not for us<', page)
    assert place
    page = admin.get(place[1]).text
    assert "{bodies}" in page
    assert "Offer it no longer" not in page
    told = {f"{part}-{side}": f"{part} {side}" for part in ("name", "subject", "text") for side in ("en", "zh-hant")}
    do(admin, place[1], seen=1, **{**told, "text-en": "Go there, {reporter}:\n{bodies}"})
    asked = ann.get(f"/staff/reports/{report(app)}/not-for-us").text
    assert 'value="subject en"' in asked
    assert "Go there, Rita:" in asked
    page = do(admin, place[1], seen=2, earlier=1)
    assert "Version 3" in page
    assert "We cannot handle your report" in ann.get(f"/staff/reports/{report(app)}/not-for-us").text
    assert 'value="not_for_us"' not in ann.get(f"/staff/reports/{report(app)}").text


def test_a_template_in_the_letter_of_a_case(app: Flask, seeded: None) -> None:
    ann = sign_in(app, "Ann", "analyst")
    first, second = report(app), report(app, "Lee's", email="lee@shop.example", name="Lee")
    third = report(app, "另一個", email="wong@shop.example", name="Wong", language=Language.ZH_HANT)
    number = open_case(ann, first, others=[second, third])
    path = f"/staff/cases/{number}/write"
    assert (
        '<option value="more_information">Ask for more information</option>' in ann.get(f"/staff/cases/{number}").text
    )
    page = ann.post(path, data={"do": "fill", "template": "more_information", "to": first}).text
    assert "Dear {reporter}," in page, "others may be ticked yet"
    assert "Fill in the blanks: [[what exactly we need to know]]" in page
    assert 'value="We need a little more information"' in page
    check_places(page)
    several = ann.post(
        path, data={"do": "fill", "template": "closing_thanks", "to": [first, second, third], "letter": "Typed by hand"}
    ).text
    assert "Typed by hand\n\nDear {reporter}," in several
    assert f"because they read the other language: {third}" in several
    assert several.count('name="to" type="checkbox"') == 3
    chinese = ann.post(path, data={"do": "fill", "template": "closing_thanks", "to": third, "subject": "My own"}).text
    assert "{reporter}：" in chinese
    assert 'value="My own"' in chinese
    assert "Choose a template" in ann.post(path, data={"do": "fill", "letter": "Typed"}).text
    asked = ann.post(path, data={"do": "fill", "template": "closing_thanks", "letter": "Typed"}).text
    assert "Choose who gets the letter" in asked, "they read two languages"
    assert "checked" not in re.sub(r"(?s).*name=\"to\"", "", asked).partition(">")[0]


def test_a_template_names_to_each_reporter_that_one_alone(app: Flask, seeded: None) -> None:
    ann = sign_in(app, "Ann", "analyst")
    first, second = report(app), report(app, "Lee's", email="lee@shop.example", name="Lee")
    path = f"/staff/cases/{open_case(ann, first, others=[second])}/write"
    page = ann.post(path, data={"do": "fill", "template": "closing_thanks"}).text
    assert not re.search(r'name="to"[^>]* checked', page), "nobody is ticked unasked"
    text = re.search(r'(?s)<textarea[^>]*name="letter"[^>]*>(.*?)</textarea>', page)
    assert text
    words = re.sub(r"\[\[.*?\]\]", "it is gone", unescape(text[1]))
    do(ann, path, do="send", subject="Thanks", letter=words, to=[first, second])
    with app.app_context():
        told = {each.about: each.text for each in session.scalars(select(Letter).where(Letter.name == "case_letter"))}
    assert ("Dear Rita," in told[first], "Dear Lee," in told[second]) == (True, True)
    assert (second in told[first], first in told[second]) == (False, False)


def test_a_blank_holds_the_letter_back_and_nothing_typed_is_lost(app: Flask, seeded: None) -> None:
    ann, number = sign_in(app, "Ann", "analyst"), report(app)
    path = f"/staff/reports/{number}/write"
    page = ann.post(path, data={"do": "fill", "template": "not_enough"}).text
    assert "We cannot act on this yet" in page
    told = {"subject": "About [[what]]", "letter": "A long letter with [[date]] and [[place]]"}
    page = refused(ann, path, do="send", **told)
    assert "Fill in or delete what is still blank: [[date]], [[place]]" in page
    assert "A long letter with" in page
    case = open_case(ann, number)
    page = refused(ann, f"/staff/cases/{case}/write", to=number, **told)
    assert "still blank: [[what]]" in page
    ann.post(f"/staff/cases/{case}/take")
    page = refused(ann, f"/staff/reports/{number}/write", **told)
    look = ann.post(
        f"/staff/reports/{number}/write", data={"do": "look", "subject": "Hello", "letter": "Dear Rita"}
    ).text
    assert "Send 1 letter" in look
    assert "signed" in look
    assert "Dear Rita" in ann.post(path, data={"do": "change", "subject": "Hello", "letter": "Dear Rita"}).text
    assert "in the outbox" in do(ann, path, subject="Hello", letter="Dear Rita", do="send")


def test_a_letter_with_blanks_can_be_looked_at_and_not_sent(app: Flask, seeded: None) -> None:
    ann, number = sign_in(app, "Ann", "analyst"), report(app)
    told = {"subject": "About [[what]]", "letter": "A letter with [[date]]"}
    case = open_case(ann, number)
    for path in (f"/staff/reports/{number}/write", f"/staff/cases/{case}/write"):
        page = ann.post(path, data={"do": "look", "to": number, **told})
        assert page.status_code == 200
        assert "Fill in or delete what is still blank: [[what]], [[date]]" in page.text
        assert page.text.count('<mark class="staff-blank">') == 2
        assert 'value="send"' not in page.text
        assert 'value="later"' not in page.text
        check_places(page.text)
        assert "A letter with [[date]]" in ann.post(path, data={"do": "change", "to": number, **told}).text
        refused(ann, path, do="send", to=number, **told)


def test_who_may_not_be_written_to_because_of_tlp_red_is_said_instead_of_the_form(app: Flask, seeded: None) -> None:
    ann = sign_in(app, "Ann", "analyst")
    first = report(app, telephone="+852 2345 6789")
    second = report(app, "Lee's", email="lee@shop.example", name="Lee")
    path = f"/staff/cases/{open_case(ann, first, others=[second])}"
    assert 'id="letter"' in ann.get(path).text
    page = do(ann, f"{path}/tlp", tlp="TLP:RED")
    assert "TLP:RED never leaves by mail" in page
    assert 'href="tel:+85223456789"' in page
    assert "no telephone number" in page
    assert 'id="letter"' not in page
    assert "What the reporters are told" not in page
    of_report = ann.get(f"/staff/reports/{first}").text
    assert "TLP:RED never leaves by mail" in of_report
    assert 'name="subject"' not in of_report
    page = refused(ann, f"{path}/write", to=first, subject="Hello", letter="Words that took an hour")
    assert page.count("Words that took an hour") == 1
    page = refused(ann, f"/staff/reports/{first}/write", subject="Hello", letter="Words that took an hour")
    assert page.count("Words that took an hour") == 1
    assert "TLP:RED never leaves" not in do(ann, f"{path}/tlp", tlp="TLP:AMBER", why="the source agreed")


def test_of_several_reporters_those_are_written_to_who_may_be(app: Flask, seeded: None) -> None:
    ann, first = sign_in(app, "Ann", "analyst"), report(app)
    second = report(app, "Lee's", email="lee@shop.example", name="Lee")
    path = f"/staff/cases/{open_case(ann, first, others=[second])}"
    other = f"/staff/cases/{open_case(ann, report(app, 'Another'))}"
    do(ann, f"{other}/join", report=second)
    do(ann, f"{other}/tlp", tlp="TLP:RED")
    page = ann.get(path).text
    assert "TLP:RED never leaves by mail" in page
    section = page.partition('id="to"')[2].partition("</fieldset>")[0]
    assert f'value="{first}"' in section
    assert f'value="{second}"' not in section


def test_a_blank_in_the_word_at_the_end_of_a_case_is_said(app: Flask, seeded: None) -> None:
    ann, number = sign_in(app, "Ann", "analyst"), report(app)
    path = f"/staff/cases/{open_case(ann, number)}"
    do(ann, f"{path}/take")
    do(ann, f"{path}/move", verb="triage")
    page = refused(ann, f"{path}/move", verb="dismiss", outcome="duplicate", letter="Gone on [[day]]")
    assert "The letter still has blanks: [[day]]." in page
    assert "Gone on [[day]]" in page
