"""The timeline of a case on its page: names of lines that stay, groups, late notes, and lines put right by others."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cert_portal.core import clock
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import Event
from cert_portal.intake import status
from cert_portal.intake.models import Report
from cert_portal.intake.submission import Channel
from tests.web.staff.desk import NOW, check_places, do, open_case, refused, report


@pytest.fixture
def path(app: Flask, ann: FlaskClient) -> str:
    with clock.turned_to(NOW):
        return f"/staff/cases/{open_case(ann, report(app))}"


def lines(page: str) -> dict[str, str]:
    """The lines of the timeline by their names."""
    line = page.partition('<ol class="staff-line">')[2].partition("</ol>")[0]
    found = [re.match(r'(\w+)" class="staff-line__item[^"]*">(.*)', each, re.DOTALL) for each in line.split('<li id="')]
    return {each[1]: " ".join(re.sub("<[^>]+>", " ", each[2]).split()) for each in found if each}


def test_a_line_keeps_its_name_when_others_come_before_it(ann: FlaskClient, path: str) -> None:
    page = do(ann, f"{path}/note", note="Called the bank")
    name = next(key for key, told in lines(page).items() if "Called the bank" in told)
    assert f'href="#{name}"' in page
    page = do(ann, f"{path}/note", note="The first call", happened="2026-05-04T09:00")
    found = list(lines(page).items())
    assert "Called the bank" in dict(found)[name]
    order = [told for _key, told in found if "The first call" in told or "Called the bank" in told]
    assert ["The first call" in each for each in order] == [True, False]
    assert re.search(r"4 May 2026 09:00 \(HKT\) \(written down [^)]+\(HKT\)\s*\) · Ann", order[0])


def test_what_has_not_happened_yet_is_no_note(ann: FlaskClient, path: str) -> None:
    later = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    page = refused(ann, f"{path}/note", note="I shall have called", happened=later)
    assert "This time has not come yet" in page
    assert "I shall have called" in page
    assert f'value="{later}"' in page
    page = refused(ann, f"{path}/note", note="x", happened="yesterday")
    assert "Enter the day and the time" in page


def test_a_line_is_put_right_by_a_new_one_and_stays(app: Flask, ann: FlaskClient, path: str) -> None:
    page = do(ann, f"{path}/note", note="The server is 192.0.2.7")
    name = next(key for key, told in lines(page).items() if "192.0.2.7" in told)
    form = ann.get(f"{path}?line={name}").text
    check_places(form)
    assert "Put a line right" in form
    assert f'<input type="hidden" name="line" value="{name}">' in form
    page = refused(ann, f"{path}/note", note="", line=name)
    assert f'name="line" value="{name}"' in page, "what it puts right is not forgotten"
    page = do(ann, f"{path}/note", note="It is 192.0.2.8", line=name)
    found = lines(page)
    assert "The server is 192.0.2.7" in found[name]
    assert "Put right below" in found[name]
    new = next(key for key, told in found.items() if "192.0.2.8" in told)
    assert "The line that this puts right" in found[new]
    assert f'<a class="govuk-link" href="#{name}">' in page
    with app.app_context():
        assert session.get_one(Event, int(name[1:])).text == "The server is 192.0.2.7"
    assert "There is no such line" in refused(ann, f"{path}/note", note="x", line="e999999")


def test_only_the_lines_of_a_group_are_shown(ann: FlaskClient, path: str) -> None:
    do(ann, f"{path}/note", note="Between us")
    number = re.search(r"R26-\d+-\d", ann.get(path).text)
    assert number
    do(ann, f"{path}/write", to=number[0], subject="Please", letter="Send the mail")
    every = lines(ann.get(path).text)
    groups = {name: lines(ann.get(f"{path}?lines={name}").text) for name in ("notes", "letters", "outside", "steps")}
    assert [told for told in groups["notes"].values() if "Between us" not in told] == []
    assert len(groups["notes"]) == 1
    assert all(key.startswith("l") for key in groups["letters"])
    assert any("Send the mail" in told for told in groups["letters"].values())
    assert groups["outside"]
    assert sum(len(each) for each in groups.values()) == len(every)
    assert set().union(*groups.values()) == set(every)
    assert lines(ann.get(f"{path}?lines=nonsense").text) == every
    assert 'aria-current="true"' in ann.get(f"{path}?lines=notes").text


def test_signs_that_turn_the_direction_are_named_in_notes_and_in_what_came(app: Flask, ann: FlaskClient) -> None:
    number = report(app, "\u202e付款給此帳戶 https://bad.example", name="R\u2066ita")
    page = ann.get(f"/staff/reports/{number}").text
    assert '<div class="staff-original" tabindex="0" lang="zh-Hant-HK">[U+202E]付款給此帳戶' in page
    with app.app_context():
        start_writing()
        status.add(session.query(Report).one(), Channel.WEB, "more \u202e words", [])
        session.commit()
    case = open_case(ann, number)
    path = f"/staff/cases/{case}"
    page = do(ann, f"{path}/note", note="\u202e abc @Ann look")
    assert '[U+202E] abc <mark class="staff-mention">@Ann</mark> look' in page
    assert "more [U+202E] words" in page
    do(ann, f"{path}/write", to=number, subject="Hello", letter="Pay \u202e now")
    for each in (path, f"/staff/reports/{number}"):
        page = ann.get(each).text
        assert "Pay [U+202E] now" in page
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
