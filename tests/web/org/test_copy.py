"""Central, common systems: what they are to an organisation, and the copy to the unit that supervises them (004-12)."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from cert_portal import cli as commands
from cert_portal.core.db import session, start_writing
from cert_portal.core.events import Event
from cert_portal.core.mail import exercise
from cert_portal.core.mail.outbox import Letter
from cert_portal.directory import contacts, organisations
from cert_portal.directory.contacts import ContactTold
from cert_portal.directory.organisations import OrganisationTold
from cert_portal.directory.parties import Contact
from cert_portal.intake import exercises
from tests.web.org.agency import NOW, Body, body, fill, hand_in
from tests.web.staff.desk import sign_in

HEAD = "organisation,system,importance,supervisor\n"


@pytest.fixture
def harbour(app: Flask, tmp_path: Path) -> Body:
    """An organisation whose land register is a common system under a supervising unit."""
    made = body(app)
    with app.app_context():
        start_writing()
        unit = organisations.add(OrganisationTold("government", "Lands Bureau", "地政局"), "system")
        contacts.add(unit, ContactTold(email="duty@lands.example", role="security", languages=["zh-hant"]), "system")
        session.commit()
    assert mark(app, tmp_path, "Harbour Board,land,cii,Lands Bureau\n").startswith("1 line: 1 changed.")
    return made


def mark(app: Flask, folder: Path, rows: str) -> str:
    file = folder / "systems.csv"
    file.write_text(HEAD + rows, "utf-8")
    start_writing()
    return str(app.test_cli_runner().invoke(commands.cli, ["directory", "systems", str(file)]).output)


def copies(app: Flask) -> list[Letter]:
    with app.app_context():
        return session.query(Letter).filter_by(name="agency_copy").all()


def copied(app: Flask) -> list[dict[str, object]]:
    with app.app_context():
        return [each.data for each in session.query(Event).filter_by(kind="agency.copied")]


def test_the_draft_shows_the_copy_and_sending_posts_it_once(app: Flask, harbour: Body) -> None:
    made = fill(harbour.coordinator, NOW)
    page = harbour.coordinator.get(f"/org/reports/{made}/check").text
    assert "Copy to: Lands Bureau" in page
    assert "critical information infrastructure" in page
    assert "It is asked for support" in page
    assert copies(app) == []
    hand_in(harbour.coordinator, made)
    hand_in(harbour.coordinator, made)
    [letter] = copies(app)
    assert (letter.recipient, letter.language) == ("duty@lands.example", "zh-hant")
    for words in ("Harbour Board", "第 3 級", "要求支援：Somebody who can read the logs", "Hana"):
        assert words in letter.text, words
    assert "wrong owners" not in letter.text, "what happened is not told in clear"
    assert [each["letter"] for each in copied(app)] == [letter.id]


def test_a_unit_has_its_copy_sent_by_the_coordinator(app: Flask, harbour: Body) -> None:
    made = fill(harbour.unit, NOW, support="inform", support_what="")
    assert "It is asked for support" not in harbour.unit.get(f"/org/reports/{made}/check").text
    hand_in(harbour.unit, made)
    assert copies(app) == []
    harbour.coordinator.post(f"/org/reports/{made}/pass-up")
    assert "僅作通報" in copies(app)[0].text


def test_the_copy_in_english(app: Flask, harbour: Body) -> None:
    with app.app_context():
        start_writing()
        session.query(Contact).filter_by(email="duty@lands.example").one().languages = ["en", "zh-hant"]
        session.commit()
    made = fill(harbour.coordinator, NOW)
    hand_in(harbour.coordinator, made)
    [letter] = copies(app)
    assert letter.subject.endswith("For your information: incident at Harbour Board")
    for words in (
        "Land registration",
        "Level by the answers: 3",
        "asks for support: Somebody",
        "you supervise it".capitalize(),
    ):
        assert words in letter.text, words
    shown = sign_in(app, "Ann", "analyst").get(f"/staff/reports/{letter.about}").text
    assert "Copy to the supervising unit" in shown
    assert "critical information infrastructure" in shown


def test_what_must_be_encrypted_and_cannot_does_not_leave(app: Flask, harbour: Body) -> None:
    with app.app_context():
        start_writing()
        contact = session.query(Contact).filter_by(email="duty@lands.example").one()
        contact.must_encrypt, contact.languages = True, ["en"]
        session.commit()
    hand_in(harbour.coordinator, fill(harbour.coordinator, NOW))
    assert copies(app) == []
    assert [each["letter"] for each in copied(app)] == [None]


def test_without_a_supervisor_there_is_no_copy(app: Flask, harbour: Body, tmp_path: Path) -> None:
    assert "1 changed" in mark(app, tmp_path, "Harbour Board,land,core,\n")
    assert "0 changed" in mark(app, tmp_path, "Harbour Board,land,core,\n")
    made = fill(harbour.coordinator, NOW)
    page = harbour.coordinator.get(f"/org/reports/{made}/check").text
    assert ("Copy to" in page, "marked as" in page) == (False, True)
    hand_in(harbour.coordinator, made)
    assert (copies(app), copied(app)) == ([], [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Nobody,land,core,", "line 2: no such organisation"),
        ("Harbour Board,land,core,Nobody", "line 2: no such organisation"),
        ("Harbour Board,castle,core,", "line 2: no such system or importance"),
        ("Harbour Board,land,vital,", "line 2: no such system or importance"),
    ],
)
def test_a_wrong_line_stores_nothing(app: Flask, harbour: Body, tmp_path: Path, row: str, said: str) -> None:
    told = mark(app, tmp_path, f"Harbour Board,accounting,core,\n{row}\n".replace("line 2", "line 3"))
    assert said.replace("line 2", "line 3") in told
    assert "nothing was stored" in told
    assert "1 changed" in mark(app, tmp_path, "Harbour Board,accounting,core,\n")


def test_an_exercise_sends_no_copy_to_an_address_that_is_not_registered(app: Flask, harbour: Body) -> None:
    start_writing()
    with app.app_context():
        exercise.add("hana@harbour.example", "", "system")
        exercises.begin("Spring", "system")
        session.commit()
    hand_in(harbour.coordinator, fill(harbour.coordinator, NOW))
    assert copies(app) == []
    assert [each["letter"] for each in copied(app)] == [None]
