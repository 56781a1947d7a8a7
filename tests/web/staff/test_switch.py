"""The switch of the language on a page that answered a form."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from cert_portal.core.db import session
from cert_portal.core.mail.outbox import Letter
from tests.web.staff.desk import open_case, report


def switch(client: FlaskClient, page: str) -> TestResponse:
    """Press the button of the other language, and go where it leads."""
    form = page.partition("/staff/account/language")[2].partition("</form>")[0]
    place = "/staff/account/language" + html.unescape(form.partition('"')[0])
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    told = MultiDict([(name, html.unescape(value)) for name, value in fields])
    answer = client.post(place, data=told)
    return client.post(answer.location, data=told) if answer.status_code == 307 else client.get(answer.location)


def test_a_look_is_taken_again_in_the_other_language(app: Flask, ann: FlaskClient) -> None:
    reports = [report(app, f"words of {n}") for n in range(2)]
    cases = [open_case(ann, each) for each in reports]
    waits = report(app, "one more")
    letter = {"to": reports[0], "subject": "About it", "letter": 'Say "no", & wait', "do": "look"}
    looks: Mapping[str, Mapping[str, Any]] = {
        "/staff/cases/bulk": {"act": "tag", "tag": "wave", "numbers": cases},
        "/staff/reports/bulk": {"act": "refuse", "numbers": [waits]},
        "/staff/reports/bulk/do": {"act": "refuse", "numbers": [waits], "reason": "test", "tell": "y"},
        f"/staff/cases/{cases[0]}/write": letter,
    }
    for place, told in looks.items():
        page = ann.post(place, data=told).text
        for tag in ("zh-Hant-HK", "en"):
            again = switch(ann, page)
            page = again.text
            assert (again.status_code, again.request.path) == (200, place)
            assert f'<html lang="{tag}"' in page
        assert all(f'value="{each}"' in page for each in told.get("numbers", [])), "what was chosen is still chosen"
    assert "Say &#34;no&#34;, &amp; wait" in page
    with app.app_context():
        assert session.query(Letter).filter(Letter.name == "case_letter").count() == 0


def test_from_a_refusal_the_switch_leads_to_the_page_of_the_form(app: Flask, ann: FlaskClient) -> None:
    case = open_case(ann, report(app))
    pages = {
        f"/staff/cases/{case}/link": ({"other": "x"}, f"/staff/cases/{case}"),
        f"/staff/cases/{case}/write": ({"do": "look"}, f"/staff/cases/{case}"),
        "/staff/cases/bulk": ({"act": "tag"}, "/staff/cases"),
        "/staff/reports/bulk": ({"act": "refuse"}, "/staff/"),
    }
    for place, (told, leads_to) in pages.items():
        page = ann.post(place, data=told)
        assert page.status_code == 422, place
        answer = switch(ann, page.text)
        assert (answer.status_code, answer.request.path) == (200, leads_to), place


def test_from_a_refusal_the_switch_leads_to_the_list_with_what_was_asked(app: Flask, ann: FlaskClient) -> None:
    open_case(ann, report(app))
    query = {"q": "kind:phishing 包裹", "sort": "oldest"}
    of_list = {"list": "team", "told": "kind:phishing", "sort": "oldest", "name": ""}
    asked: Sequence[tuple[str, Mapping[str, str], str, Mapping[str, str]]] = (
        ("searches", {**query, "name": ""}, "cases", query),
        ("searches", {**of_list, "q": "is:open kind:phishing"}, "queue/team", {"q": "kind:phishing", "sort": "oldest"}),
        ("searches", {"q": "channel:email", "view": "triage", "name": ""}, "", {"q": "channel:email"}),
        (
            "searches",
            {"q": "channel:email", "view": "quarantined", "name": ""},
            "queue/quarantined",
            {"q": "channel:email"},
        ),
        ("cases/bulk", {"q": "is:open kind:phishing", "act": "tag"}, "cases", {"q": "is:open kind:phishing"}),
        ("reports/bulk", {"q": "channel:email", "act": "refuse"}, "", {"q": "channel:email"}),
    )
    for place, told, path, kept in asked:
        page = ann.post(f"/staff/{place}", data=told)
        assert page.status_code == 422, (place, told)
        answer = switch(ann, page.text)
        assert (answer.request.path, dict(answer.request.args)) == (f"/staff/{path}", kept)


def test_a_list_keeps_what_was_asked_of_it(app: Flask, ann: FlaskClient) -> None:
    page = ann.get("/staff/queue/team?q=kind:phishing+包裹&sort=oldest")
    answer = switch(ann, page.text)
    assert (answer.request.path, dict(answer.request.args)) == (
        "/staff/queue/team",
        {"q": "kind:phishing 包裹", "sort": "oldest"},
    )
