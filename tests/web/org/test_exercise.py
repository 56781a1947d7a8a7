"""An exercise inside a member organisation reaches those alone who take part."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from cert_portal.core.db import session, start_writing
from cert_portal.core.mail import exercise
from cert_portal.core.mail.outbox import Letter
from cert_portal.intake import exercises
from tests.web.org.agency import NOW, body, fill, hand_in


def register(app: Flask, address: str) -> None:
    start_writing()
    with app.app_context():
        exercise.add(address, "", "system")
        session.commit()


def letters(app: Flask) -> list[tuple[str, bool]]:
    """To whom something waits, and whether the letter is marked."""
    with app.app_context():
        rows = session.execute(select(Letter.recipient, Letter.drill).where(Letter.name == "agency_waiting"))
        return [(recipient, drill) for recipient, drill in rows]


def test_letters_of_an_exercise_go_to_registered_people_and_are_marked(app: Flask) -> None:
    harbour = body(app)
    start_writing()
    with app.app_context():
        exercises.begin("Spring", "system")
        session.commit()
    register(app, "harbour-survey@portal.example")
    hand_in(harbour.unit, fill(harbour.unit, NOW))
    assert letters(app) == []
    register(app, "harbour-head@portal.example")
    hand_in(harbour.unit, fill(harbour.unit, NOW))
    assert letters(app) == [("harbour-head@portal.example", True)]
    hand_in(harbour.other_unit, fill(harbour.other_unit, NOW))
    assert letters(app)[1:] == [("harbour-head@portal.example", False)], "who takes no part, reports in earnest"
