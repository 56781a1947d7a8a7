"""Letters that leave later, on the pages of the case."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.i18n import Language
from tests.web.staff.desk import NOW, check_places, do, open_case, refused, report, sign_in

WORDS = {"subject": "Hello", "letter": "Dear {reporter}"}


@pytest.fixture
def ann(app: Flask) -> FlaskClient:
    """An analyst on a Monday at 10:00."""
    with clock.turned_to(NOW):
        return sign_in(app, "Ann", "analyst")


def test_a_letter_is_dated_seen_changed_and_cancelled(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        first, second = report(app), report(app, "Lee's", email="lee@shop.example")
        number = open_case(ann, first, others=[second])
        path = f"/staff/cases/{number}"
        assert "Next working morning · 5 May 2026 09:00 (HKT)" in ann.get(path).text
        both = {"when": "in_a_week", "leaves_at": "2026-05-06T10:00"}
        assert "not both" in refused(ann, f"{path}/write", do="later", to=first, **both, **WORDS)
        page = do(ann, f"{path}/write", do="later", to=[first, second], when="next_morning", **WORDS)
        assert "2 letters will leave at 5 May 2026 09:00 (HKT)" in page
        assert page.count('<li class="staff-planned">') == 2
        assert "Letter dated for later" in page
        planned = re.findall(rf"{path}/planned/(\d+)", page)[0]
        page = ann.get(f"{path}/planned/{planned}").text
        assert 'value="2026-05-05T09:00"' in page
        check_places(page)
        page = do(ann, f"{path}/planned/{planned}", **{**WORDS, "when": "in_a_week", "leaves_at": "2026-05-05T09:00"})
        assert "11 May 2026 09:00 (HKT)" in page
        told = {"subject": "Hello again", "letter": "Dear Rita", "leaves_at": "2026-05-06T15:30"}
        page = do(ann, f"{path}/planned/{planned}", **told)
        assert "6 May 2026 15:30 (HKT)" in page
        assert "must lie in the future" in refused(
            ann, f"{path}/planned/{planned}", **{**told, "leaves_at": "2026-05-01T09:00"}
        )
        assert "[[what]]" in refused(ann, f"{path}/planned/{planned}", **{**told, "letter": "A [[what]]"})
        page = do(ann, f"{path}/planned/{planned}/cancel")
        assert "The letter will not leave." in page
        assert page.count('<li class="staff-planned">') == 1
        assert ann.post(f"{path}/planned/{planned}/cancel").status_code == 404
        assert ann.get(f"{path}/planned/{planned}").status_code == 404


def test_a_letter_from_a_report_is_dated_seen_changed_and_cancelled(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        number = report(app)
        path = f"/staff/reports/{number}"
        assert "Next working morning · 5 May 2026 09:00 (HKT)" in ann.get(path).text
        look = ann.post(f"{path}/write", data={"do": "look", "when": "in_a_week", **WORDS}).text
        assert re.search(r'value="later"[^>]*>Send it later', look)
        assert "Choose when the letter leaves" in refused(ann, f"{path}/write", do="later", **WORDS)
        page = do(ann, f"{path}/write", do="later", when="next_morning", wants_answer="y", **WORDS)
        assert "The letter will leave at 5 May 2026 09:00 (HKT)" in page
        assert "Letter dated for later" in page
        assert f'href="{path}/planned/1"' in page
        page = ann.get(f"{path}/planned/1").text
        assert 'value="2026-05-05T09:00"' in page
        assert f'href="{path}">{number}</a>' in page
        check_places(page)
        page = do(ann, f"{path}/planned/1", **WORDS, when="in_a_week")
        assert "11 May 2026 09:00 (HKT)" in page
        case = open_case(ann, number)
        page = ann.get(f"/staff/cases/{case}").text
        assert f'href="{path}/planned/1"' in page, "the case shows it, too"
        assert ann.get(f"/staff/cases/{case}/planned/1").status_code == 404
        page = do(ann, f"{path}/planned/1/cancel")
        assert "The letter will not leave." in page
        assert '<li class="staff-planned">' not in page
        assert ann.get(f"{path}/planned/1").status_code == 404


@pytest.mark.parametrize("of_case", [True, False])
def test_a_letter_for_later_is_sent_at_once(app: Flask, ann: FlaskClient, of_case: bool) -> None:
    with clock.turned_to(NOW):
        number = report(app)
        path = f"/staff/cases/{open_case(ann, number)}" if of_case else f"/staff/reports/{number}"
        do(ann, f"{path}/write", do="later", to=number, when="next_morning", **WORDS)
        assert "[[who]]" in refused(ann, f"{path}/planned/1", subject="Hello", letter="Dear [[who]]", do="send")
        page = do(ann, f"{path}/planned/1", subject="Hello", letter="Dear Rita, at once", do="send")
        assert "The letter is in the outbox." in page
        assert "Dear Rita, at once" in page
        assert '<li class="staff-planned">' not in page
        page = refused(ann, f"{path}/planned/1", do="send", **WORDS)
        assert "The letter left or was cancelled meanwhile" in page


def test_what_hinders_a_letter_is_said_when_it_is_sent_at_once(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        first, second = report(app), report(app, "Lee's", email="lee@shop.example")
        number = open_case(ann, first, others=[second])
        do(ann, f"/staff/cases/{number}/write", do="later", to=second, when="in_a_week", **WORDS)
        ann.post(f"/staff/cases/{number}/split", data={"reports": second, "title": "x", "kind": "phishing"})
        path = f"/staff/cases/{number}/planned/1"
        assert "the report belongs to the case no longer" in refused(ann, path, **WORDS, do="send")
        do(ann, f"/staff/cases/{number}/tlp", tlp="TLP:RED")
        assert "TLP:RED never leaves by mail" in refused(ann, path, **WORDS, do="send")


def test_what_became_red_is_told_before_the_letter_is_stopped(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        number = report(app)
        path = f"/staff/cases/{open_case(ann, number)}"
        assert '">Waits<' in do(ann, f"{path}/write", do="later", to=number, when="next_morning", **WORDS)
        page = do(ann, f"{path}/tlp", tlp="TLP:RED")
        for shown in (page, ann.get(f"/staff/reports/{number}").text):
            assert ('">Waits<' in shown, '">Will not leave<' in shown) == (False, True)
            assert "the case or the report became TLP:RED" in shown


def test_what_is_red_is_not_dated_on_a_report_either(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        number = report(app)
        do(ann, f"/staff/reports/{number}/write", do="later", when="next_morning", **WORDS)
        do(ann, f"/staff/cases/{open_case(ann, number)}/tlp", tlp="TLP:RED")
        path = f"/staff/reports/{number}"
        page = refused(ann, f"{path}/write", do="later", when="next_morning", **WORDS)
        assert "TLP:RED never leaves by mail" in page
        assert "Dear {reporter}" in page, "what was typed is kept"
        for act in ({"do": "send"}, {"when": "in_a_week"}):
            assert "TLP:RED never leaves by mail" in refused(ann, f"{path}/planned/1", **WORDS, **act)


@pytest.mark.parametrize("of_case", [True, False])
def test_two_who_change_one_letter_see_each_others_words(app: Flask, ann: FlaskClient, of_case: bool) -> None:
    with clock.turned_to(NOW):
        bob = sign_in(app, "Bob", "analyst")
        first = report(app)
        path = f"/staff/cases/{open_case(ann, first)}" if of_case else f"/staff/reports/{first}"
        do(ann, f"{path}/write", do="later", to=first, when="next_morning", **WORDS)
        seen = re.findall(r'name="seen" value="([^"]+)"', ann.get(f"{path}/planned/1").text)[0]
    told = {"subject": "Hello", "when": "next_morning", "seen": seen}
    with clock.turned_to(NOW + timedelta(minutes=1)):
        do(bob, f"{path}/planned/1", **told, letter="Words of Bob")
        page = refused(ann, f"{path}/planned/1", **told, letter="Words of Ann")
        assert "Somebody changed the letter while you were writing" in page
        assert "Words of Bob" in page.partition('id="meanwhile"')[2].partition("<form")[0]
        assert "Words of Ann" in page.partition('id="meanwhile"')[2].partition("<form")[2]
        again = re.findall(r'name="seen" value="([^"]+)"', page)[0]
        do(ann, f"{path}/planned/1", **{**told, "seen": again}, letter="Words of Ann")
        assert "Words of Ann" in bob.get(f"{path}/planned/1").text


def test_a_time_is_needed_and_nothing_typed_is_lost(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        number = report(app)
        path = f"/staff/cases/{open_case(ann, number)}/write"
        for wrong, why in (
            ({}, "Choose when the letter leaves"),
            ({"leaves_at": "soon"}, "Enter a day and a time like 2026-05-04 09:00"),
            ({"leaves_at": "0001-01-01T00:00"}, "of a year between 1990 and 2200"),
            ({"leaves_at": "2026-05-04T09:59"}, "must lie in the future"),
            ({"leaves_at": "2027-06-04T09:59"}, "within a year"),
        ):
            page = refused(ann, path, do="later", to=number, **WORDS, **wrong)
            assert why in page
            assert "Dear {reporter}" in page
        look = ann.post(path, data={"do": "look", "to": number, "leaves_at": "2026-05-05T09:00", **WORDS}).text
        assert "Dear Rita" in look
        assert re.search(r'value="later"[^>]*>Send it later', look)
        assert 'name="leaves_at" value="2026-05-05T09:00"' in look


def test_nobody_finds_the_letter_of_a_case_that_is_hidden(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        number = report(app)
        case = open_case(ann, number, restricted="y")
        do(ann, f"/staff/cases/{case}/write", do="later", to=number, when="in_a_week", **WORDS)
        do(ann, f"/staff/reports/{number}/write", do="later", when="in_a_week", **WORDS)
        bob = sign_in(app, "Bob", "analyst")
        for path in (f"/staff/cases/{case}", f"/staff/reports/{number}"):
            for method, place in (
                *(("GET", "planned/1"), ("POST", "planned/1"), ("POST", "planned/1/cancel")),
                *(("GET", "planned/2"), ("POST", "planned/2"), ("POST", "planned/2/cancel")),
                *(("POST", "unsent/letter"), ("POST", "unsent/letter/discard"), ("GET", "writers"), ("POST", "write")),
            ):
                assert bob.open(f"{path}/{place}", method=method).status_code == 404


def test_a_letter_for_later_is_looked_at_as_it_will_leave(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        first = report(app)
        path = f"/staff/cases/{open_case(ann, first)}"
        do(ann, f"{path}/write", do="later", to=first, when="next_morning", **WORDS)
        planned = f"{path}/planned/1"
        page = ann.get(planned).text
        assert "Dear Rita" in page, "the facts are put in"
        assert "rita@victim.example" in page
        seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
        told = {
            "subject": "Hello",
            "letter": "Dear {reporter}, [[when]]",
            "leaves_at": "2026-05-06T15:30",
            "seen": seen,
        }
        look = ann.post(planned, data={"do": "look", **told})
        assert look.status_code == 200
        assert '<mark class="staff-blank">[[when]]</mark>' in look.text
        assert ("2026-05-06T15:30" in look.text, f'value="{seen}"' in look.text) == (True, True)
        assert "Dear Rita, " not in ann.get(planned).text, "nothing was kept"
        check_places(look.text)
        ann.post(f"{path}/tlp", data={"tlp": "TLP:RED", "why": "x"})
        assert "TLP:RED" in ann.get(planned).text.partition('id="look"')[2]


def test_all_who_read_a_language_are_written_to_once_each(app: Flask, ann: FlaskClient) -> None:
    with clock.turned_to(NOW):
        told = [("rita@a.example", Language.EN), ("dora@a.example", Language.EN), ("dora@a.example", Language.EN)]
        told.append(("lee@a.example", Language.ZH_HANT))
        numbers = [report(app, f"Page {n}", email=to, language=spoken) for n, (to, spoken) in enumerate(told)]
        path = f"/staff/cases/{open_case(ann, numbers[0], others=numbers[1:])}"
        page = ann.get(path).text
        assert "All who read English (2 addresses)" in page
        assert "All who read Chinese (1 address)" in page
        assert "Who reported twice gets a letter for each report" in page
        look = ann.post(f"{path}/write", data={"do": "look", "every": "en", **WORDS}).text
        assert "2 letters, as they will leave" in look
        assert re.findall(r'name="to" value="([^"]+)"', look) == [numbers[0], numbers[2]]
        page = do(ann, f"{path}/write", every=["en", "zh-hant"], to=numbers[0], **WORDS)
        assert "3 letters are in the outbox." in page


def test_the_list_shows_the_subject_as_it_will_leave(app: Flask, ann: FlaskClient) -> None:
    number = open_case(ann, told := report(app))
    letter = {"subject": "About {number}", "letter": "Dear {reporter}"}
    do(ann, f"/staff/cases/{number}/write", do="later", to=told, when="next_morning", **letter)
    page = ann.get(f"/staff/cases/{number}").text
    assert f"About {number}</a>" in page
    assert "{number}" not in page
